import { api, useApi } from '@liaison/core/web';
import { listPeople, listTeams, searchPeople } from '@liaison/people';
import { Button, NativeSelect, Select, TextInput } from '@liaison/ui';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useDeferredValue, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type GivenRight, givenRights, type Principal, shareNode } from '../../contract/index.ts';
import classes from '../files.module.css';
import { Trouble } from '../trouble.tsx';
import { endOfDay } from './end-of-day.ts';

/** Asks whom to give which right, and for how long. */
export function GiveForm({ nodeId, onGiven }: { nodeId: string; onGiven: () => void }) {
  const { t } = useTranslation('files');
  const [typed, setTyped] = useState('');
  const [chosen, setChosen] = useState<{ value: string; label: string } | null>(null);
  const [right, setRight] = useState<GivenRight>('read');
  const [until, setUntil] = useState('');
  const text = useDeferredValue(typed.trim().slice(0, 100));
  const isAsking = text !== '' && chosen === null;
  const found = useApi(searchPeople, isAsking ? { query: { text, limit: 20 } } : null, { keepLast: true });
  const first = useApi(listPeople, { query: { limit: 20 } }, { enabled: !isAsking });
  const teams = useApi(listTeams, { query: {} });
  const people = (isAsking ? found.data?.people : first.data?.rows) ?? [];
  const wanted = text.toLowerCase();
  const spaces = (teams.data?.teams ?? []).filter(({ name }) =>
    name.toLowerCase().includes(isAsking ? wanted : ''),
  );
  const options = [
    { value: 'organisation', label: t('share.organisation') },
    ...people.map((each) => ({ value: `person ${each.id}`, label: `${each.name}, ${each.address}` })),
    ...spaces
      .slice(0, 20)
      .map((each) => ({ value: `${each.kind === 'team' ? 'space' : 'group'} ${each.id}`, label: each.name })),
  ];
  // What was chosen stays one of them, whatever is found meanwhile.
  const data = [
    ...(chosen === null ? [] : [chosen]),
    ...options.filter(({ value }) => value !== chosen?.value),
  ];
  const give = useMutation({
    mutationFn: () => {
      const [kind = '', id = ''] = (chosen?.value ?? '').split(' ');
      const principal = (kind === 'organisation' ? { kind } : { kind, id }) as Principal;
      return api(shareNode, { params: { nodeId }, body: { principal, right, until: endOfDay(until) } });
    },
    onSuccess: () => {
      setChosen(null);
      setTyped('');
      setUntil('');
      onGiven();
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (chosen !== null) give.mutate();
  };
  return (
    <form className={classes.stack} onSubmit={submit} noValidate>
      <Select
        label={t('share.whom')}
        placeholder={t('share.whomHint')}
        data={data}
        value={chosen?.value ?? null}
        searchValue={typed}
        onSearchChange={(value) => {
          setTyped(value);
          if (value !== chosen?.label) setChosen(null);
        }}
        onChange={(value) => setChosen(data.find((each) => each.value === value) ?? null)}
        // The server has sorted by how well they fit.
        filter={({ options: all }) => all}
        searchable
        nothingFoundMessage={t('share.nobody')}
      />
      <div className={classes.pair}>
        <NativeSelect
          label={t('share.mayWhat')}
          value={right}
          onChange={(value) => setRight(value as GivenRight)}
          options={givenRights
            .toSorted(givenOrder)
            .map((each) => ({ value: each, label: t(`share.right.${each}`) }))}
        />
        <TextInput
          type="date"
          label={t('share.untilDay')}
          value={until}
          onChange={(event) => setUntil(event.currentTarget.value)}
        />
      </div>
      <Trouble error={give.error} />
      <div>
        <Button type="submit" disabled={chosen === null} loading={give.isPending}>
          {t('share.give')}
        </Button>
      </div>
    </form>
  );
}

/** What is given most first; to close something is rare and stands last. */
const givenOrder = (a: GivenRight, b: GivenRight): number =>
  (a === 'none' ? 9 : givenRights.indexOf(a)) - (b === 'none' ? 9 : givenRights.indexOf(b));
