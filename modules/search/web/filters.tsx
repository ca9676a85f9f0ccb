import { PersonFinder, useApi, useFormat, useSession } from '@liaison/core/web';
import { foldText, listTeams } from '@liaison/people';
import { Button, IconButton, Popover, Segments, TextInput } from '@liaison/ui';
import { IconCalendar, IconUser, IconUsersGroup, IconX } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { listKinds } from '../contract/index.ts';
import { kindsKey, shownKinds } from './kinds.tsx';
import classes from './search.module.css';
import { type Filter, filtersOf, withFilters } from './write-query.ts';

/** Narrows by writing operators into the question, so that what was chosen can be read, changed and kept. */
export function Filters({ q, onQuery }: { q: string; onQuery: (q: string) => void }) {
  const { t } = useTranslation('search');
  const kinds = useApi(listKinds, {}, { staleMs: 3_600_000 });
  const set = filtersOf(q);
  const names: Record<Filter, string> = {
    from: t('operator.from'),
    in: t('operator.in'),
    type: t('operator.type'),
    before: t('operator.before'),
    after: t('operator.after'),
  };
  const narrow = (changes: Parameters<typeof withFilters>[1]): void =>
    onQuery(withFilters(q, changes, names));
  const there = new Set(kinds.data?.rows.map(({ kind }) => kind));
  const [type = ''] = set.type;
  const typed = foldText(type);
  const current = shownKinds.find(
    ({ kind, word }) => typed === word || typed === kind || typed === foldText(t(`word.${word}`)),
  )?.word;
  return (
    <>
      <div className={classes.kinds}>
        <Segments
          label={t('kinds.label')}
          items={[
            { id: '', label: t('kinds.all') },
            ...shownKinds
              .filter(({ kind }) => kinds.data === undefined || there.has(kind))
              .map(({ kind, word }) => ({ id: word, label: t(kindsKey(kind)) })),
          ]}
          value={set.type.length > 1 ? ' ' : type === '' ? '' : (current ?? ' ')}
          onChange={(word) => narrow({ type: word && t(`word.${word}`) })}
        />
      </div>
      <div className={classes.chips}>
        <Chip
          icon={<IconUser size={16} />}
          label={t('filter.from')}
          value={set.from[0]}
          onClear={() => narrow({ from: null })}
        >
          {(close) => (
            <PersonChoice
              onChoose={(name) => {
                narrow({ from: name });
                close();
              }}
            />
          )}
        </Chip>
        <Chip
          icon={<IconUsersGroup size={16} />}
          label={t('filter.in')}
          value={set.in[0]}
          onClear={() => narrow({ in: null })}
        >
          {(close) => (
            <PlaceChoice
              onChoose={(name) => {
                narrow({ in: name });
                close();
              }}
            />
          )}
        </Chip>
        <TimeChip after={set.after[0]} before={set.before[0]} onTime={narrow} />
      </div>
    </>
  );
}

/** A filter as a chip: opens its choice, shows what was chosen, and takes it away. */
function Chip({
  icon,
  label,
  value,
  onClear,
  children,
}: {
  icon: ReactNode;
  label: string;
  value: string | undefined;
  onClear: () => void;
  children: (close: () => void) => ReactNode;
}) {
  const { t } = useTranslation('search');
  const [opened, setOpened] = useState(false);
  return (
    <span className={classes.chip} data-set={value !== undefined || undefined}>
      <Popover
        opened={opened}
        onChange={setOpened}
        trapFocus
        withinPortal
        position="bottom-start"
        width={280}
      >
        <Popover.Target>
          <Button
            variant="default"
            size="sm"
            leftSection={icon}
            aria-expanded={opened}
            onClick={() => setOpened(!opened)}
          >
            <span className={classes.chipWords}>{value === undefined ? label : `${label}: ${value}`}</span>
          </Button>
        </Popover.Target>
        <Popover.Dropdown aria-label={label}>{children(() => setOpened(false))}</Popover.Dropdown>
      </Popover>
      {value === undefined ? null : (
        <IconButton aria-label={t('filter.clear', { filter: label })} onClick={onClear}>
          <IconX size={15} />
        </IconButton>
      )}
    </span>
  );
}

function PersonChoice({ onChoose }: { onChoose: (name: string) => void }) {
  const { t } = useTranslation('search');
  const { personId } = useSession();
  return (
    <PersonFinder
      label={t('filter.person')}
      nobody={t('filter.nobody')}
      // What they wrote is there still, whether they can sign in or not.
      isOffered={() => true}
      labelOf={({ id, name, address }) =>
        id === personId ? t('filter.me', { name }) : `${name}, ${address}`
      }
      isInside
      onPick={({ name }) => onChoose(name)}
    />
  );
}

function PlaceChoice({ onChoose }: { onChoose: (name: string) => void }) {
  const { t } = useTranslation('search');
  const teams = useApi(listTeams, { query: {} });
  const mine = (teams.data?.teams ?? []).filter(({ myRole }) => myRole !== null);
  const [typed, setTyped] = useState('');
  return (
    <form
      className={classes.choice}
      onSubmit={(event) => {
        event.preventDefault();
        if (typed.trim() !== '') onChoose(typed);
      }}
    >
      <TextInput
        label={t('filter.place')}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
        maxLength={80}
      />
      <ul className={classes.places}>
        {mine
          .filter(({ name }) => name.toLocaleLowerCase().includes(typed.trim().toLocaleLowerCase()))
          .slice(0, 8)
          .map(({ id, name }) => (
            <li key={id}>
              <Button variant="subtle" size="sm" onClick={() => onChoose(name)}>
                {name}
              </Button>
            </li>
          ))}
      </ul>
    </form>
  );
}

const dayMs = 86_400_000;
const spans = [
  { key: 'week', days: 7 },
  { key: 'month', days: 31 },
  { key: 'year', days: 366 },
] as const;

function TimeChip({
  after,
  before,
  onTime,
}: {
  after: string | undefined;
  before: string | undefined;
  onTime: (to: { after: string | null; before: string | null }) => void;
}) {
  const { t } = useTranslation('search');
  const { locale } = useFormat();
  const named = (day: string): string =>
    new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone: 'UTC' }).format(new Date(day));
  const value =
    after !== undefined && before !== undefined
      ? t('filter.between', { after: named(after), before: named(before) })
      : after !== undefined
        ? t('filter.since', { day: named(after) })
        : before !== undefined
          ? t('filter.until', { day: named(before) })
          : undefined;
  return (
    <Chip
      icon={<IconCalendar size={16} />}
      label={t('filter.time')}
      value={value}
      onClear={() => onTime({ after: null, before: null })}
    >
      {(close) => (
        <div className={classes.choice}>
          {spans.map(({ key, days }) => (
            <Button
              key={key}
              variant="subtle"
              size="sm"
              onClick={() => {
                const day = new Date(Date.now() - days * dayMs).toISOString().slice(0, 10);
                onTime({ after: day, before: null });
                close();
              }}
            >
              {t(`filter.${key}`)}
            </Button>
          ))}
          <TextInput
            type="date"
            label={t('filter.after')}
            value={after ?? ''}
            onChange={(event) => onTime({ after: event.currentTarget.value || null, before: before ?? null })}
          />
          <TextInput
            type="date"
            label={t('filter.before')}
            value={before ?? ''}
            onChange={(event) => onTime({ after: after ?? null, before: event.currentTarget.value || null })}
          />
        </div>
      )}
    </Chip>
  );
}
