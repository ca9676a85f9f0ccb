import { Slot, Trouble, useApiPages, useKeys, usePersonView } from '@liaison/core/web';
import { listPeople, type PersonSummary } from '@liaison/people';
import {
  Checkbox,
  Empty,
  Face,
  type FileDrop,
  IconButton,
  PersonFace,
  Row,
  useLabels,
  usePanes,
  usePersonVerbs,
} from '@liaison/ui';
import { IconBuilding, IconMail, IconPhone } from '@tabler/icons-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { type ContactRow, contactNumberVerb, listContacts, type Sorting } from '../../contract/index.ts';
import classes from '../contacts.module.css';
import { contactPath, photoOf, useGo } from '../go.ts';
import { mergeRows } from '../state/merge-rows.ts';
import { NoContacts } from './no-contacts.tsx';
import type { ListFilter } from './use-list-filter.ts';
import type { Selection } from './use-selection.ts';

/** How near the end of what is here the next page is asked for. */
const nearEnd = 30;

/** Cards and colleagues as one list by name; only the rows on screen are drawn, so that 50,000 scroll as ten do. */
export function ContactsList({
  filter,
  sortBy,
  selectedId,
  mayWrite,
  booksError,
  selection,
  drop,
}: {
  filter: ListFilter;
  sortBy: Sorting;
  selectedId: string | undefined;
  mayWrite: boolean;
  selection: Selection;
  /** Why the books are not known, said where nothing else went wrong. */
  booksError: unknown;
  /** Takes cards that are dropped on it. */
  drop: FileDrop;
}) {
  const { t } = useTranslation('contacts');
  const labels = useLabels();
  // Beside a page it is said there.
  const isPage = usePanes().main === 'list';
  const go = useGo();
  const list = useRef<HTMLDivElement>(null);
  const withColleagues = (filter.scope === 'all' && filter.label === null) || filter.scope === 'colleagues';
  const withContacts = filter.scope !== 'colleagues';
  const bookId = filter.scope === 'all' || filter.scope === 'colleagues' ? undefined : filter.scope;
  const contacts = useApiPages(
    listContacts,
    {
      query: {
        limit: 200,
        ...(bookId ? { bookId } : {}),
        ...(filter.label ? { label: filter.label } : {}),
        ...(filter.text ? { text: filter.text } : {}),
        ...(sortBy === 'family' ? { sort: sortBy } : {}),
      },
    },
    { keepLast: true, enabled: withContacts },
  );
  const colleagues = useApiPages(
    listPeople,
    { query: { limit: 100, ...(filter.text ? { text: filter.text } : {}) } },
    { keepLast: true, enabled: withColleagues },
  );
  const found = filter.text !== '';
  const rows = useMemo(() => {
    const people = withColleagues
      ? (colleagues.rows ?? []).filter(({ status }) => status !== 'suspended')
      : [];
    const cards = withContacts ? (contacts.rows ?? []) : [];
    // What was looked for comes best first: colleagues, then cards.
    if (found) {
      return [
        ...people.map((person) => ({ kind: 'colleague' as const, id: person.id, person })),
        ...cards.map((contact) => ({ kind: 'contact' as const, id: contact.id, contact })),
      ];
    }
    const areCardsWhole = !withContacts || (contacts.rows !== undefined && !contacts.hasNextPage);
    // Nobody knows which of a colleague's names is her last: they stand behind the cards, as the directory has them.
    if (sortBy === 'family') {
      return [
        ...cards.map((contact) => ({ kind: 'contact' as const, id: contact.id, contact })),
        ...(areCardsWhole
          ? people.map((person) => ({ kind: 'colleague' as const, id: person.id, person }))
          : []),
      ];
    }
    return mergeRows(
      {
        rows: people,
        isWhole: !withColleagues || (colleagues.rows !== undefined && !colleagues.hasNextPage),
      },
      { rows: cards, isWhole: areCardsWhole },
    );
  }, [
    colleagues.rows,
    colleagues.hasNextPage,
    contacts.rows,
    contacts.hasNextPage,
    withColleagues,
    withContacts,
    found,
    sortBy,
  ]);
  const isSettled =
    (!withContacts || (contacts.rows !== undefined && !contacts.isFetching)) &&
    (!withColleagues || (colleagues.rows !== undefined && !colleagues.isFetching));

  const virtual = useVirtualizer({
    count: rows.length,
    // `ListPane` scrolls what it is given.
    getScrollElement: () => list.current?.parentElement ?? null,
    estimateSize: () => (window.matchMedia('(max-width: 700px)').matches ? 64 : 56),
    getItemKey: (index) => rows[index]?.id ?? index,
    overscan: 8,
  });
  const items = virtual.getVirtualItems();
  const isNearEnd = (items.at(-1)?.index ?? 0) >= rows.length - nearEnd;
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = contacts;
  const wantsContacts = withContacts && isNearEnd && hasNextPage && !isFetchingNextPage;
  useEffect(() => {
    if (wantsContacts) void fetchNextPage();
  }, [wantsContacts, fetchNextPage]);
  const { fetchNextPage: fetchPeople } = colleagues;
  const wantsPeople = withColleagues && isNearEnd && colleagues.hasNextPage && !colleagues.isFetchingNextPage;
  useEffect(() => {
    if (wantsPeople) void fetchPeople();
  }, [wantsPeople, fetchPeople]);

  const chosen = selection.rows;
  const cards = rows.flatMap((row) => (row.kind === 'contact' ? [row.contact] : []));
  const step = (by: 1 | -1): void => {
    const at = cards.findIndex(({ id }) => id === selectedId);
    const next = cards[at < 0 ? 0 : at + by];
    if (!next) return;
    virtual.scrollToIndex(rows.findIndex(({ id }) => id === next.id));
    go(contactPath(next.id));
  };
  useKeys([
    { keys: 'J', label: t('keys.next'), group: t('title'), run: () => step(1) },
    { keys: 'K', label: t('keys.previous'), group: t('title'), run: () => step(-1) },
  ]);
  /** With Shift, all from the one before: a press on the words of a box does not say so itself. */
  const withShift = useRef(false);
  const hasCards = (contacts.rows?.length ?? 0) > 0;
  const filtered = found || filter.label !== null;
  return (
    <div
      ref={list}
      className={classes.list}
      aria-busy={!isSettled}
      data-choosing={chosen ? true : undefined}
      data-over={drop.isOver || undefined}
      {...drop.handlers}
    >
      {chosen && cards.length > 0 ? (
        <div className={classes.chooseAll}>
          <Checkbox
            label={t('several.all', { count: cards.length })}
            checked={cards.every(({ id }) => chosen.has(id))}
            indeterminate={chosen.size > 0 && !cards.every(({ id }) => chosen.has(id))}
            onChange={() => selection.toggleAll(cards)}
          />
        </div>
      ) : null}
      <Trouble
        error={
          (withContacts ? contacts.error : null) ?? (withColleagues ? colleagues.error : null) ?? booksError
        }
      />
      {isSettled && rows.length === 0 && filtered ? (
        <Empty title={t('none.title')}>{t('none.why')}</Empty>
      ) : null}
      {isSettled && !hasCards && withContacts && !filtered && isPage ? (
        <div className={rows.length > 0 ? classes.aboveRows : undefined}>
          <NoContacts mayWrite={mayWrite} />
        </div>
      ) : null}
      <ul aria-label={t('title')} style={{ height: virtual.getTotalSize() }}>
        {items.map((item) => {
          const row = rows[item.index];
          if (!row) return null;
          return (
            <li
              key={item.key}
              ref={virtual.measureElement}
              data-index={item.index}
              className={classes.item}
              style={{ transform: `translateY(${item.start}px)` }}
              aria-setsize={hasNextPage || colleagues.hasNextPage ? -1 : rows.length}
              aria-posinset={item.index + 1}
            >
              {row.kind === 'contact' && chosen ? (
                <div
                  className={classes.chosen}
                  data-selected={chosen.has(row.id) || undefined}
                  onClickCapture={(event) => {
                    withShift.current = event.shiftKey;
                  }}
                >
                  <Checkbox
                    classNames={{ body: classes.chosenBody }}
                    label={<ContactWords row={row.contact} />}
                    aria-label={labels.selectRow(row.contact.name)}
                    checked={chosen.has(row.id)}
                    onChange={() =>
                      withShift.current ? selection.reach(row.contact, cards) : selection.toggle(row.contact)
                    }
                  />
                </div>
              ) : row.kind === 'contact' ? (
                <ContactLine row={row.contact} selected={row.id === selectedId} />
              ) : (
                <ColleagueLine person={row.person} />
              )}
            </li>
          );
        })}
      </ul>
    </div>
  );
}

