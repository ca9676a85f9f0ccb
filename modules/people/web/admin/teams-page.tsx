import { Trouble, useApi } from '@liaison/core/web';
import {
  Button,
  type Column,
  Empty,
  Link,
  PageBody,
  PageHeader,
  Progress,
  Segments,
  Table,
  Tag,
  useLabels,
} from '@liaison/ui';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { listTeams, type Team } from '../../contract/index.ts';
import { CreateTeam } from '../teams/create-team.tsx';
import classes from './admin.module.css';

type Part = 'used' | 'archived';

/** Teams, which work together, and groups, which only receive rights. */
export function Page() {
  const { t } = useTranslation('people');
  const [part, setPart] = useState<Part>('used');
  const [adding, setAdding] = useState(false);
  const labels = useLabels();
  const teams = useApi(listTeams, { query: { archived: part === 'archived' ? 'true' : 'false' } });
  // The server may tell of archived teams beside the others.
  const all = (teams.data?.teams ?? []).filter((team) => team.archived === (part === 'archived'));
  const columns: readonly Column<Team>[] = [
    {
      id: 'name',
      title: t('column.team'),
      cell: (team) => (
        <span className={classes.words}>
          <Link href={`/admin/teams/${team.id}`}>{team.name}</Link>
        </span>
      ),
    },
    {
      id: 'kind',
      title: t('column.kind'),
      width: '110px',
      cell: (team) => <Tag>{t(`team.${team.kind}`)}</Tag>,
    },
    {
      id: 'members',
      title: t('column.members'),
      width: '110px',
      align: 'end',
      cell: (team) => team.memberCount,
    },
    {
      id: 'mine',
      title: t('column.mine'),
      width: '170px',
      wide: true,
      cell: (team) => (team.myRole ? t(`teamRole.${team.myRole}`) : t('teamRole.none')),
    },
  ];
  return (
    <>
      <PageHeader
        title={t('admin.teams')}
        meta={t('team.meta')}
        actions={
          <Button
            leftSection={<IconPlus size={17} />}
            aria-label={t('team.create')}
            onClick={() => setAdding(true)}
          >
            {t('team.createVerb')}
          </Button>
        }
      />
      <div className={classes.tools}>
        <Segments<Part>
          label={t('team.part')}
          items={[
            { id: 'used', label: t('team.used') },
            { id: 'archived', label: t('team.archived') },
          ]}
          value={part}
          onChange={setPart}
        />
      </div>
      <PageBody label={t('admin.teams')}>
        {teams.error ? (
          <div className={classes.pad}>
            <Trouble error={teams.error} />
          </div>
        ) : null}
        {teams.isPending ? <Progress bare label={labels.loading} /> : null}
        {teams.data && all.length === 0 ? (
          <Empty title={t(part === 'archived' ? 'team.noneArchived' : 'team.none')}>
            {t('team.noneHow')}
          </Empty>
        ) : (
          <Table
            label={t('admin.teams')}
            columns={columns}
            items={all}
            idOf={(team) => team.id}
            nameOf={(team) => team.name}
          />
        )}
      </PageBody>
      {adding ? <CreateTeam folder="/admin/teams" onClose={() => setAdding(false)} /> : null}
    </>
  );
}
