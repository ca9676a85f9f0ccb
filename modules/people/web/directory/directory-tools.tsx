import { useApi, useKeys } from '@liaison/core/web';
import { Segments, Select, TextInput } from '@liaison/ui';
import { IconSearch } from '@tabler/icons-react';
import { useDeferredValue, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { countPeople, listTeams } from '../../contract/index.ts';
import classes from './directory.module.css';

export interface DirectoryFilter {
  readonly typed: string;
  readonly setTyped: (text: string) => void;
  /** What is asked for: a moment behind what is typed. */
  readonly text: string;
  readonly part: 'all' | 'free';
  readonly setPart: (part: 'all' | 'free') => void;
  readonly teamId: string | null;
  readonly setTeamId: (id: string | null) => void;
}

export function useDirectoryFilter(): DirectoryFilter {
  const [typed, setTyped] = useState('');
  const [part, setPart] = useState<'all' | 'free'>('all');
  const [teamId, setTeamId] = useState<string | null>(null);
  const text = useDeferredValue(typed.trim().slice(0, 100));
  return { typed, setTyped, text, part, setPart, teamId, setTeamId };
}

/** Search, and which part of the people is shown. */
export function DirectoryTools({ filter }: { filter: DirectoryFilter }) {
  const { t } = useTranslation('people');
  const field = useRef<HTMLInputElement>(null);
  const counts = useApi(countPeople);
  const teams = useApi(listTeams, { query: { kind: 'team' } });
  useKeys([
    { keys: '/', label: t('people.search'), group: t('nav.people'), run: () => field.current?.focus() },
  ]);
  const total = counts.data ? counts.data.active + counts.data.invited : undefined;
  return (
    <div className={classes.tools}>
      <TextInput
        ref={field}
        aria-label={t('people.search')}
        placeholder={total === undefined ? t('people.search') : t('people.searchIn', { count: total })}
        leftSection={<IconSearch size={17} />}
        value={filter.typed}
        onChange={(event) => filter.setTyped(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape' && filter.typed !== '') {
            event.stopPropagation();
            filter.setTyped('');
          }
        }}
        maxLength={100}
      />
      <div className={classes.parts}>
        <Segments
          label={t('people.part')}
          items={[
            { id: 'all', label: t('people.everyone') },
            { id: 'free', label: t('people.freeNow') },
          ]}
          value={filter.part}
          onChange={filter.setPart}
        />
        {teams.data && teams.data.teams.length > 0 ? (
          <Select
            className={classes.team}
            aria-label={t('people.team')}
            placeholder={t('people.team')}
            data={teams.data.teams.map((team) => ({ value: team.id, label: team.name }))}
            value={filter.teamId}
            onChange={filter.setTeamId}
            searchable={teams.data.teams.length > 12}
            clearable
          />
        ) : null}
      </div>
    </div>
  );
}