const secondOf = (row: ContactRow): string =>
  [row.title, row.kind === 'company' ? '' : row.organisation].filter(Boolean).join(', ') ||
  row.number?.shown ||
  row.email ||
  row.labels.join(', ');

function ContactFace({ row }: { row: ContactRow }) {
  return (
    <Face
      name={row.name}
      id={row.id}
      size={36}
      {...photoOf(row)}
      {...(row.kind === 'company' ? { square: true, icon: <IconBuilding size={18} /> } : {})}
    />
  );
}

/** A card that may be chosen: it leads nowhere meanwhile. */
function ContactWords({ row }: { row: ContactRow }) {
  return <Row face={<ContactFace row={row} />} name={row.name} second={secondOf(row)} />;
}

/** A card in a list: who it is, where she works, and one verb. */
export function ContactLine({ row, selected = false }: { row: ContactRow; selected?: boolean }) {
  const labels = useLabels();
  const number = row.number && (row.number.e164 ?? row.number.number);
  return (
    <Row
      href={contactPath(row.id)}
      face={<ContactFace row={row} />}
      name={row.name}
      second={secondOf(row)}
      selected={selected}
      action={
        number ? (
          <Slot
            slot={contactNumberVerb}
            number={number}
            name={row.name}
            empty={
              <IconButton aria-label={labels.verbFor(labels.call, row.name)} href={`tel:${number}`}>
                <IconPhone size={18} />
              </IconButton>
            }
          />
        ) : row.email ? (
          <IconButton aria-label={labels.verbFor(labels.mail, row.name)} href={`mailto:${row.email}`}>
            <IconMail size={18} />
          </IconButton>
        ) : null
      }
    />
  );
}

/** Somebody of the directory, as everywhere: with her reachability. */
function ColleagueLine({ person }: { person: PersonSummary }) {
  const labels = useLabels();
  const view = usePersonView(person.id, { name: person.name }) ?? { id: person.id, name: person.name };
  const verbs = usePersonVerbs(view);
  return (
    <Row
      href={`/people/${person.id}`}
      face={<PersonFace person={view} size={36} />}
      name={view.name}
      second={[person.title, person.office].filter(Boolean).join(', ') || person.address}
      {...(person.extension ? { meta: person.extension } : {})}
      action={
        verbs.call ? (
          <IconButton aria-label={labels.verbFor(labels.call, view.name)} onClick={verbs.call}>
            <IconPhone size={18} />
          </IconButton>
        ) : null
      }
    />
  );
}
