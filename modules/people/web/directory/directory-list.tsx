import { Trouble, useApiPages, usePersonView } from '@liaison/core/web';
import { Empty, PersonFace, Row, Tag } from '@liaison/ui';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { listPeople, type PersonSummary } from '../../contract/index.ts';
import { photoOf, useKeepFaces } from '../shared/faces.ts';
import classes from './directory.module.css';
import type { DirectoryFilter } from './directory-tools.tsx';
import { useFreePeople } from './free-people.ts';

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
  const onlyFree = filter.part === 'free';
  const people = useApiPages(
    listPeople,
    {
      query: {
        limit: 100,
        ...(filter.text ? { text: filter.text } : {}),
        ...(filter.teamId ? { teamId: filter.teamId } : {}),
      },
    },
    { keepLast: true, enabled: !onlyFree },
  );
  const free = useFreePeople(filter, onlyFree);
  const { rows: fetched, hasNextPage, isFetchingNextPage, fetchNextPage } = people;
  useEffect(() => {
    if (fetched) keepFaces(fetched);
  }, [fetched, keepFaces]);

  const present = useMemo(() => (fetched ?? []).filter((row) => row.status !== 'suspended'), [fetched]);
  const rows: readonly PersonSummary[] = onlyFree ? (free.rows ?? []) : present;
  const settled = onlyFree ? free.complete : fetched !== undefined && !people.isFetching;

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
  const wantsMore = !onlyFree && hasNextPage && !isFetchingNextPage && lastShown >= rows.length - 20;
  useEffect(() => {
    if (wantsMore) void fetchNextPage();
  }, [wantsMore, fetchNextPage]);

  if (!onlyFree && people.error && !fetched) {
    return (
      <div className={classes.note}>
        <Trouble error={people.error} />
      </div>
    );
  }
  return (
    <div ref={list} className={classes.list} aria-busy={!settled}>
      {settled && rows.length === 0 ? (
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
              aria-setsize={!onlyFree && hasNextPage ? -1 : rows.length}
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

function PersonRow({ row, selected }: { row: PersonSummary; selected: boolean }) {
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
