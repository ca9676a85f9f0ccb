import { type PaletteSource, useFormat, usePersonView, useSession } from '@liaison/core/web';
import { foldText } from '@liaison/people';
import { Face, type PaletteRow, PersonFace } from '@liaison/ui';
import { IconUsersGroup } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Conversation } from '../contract/index.ts';
import { chatPath, useGo } from './go.ts';
import { useConversations } from './state/chat-provider.tsx';
import { otherIn } from './state/names.ts';
import { usePeople } from './state/people.ts';

/** Conversations by the team's or the person's name; the newest ones while nothing is typed. */
export const conversationSource: PaletteSource = {
  name: 'chat.conversations',
  order: 40,
  useResults(query) {
    const { t } = useTranslation('chat');
    const format = useFormat();
    const go = useGo();
    const { personId } = useSession();
    const { data = [] } = useConversations();
    const people = usePeople(data.flatMap((each) => otherIn(each, personId) ?? []));
    const wanted = foldText(query);
    const rows: PaletteRow[] = [];
    for (const each of data) {
      const other = otherIn(each, personId);
      const name = each.kind === 'team' ? each.title : (other && people.get(other)?.name) || '';
      if (name === '' || !foldText(name).includes(wanted)) continue;
      rows.push({
        id: `chat:${each.id}`,
        face: <ConversationFace conversation={each} name={name} />,
        title: name,
        second: each.last?.deleted ? t('message.deleted') : each.last?.excerpt,
        state: each.last ? format.row(each.last.sentAt) : undefined,
        verbs: [{ id: 'open', label: t('palette.open'), onSelect: () => go(chatPath(each.id)) }],
      });
      if (rows.length >= (query === '' ? 4 : 6)) break;
    }
    return rows.length === 0 ? null : { id: 'chat', title: t('palette.conversations'), rows };
  },
};

function ConversationFace({ conversation, name }: { conversation: Conversation; name: string }) {
  const { personId } = useSession();
  const other = otherIn(conversation, personId);
  if (!other) {
    return <Face name={name} id={conversation.id} square icon={<IconUsersGroup size={19} />} />;
  }
  return <DirectFace personId={other} name={name} />;
}

function DirectFace({ personId, name }: { personId: string; name: string }) {
  const person = usePersonView(personId, { name });
  return person ? <PersonFace person={person} /> : <Face name={name} id={personId} />;
}

/** Waits until the typing pauses: each letter would be a search of all messages. */
export function useSettled<Value>(value: Value, afterMs: number): Value {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), afterMs);
    return () => clearTimeout(timer);
  }, [value, afterMs]);
  return settled;
}
