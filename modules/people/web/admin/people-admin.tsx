import { Trouble, useApi, useApiPages, useFormat, usePersonView, useSession } from '@liaison/core/web';
import {
  Button,
  type Column,
  Empty,
  Link,
  PageBody,
  PageHeader,
  PersonFace,
  Progress,
  Select,
  SelectionVerb,
  Table,
  Tag,
  TextInput,
  useLabels,
} from '@liaison/ui';
import {
  IconLock,
  IconLockOpen,
  IconSearch,
  IconUpload,
  IconUserPlus,
  IconUsersPlus,
} from '@tabler/icons-react';
import { useNavigate, useRouterState } from '@tanstack/react-router';
import { useDeferredValue, useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import {
  countPeople,
  type DirectoryRow,
  listPeople,
  listTeams,
  type PersonStatus,
} from '../../contract/index.ts';
import { photoOf, useKeepFaces } from '../shared/faces.ts';
import { rolesOffered } from '../shared/roles.ts';
import classes from './admin.module.css';
import { AddToTeam, BulkStatus } from './bulk.tsx';
import { InviteDialog } from './invite-dialog.tsx';
import { type PeopleSort, sortPeople } from './sort-people.ts';

const statuses = ['active', 'invited', 'suspended'] as const satisfies readonly PersonStatus[];
type Bulk = 'team' | 'suspend' | 'restore' | null;

/** All people of the organisation: find, select, invite, suspend. */
export function Page() {
  const { t } = useTranslation('people');
  const format = useFormat();
  const me = useSession();
  const navigate = useNavigate();
  const search = useRouterState({ select: (state) => state.location.search as { add?: unknown } });
  const [typed, setTyped] = useState('');
  const text = useDeferredValue(typed.trim().slice(0, 100));
  const [status, setStatus] = useState<PersonStatus | null>(null);
  const [role, setRole] = useState<DirectoryRow['role'] | null>(null);
  const [teamId, setTeamId] = useState<string | null>(null);
  const [sort, setSort] = useState<PeopleSort>({ column: 'name', descending: false });
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [bulk, setBulk] = useState<Bulk>(null);
  const counts = useApi(countPeople);
  const teams = useApi(listTeams);
  const keepFaces = useKeepFaces();
  const labels = useLabels();
  const people = useApiPages(
    listPeople,
    {
      query: {
        limit: 100,
        ...(text ? { text } : {}),
        ...(status ? { status } : {}),
        ...(role ? { role } : {}),
        ...(teamId ? { teamId } : {}),
      },
    },
    { keepLast: true },
  );
  const { rows } = people;
  useEffect(() => {
    if (rows) keepFaces(rows);
  }, [rows, keepFaces]);
  const items = useMemo(() => sortPeople(rows ?? [], sort, format.locale), [rows, sort, format.locale]);
  const chosen = items.filter((person) => selected.has(person.id));
  const total = counts.data ? counts.data.active + counts.data.invited + counts.data.suspended : undefined;

  const columns: readonly Column<DirectoryRow>[] = [
    { id: 'name', title: t('column.person'), sortable: true, cell: (row) => <PersonCell row={row} /> },
    {
      id: 'extension',
      title: t('column.extension'),
      width: '76px',
      wide: true,
      sortable: true,
      cell: (row) => row.extension,
    },
    {
      id: 'office',
      title: t('column.office'),
      width: '13%',
      wide: true,
      sortable: true,
      cell: (row) => row.office,
    },
    {
      id: 'teams',
      title: t('column.teams'),
      width: '19%',
      wide: true,
      cell: (row) => row.teams.map((team) => team.name).join(', '),
    },
    {
      id: 'role',
      title: t('column.role'),
      width: '104px',
      wide: true,
      sortable: true,
      cell: (row) => t(`role.${row.role}`),
    },
    {
      id: 'status',
      title: t('column.account'),
      width: '128px',
      sortable: true,
      cell: (row) => (
        <Tag
          tone={row.status === 'suspended' ? 'danger' : row.status === 'invited' ? 'accent' : 'plain'}
          {...(row.status === 'suspended' ? { icon: <IconLock size={13} /> } : {})}
        >
          {t(`status.${row.status}`)}
        </Tag>
      ),
    },
    {
      id: 'used',
      title: t('column.used'),
      width: '104px',
      wide: true,
      sortable: true,
      cell: (row) => (row.lastUsedAt ? format.row(row.lastUsedAt) : t('column.never')),
    },
  ];
  const onSort = (column: string): void =>
    setSort((before) => ({
      column: column as PeopleSort['column'],
      descending: before.column === column && !before.descending,
    }));
  const setAdding = (open: boolean): void =>
    void navigate({ to: '/admin/people', search: open ? { add: 1 } : {}, replace: true });
  const filtered = text !== '' || status !== null || role !== null || teamId !== null;
  return (
    <>
      <PageHeader
        title={t('admin.people')}
        meta={
          counts.data
            ? [
                t('count.active', { count: counts.data.active }),
                t('count.invited', { count: counts.data.invited }),
                t('count.suspended', { count: counts.data.suspended }),
              ].join(', ')
            : ''
        }
        actions={
          <>
            <Button variant="default" leftSection={<IconUpload size={17} />} href="/admin/import">
              {t('import.open')}
            </Button>
            <Button leftSection={<IconUserPlus size={17} />} onClick={() => setAdding(true)}>
              {t('invite.verb')}
            </Button>
          </>
        }
      />
      <div className={classes.tools}>
        <TextInput
          className={classes.search}
          aria-label={t('admin.search')}
          placeholder={t('admin.search')}
          leftSection={<IconSearch size={17} />}
          maxLength={100}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        <Select
          className={classes.filter}
          aria-label={t('column.account')}
          placeholder={t('column.account')}
          data={statuses.map((each) => ({ value: each, label: t(`status.${each}`) }))}
          value={status}
          onChange={(value) => setStatus(value as PersonStatus | null)}
          clearable
        />
        <Select
          className={classes.filter}
          aria-label={t('column.role')}
          placeholder={t('column.role')}
          data={rolesOffered.map((each) => ({ value: each, label: t(`role.${each}`) }))}
          value={role}
          onChange={(value) => setRole(value as DirectoryRow['role'] | null)}
          clearable
        />
        <Select
          className={classes.filter}
          aria-label={t('column.team')}
          placeholder={t('column.team')}
          data={(teams.data?.teams ?? []).map((team) => ({ value: team.id, label: team.name }))}
          value={teamId}
          onChange={setTeamId}
          searchable
          clearable
        />
        {rows && total !== undefined ? (
          <span className={classes.count}>
            {t('count.shown', { shown: format.number(rows.length), total: format.number(total) })}
          </span>
        ) : null}
      </div>
      <PageBody label={t('admin.people')}>
        {people.error ? (
          <div className={classes.pad}>
            <Trouble error={people.error} />
          </div>
        ) : null}
        {people.isPending ? <Progress bare label={labels.loading} /> : null}
        {rows && rows.length === 0 && !people.isFetching ? (
          <Empty title={t('people.nobody')}>{filtered ? t('admin.nobodyHow') : t('people.nobodyHow')}</Empty>
        ) : (
          <Table
            label={t('admin.people')}
            columns={columns}
            items={items}
            idOf={(row) => row.id}
            nameOf={(row) => row.name}
            sort={sort}
            onSort={onSort}
            selected={selected}
            onSelect={setSelected}
            selectionVerbs={
              <>
                <SelectionVerb icon={<IconUsersPlus size={17} />} onClick={() => setBulk('team')}>
                  {t('bulk.team')}
                </SelectionVerb>
                <SelectionVerb icon={<IconLock size={17} />} onClick={() => setBulk('suspend')}>
                  {t('bulk.suspend')}
                </SelectionVerb>
                {chosen.some((row) => row.status === 'suspended') ? (
                  <SelectionVerb icon={<IconLockOpen size={17} />} onClick={() => setBulk('restore')}>
                    {t('bulk.restore')}
                  </SelectionVerb>
                ) : null}
              </>
            }
          />
        )}
        {people.hasNextPage ? (
          <div className={classes.more}>
            <Button
              variant="default"
              loading={people.isFetchingNextPage}
              onClick={() => void people.fetchNextPage()}
            >
              {t('more')}
            </Button>
          </div>
        ) : null}
      </PageBody>
      {search.add !== undefined ? (
        <InviteDialog teams={teams.data?.teams ?? []} mine={me.role} onClose={() => setAdding(false)} />
      ) : null}
      {bulk === 'team' ? (
        <AddToTeam people={chosen} teams={teams.data?.teams ?? []} onClose={() => setBulk(null)} />
      ) : bulk ? (
        <BulkStatus
          people={chosen}
          to={bulk}
          onClose={(done) => {
            setBulk(null);
            if (done) setSelected(new Set());
          }}
        />
      ) : null}
    </>
  );
}

function PersonCell({ row }: { row: DirectoryRow }) {
  const photo = photoOf(row);
  const view = usePersonView(row.id, { name: row.name, ...(photo ? { photo } : {}) });
  // Where there is no room it is in two lines, each a whole.
  const [name, domain] = row.address.split('@');
  return (
    <span className={classes.person}>
      {view ? <PersonFace person={view} size={34} /> : null}
      <span className={classes.words}>
        <Link href={`/admin/people/${row.id}`}>{row.name}</Link>
        <small>
          {name}@<wbr />
          {domain}
        </small>
      </span>
    </span>
  );
}
