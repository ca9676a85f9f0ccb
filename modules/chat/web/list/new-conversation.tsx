import { api, useApi, usePersonView, useProblemText, useSession } from '@liaison/core/web';
import { createTeam, listPeople, type PersonSummary } from '@liaison/people';
import {
  Button,
  Checkbox,
  Dialog,
  ErrorNote,
  Face,
  PersonFace,
  PersonState,
  Row,
  Rows,
  Segments,
  TextInput,
} from '@liaison/ui';
import { IconSearch } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { listConversations } from '../../contract/index.ts';
import classes from '../chat.module.css';
import { chatPath, useGo } from '../go.ts';
import { useSettled } from '../palette.tsx';
import { usePutConversation } from '../state/chat-provider.tsx';
import { knownView } from '../state/people.ts';
import { useOpenDirect } from '../verbs.ts';

/** Begins a conversation: with one person, or with a new team. */
export function NewConversation({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('chat');
  const [kind, setKind] = useState<'person' | 'team'>('person');
  return (
    <Dialog opened onClose={onClose} title={t('new.title')}>
      <Segments<'person' | 'team'>
        label={t('new.title')}
        value={kind}
        onChange={setKind}
        items={[
          { id: 'person', label: t('new.person') },
          { id: 'team', label: t('new.team') },
        ]}
      />
      {kind === 'person' ? <OnePerson onClose={onClose} /> : <NewTeam onClose={onClose} />}
    </Dialog>
  );
}

function usePeopleFound(text: string): readonly PersonSummary[] | undefined {
  const me = useSession().personId;
  const settled = useSettled(text.trim(), 150);
  const { data } = useApi(
    listPeople,
    { query: { limit: 50, ...(settled === '' ? {} : { text: settled }) } },
    { keepLast: true },
  );
  return data?.rows.filter((person) => person.id !== me && person.status !== 'suspended');
}

function OnePerson({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('chat');
  const [text, setText] = useState('');
  const found = usePeopleFound(text);
  const open = useOpenDirect();
  const choose = (person: PersonSummary | undefined): void => {
    if (!person) return;
    onClose();
    void open(person.id);
  };
  return (
    <div className={classes.choose}>
      <TextInput
        data-autofocus
        aria-label={t('new.find')}
        placeholder={t('new.find')}
        leftSection={<IconSearch size={16} />}
        value={text}
        maxLength={100}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || event.nativeEvent.isComposing) return;
          // The focus goes back to the button that opened this, which must not take the same key for a press.
          event.preventDefault();
          if (text.trim() !== '') choose(found?.[0]);
        }}
      />
      <div className={classes.choices}>
        <Rows label={t('new.find')}>
          {found?.map((person) => (
            <PersonChoice key={person.id} person={person} onChoose={() => choose(person)} />
          ))}
        </Rows>
        {found?.length === 0 ? <p className={classes.none}>{t('new.nobody')}</p> : null}
      </div>
    </div>
  );
}

function PersonChoice({ person, onChoose }: { person: PersonSummary; onChoose: () => void }) {
  const view = usePersonView(person.id, knownView(person)) ?? { id: person.id, name: person.name };
  const place = [person.title, person.office].filter(Boolean).join(', ');
  return (
    <Row
      onClick={onChoose}
      face={<PersonFace person={view} />}
      name={view.name}
      second={view.reach ? <PersonState person={view} /> : place || person.address}
    />
  );
}

function NewTeam({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('chat');
  const problem = useProblemText();
  const go = useGo();
  const put = usePutConversation();
  const [name, setName] = useState('');
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState<ReadonlyMap<string, PersonSummary>>(new Map());
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const found = usePeopleFound(text);
  const toggle = (person: PersonSummary): void => {
    const next = new Map(chosen);
    if (!next.delete(person.id)) next.set(person.id, person);
    setChosen(next);
  };
  const create = async (): Promise<void> => {
    if (name.trim() === '' || busy) return;
    setBusy(true);
    setError(null);
    try {
      const team = await api(createTeam, {
        body: { kind: 'team', name: name.trim(), memberIds: [...chosen.keys()] },
      });
      const conversation = await conversationOf(team.id);
      onClose();
      if (conversation) {
        put(conversation);
        go(chatPath(conversation.id));
      }
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  };
  const shown = [...chosen.values(), ...(found ?? []).filter((person) => !chosen.has(person.id))];
  return (
    <form
      className={classes.choose}
      onSubmit={(event) => {
        event.preventDefault();
        void create();
      }}
    >
      <TextInput
        label={t('new.teamName')}
        value={name}
        maxLength={120}
        required
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <TextInput
        label={t('new.members')}
        placeholder={t('new.find')}
        leftSection={<IconSearch size={16} />}
        value={text}
        maxLength={100}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') event.preventDefault();
        }}
      />
      <div className={classes.choices} data-form="">
        {shown.map((person) => (
          <Checkbox
            key={person.id}
            classNames={{ body: classes.choiceBody }}
            checked={chosen.has(person.id)}
            onChange={() => toggle(person)}
            label={
              <span className={classes.choice}>
                <Face name={person.name} {...knownView(person)} id={person.id} size={28} />
                <b>{person.name}</b>
                {person.title ? <em>{person.title}</em> : null}
              </span>
            }
          />
        ))}
      </div>
      {error ? <ErrorNote title={problem(error).text} /> : null}
      <div className={classes.foot}>
        <Button type="submit" variant="filled" loading={busy}>
          {t('new.create')}
        </Button>
      </div>
    </form>
  );
}

/** The team's conversation is made in answer to the team's event, a moment later. */
async function conversationOf(spaceId: string) {
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const { rows } = await api(listConversations);
    const found = rows.find((each) => each.spaceId === spaceId);
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
  return undefined;
}
