import { usePersonView } from '@liaison/core/web';
import { PersonChip, SidePane } from '@liaison/ui';
import { useTranslation } from 'react-i18next';
import type { Conversation } from '../../contract/index.ts';
import classes from '../chat.module.css';
import { knownView, usePeople } from '../state/people.ts';

/** More than this are counted, not drawn. */
const maxDrawn = 300;

/** Who is in the conversation, by name. */
export function MembersPane({ conversation }: { conversation: Conversation }) {
  const { t } = useTranslation('chat');
  const names = usePeople(conversation.memberIds);
  const people = [...names.values()].sort((a, b) => a.name.localeCompare(b.name));
  const shown = people.slice(0, maxDrawn);
  const rest = conversation.memberCount - shown.length;
  return (
    <SidePane title={t('header.members')} meta={t('members', { count: conversation.memberCount })}>
      <div className={classes.members}>
        {shown.map((person) => (
          <Member key={person.id} id={person.id} known={knownView(person)} />
        ))}
        {rest > 0 && people.length > 0 ? (
          <p className={classes.none}>{t('header.rest', { count: rest })}</p>
        ) : null}
      </div>
    </SidePane>
  );
}

function Member({ id, known }: { id: string; known: ReturnType<typeof knownView> }) {
  const person = usePersonView(id, known);
  return person ? <PersonChip person={person} /> : null;
}
