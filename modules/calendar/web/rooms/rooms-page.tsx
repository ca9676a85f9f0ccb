import { invalidate, Trouble, useApi, useLiveEvent, usePageTitle } from '@liaison/core/web';
import {
  Button,
  type Column,
  Empty,
  PageBody,
  PageHeader,
  Progress,
  Table,
  Tag,
  useLabels,
} from '@liaison/ui';
import { IconPlus } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { appointmentsChanged, type CalendarView, listCalendars } from '../../contract/index.ts';
import { RoomDialog } from './room-dialog.tsx';
import classes from './rooms.module.css';

/** What the organisation has to book: made, renamed and retired by who manages it. */
export default function RoomsPage() {
  const { t } = useTranslation('calendar');
  const client = useQueryClient();
  const { data, error, isPending } = useApi(listCalendars);
  const labels = useLabels();
  const [opened, setOpened] = useState<CalendarView | 'new' | null>(null);
  usePageTitle(t('things'));
  useLiveEvent(appointmentsChanged, (event) => {
    if (event.data.eventIds.length === 0) void invalidate(client, [listCalendars]);
  });
  // Those that can be booked first.
  const things = data?.rows
    .filter(({ kind }) => kind === 'room' || kind === 'equipment')
    .sort((a, b) => Number(a.isRetired) - Number(b.isRetired));
  const columns: readonly Column<CalendarView>[] = [
    {
      id: 'name',
      title: t('field.name'),
      cell: (thing) => (
        <button type="button" className={classes.name} onClick={() => setOpened(thing)}>
          <span className={classes.swatch} data-colour={thing.colour} />
          {thing.name}
          {thing.isRetired ? <Tag>{t('rooms.isRetired')}</Tag> : null}
        </button>
      ),
    },
    {
      id: 'kind',
      title: t('rooms.kind'),
      width: '150px',
      wide: true,
      cell: (thing) => t(thing.kind === 'room' ? 'rooms.room' : 'rooms.equipment'),
    },
    {
      id: 'seats',
      title: t('rooms.seats'),
      width: '90px',
      align: 'end',
      cell: (thing) => thing.capacity,
    },
  ];
  return (
    <>
      <PageHeader
        title={t('things')}
        actions={
          <Button
            data-keep
            leftSection={<IconPlus size={17} />}
            aria-label={t('rooms.add')}
            onClick={() => setOpened('new')}
          >
            {t('rooms.addVerb')}
          </Button>
        }
      />
      <PageBody label={t('things')}>
        <Trouble error={error} />
        {isPending ? <Progress bare label={labels.loading} /> : null}
        {things?.length === 0 ? <Empty title={t('rooms.none')}>{t('rooms.noneWhy')}</Empty> : null}
        {things && things.length > 0 ? (
          <Table
            label={t('things')}
            columns={columns}
            items={things}
            idOf={({ id }) => id}
            nameOf={({ name }) => name}
          />
        ) : null}
      </PageBody>
      {opened ? (
        <RoomDialog thing={opened === 'new' ? null : opened} onClose={() => setOpened(null)} />
      ) : null}
    </>
  );
}
