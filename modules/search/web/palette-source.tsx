import { type PaletteSource, useApi, useFormat } from '@liaison/core/web';
import { Face, type PaletteRow } from '@liaison/ui';
import { IconSearch } from '@tabler/icons-react';
import { useRouter } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { type FoundItem, search } from '../contract/index.ts';
import { iconOf } from './kinds.tsx';
import { Marked } from './marked.tsx';
import { PersonName } from './person-name.tsx';
import { useSettled } from './use-settled.ts';

/** What its own module finds there with its verbs: people are called, cards are written to, teams are conversations. */
const foundByOthers = new Set(['people.person', 'people.team', 'contacts.card']);
const mostRows = 7;

/** What lies in conversations, folders and calendars, best first. */
const useEverything: PaletteSource['useResults'] = (query) => {
  const { t } = useTranslation('search-nav');
  const { history } = useRouter();
  const format = useFormat();
  const settled = useSettled(query, 120);
  const { data, isFetching } = useApi(
    search,
    settled.length < 2 ? null : { query: { q: settled, limit: 20 } },
    { staleMs: 5_000, keepLast: true },
  );
  if (query.length < 2) return null;
  const rows = (data?.rows ?? [])
    .filter(({ kind }) => !foundByOthers.has(kind))
    .slice(0, mostRows)
    .map(
      (item): PaletteRow => ({
        id: `search:${item.kind}:${item.id}`,
        face: <KindFace kind={item.kind} />,
        title: <FoundTitle item={item} />,
        second: <FoundSecond item={item} />,
        state: format.row(item.at),
        verbs: [{ id: 'open', label: t('open'), onSelect: () => history.push(item.path) }],
      }),
    );
  return {
    id: 'search',
    title: t('title'),
    busy: isFetching || settled !== query,
    rows,
  };
};

/** The way to the page with everything that was found. */
const useAllResults: PaletteSource['useResults'] = (query) => {
  const { t } = useTranslation('search-nav');
  const { history } = useRouter();
  if (query.length < 2) return null;
  return {
    id: 'search-page',
    title: t('page'),
    rows: [
      {
        id: 'search:all',
        face: <Face name="" square size={34} icon={<IconSearch size={18} />} />,
        title: t('all', { q: query }),
        verbs: [
          {
            id: 'open',
            label: t('open'),
            onSelect: () => history.push(`/search?q=${encodeURIComponent(query)}`),
          },
        ],
      },
    ],
  };
};

// After what is there at once: a row that somebody is about to choose does not move.
export const everythingFound: readonly PaletteSource[] = [
  { name: 'search', order: 150, useResults: useEverything },
  { name: 'search.page', order: 200, useResults: useAllResults },
];

function KindFace({ kind }: { kind: string }) {
  const Icon = iconOf(kind);
  return <Face name="" id={kind} square size={34} icon={<Icon size={18} />} />;
}

/** What it is called; of what has no name what is written in it. */
function FoundTitle({ item }: { item: FoundItem }) {
  const { t } = useTranslation('search-nav');
  const [personId] = item.personIds;
  if (item.title.length > 0) return <Marked pieces={item.title} />;
  if (item.kind !== 'calls.call') return <Marked pieces={item.passage} />;
  return personId === undefined ? (
    t('somebody')
  ) : (
    <PersonName personId={personId} otherwise={t('somebody')} />
  );
}

function FoundSecond({ item }: { item: FoundItem }) {
  if (item.title.length > 0 && item.passage.length > 0) return <Marked pieces={item.passage} />;
  const [personId] = item.personIds;
  const isNamed = item.kind === 'calls.call' && item.title.length === 0;
  return (
    <>
      {personId === undefined || isNamed ? null : <PersonName personId={personId} />}
      {personId === undefined || isNamed || item.container === '' ? null : ' · '}
      {item.container}
    </>
  );
}
