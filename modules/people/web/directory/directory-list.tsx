import { useApiPages, usePersonView, useReachability } from '@liaison/core/web';
import { Empty, PersonFace, Row, Tag } from '@liaison/ui';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type DirectoryRow, listPeople } from '../../contract/index.ts';
import { photoOf, useKeepFaces } from '../shared/faces.ts';
import { Trouble } from '../shared/trouble.tsx';
import classes from './directory.module.css';
import type { DirectoryFilter } from './directory-tools.tsx';

/** Who is free is known person by person, so "Free now" looks at this many at most. */
const watchedAtMost = 1_000;

/** The people that the filter lets through; only the rows on screen are drawn, and pages are fetched as they come near. */
export function DirectoryList({
  filter,
  selectedId,
}: {
  filter: DirectoryFilter;
  selectedId: string | undefined;
}) {
  const { t } = useTranslation('people');
  const list = useRef<HTMLDivElement>(null);
  const keepFaces = useKeepFaces();
  const people = useApiPages(
    listPeople,
    {
      query: {
        limit: 100,
        ...(filter.text ? { text: filter.text } : {}),
        ...(filter.teamId ? { teamId: filter.teamId } : {}),
      },
    },
    { keepLast: true },
  );
  const { rows: fetched, hasNextPage, isFetchingNextPage, fetchNextPage } = people;
  useEffect(() => {
    if (fetched) keepFaces(fetched);
  }, [fetched, keepFaces]);

  const present = useMemo(() => (fetched ?? []).filter((row) => row.status !== 'suspended'), [fetched]);
  const onlyFree = filter.part === 'free';
  const [free, setFree] = useState<ReadonlySet<string>>(new Set());
  const note = useCallback((id: string, isFree: boolean) => {
    setFree((before) => {
      if (before.has(id) === isFree) return before;
      const next = new Set(before);
      if (isFree) next.add(id);
      else next.delete(id);
      return next;
    });
  }, []);
  const rows = onlyFree ? present.filter((row) => free.has(row.id)) : present;

  const virtual = useVirtualizer({
    count: rows.length,
    // `ListPane` scrolls what it is given.
    getScrollElement: () => list.current?.parentElement ?? null,
    estimateSize: () => (window.matchMedia('(max-width: 700px)').matches ? 64 : 56),
    getItemKey: (index) => rows[index]?.id ?? index,
    overscan: 8,
  });
  const items = virtual.getVirtualItems();
  const lastShown = items.at(-1)?.index ?? 0;
  const wantsMore =
    hasNextPage &&
    !isFetchingNextPage &&
    (onlyFree ? present.length < watchedAtMost : lastShown >= rows.length - 20);
  useEffect(() => {
    if (wantsMore) void fetchNextPage();
  }, [wantsMore, fetchNextPage]);

  if (people.error && !fetched) {
    return (
      <div className={classes.note}>
        <Trouble error={people.error} />
      </div>
    );
  }
  return (
    <div ref={list} className={classes.list} aria-busy={people.isFetching}>
      {onlyFree ? present.map((row) => <Watch key={row.id} id={row.id} note={note} />) : null}
      {fetched && rows.length === 0 && !people.isFetching ? (
        <Empty title={onlyFree ? t('people.nobodyFree') : t('people.nobody')}>
          {onlyFree ? t('people.nobodyFreeHow') : t('people.nobodyHow')}
        </Empty>
      ) : null}
      <ul aria-label={t('nav.people')} style={{ height: virtual.getTotalSize() }}>
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
              aria-setsize={hasNextPage ? -1 : rows.length}
              aria-posinset={item.index + 1}
            >
              <PersonRow row={row} selected={row.id === selectedId} />
            </li>
          );
        })}
      </ul>
    </div>
  );
}

/** Tells whether one person is free now. Draws nothing. */
function Watch({ id, note }: { id: string; note: (id: string, isFree: boolean) => void }) {
  const { reach } = useReachability(id);
  const isFree = reach?.state === 'free';
  useEffect(() => {
    note(id, isFree);
    return () => note(id, false);
  }, [id, isFree, note]);
  return null;
}

function PersonRow({ row, selected }: { row: DirectoryRow; selected: boolean }) {
  const { t } = useTranslation('people');
  const photo = photoOf(row);
  const view = usePersonView(row.id, { name: row.name, ...(photo ? { photo } : {}) });
  if (!view) return null;
  const place = [row.title, row.office].filter(Boolean).join(', ');
  return (
    <Row
      href={`/people/${row.id}`}
      face={<PersonFace person={view} size={36} />}
      name={view.name}
      second={place || row.address}
      selected={selected}
      {...(row.status === 'invited'
        ? { meta: <Tag tone="accent">{t('status.invited')}</Tag> }
        : row.extension
          ? { meta: row.extension }
          : {})}
    />
  );
}
