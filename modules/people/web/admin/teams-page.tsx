import { useAction, useApi } from '@liaison/core/web';
import {
  Button,
  type Column,
  Dialog,
  Empty,
  Link,
  PageBody,
  PageHeader,
  Radio,
  Segments,
  Table,
  Tag,
  TextInput,
  useLabels,
} from '@liaison/ui';
import { IconPlus } from '@tabler/icons-react';
import { type FormEvent, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { createTeam, listTeams, type Team } from '../../contract/index.ts';
import { useGo } from '../shared/go.ts';
import { Trouble } from '../shared/trouble.tsx';
import classes from './admin.module.css';

type Part = 'used' | 'archived';

/** Teams, which work together, and groups, which only receive rights. */
export function Page() {
  const { t } = useTranslation('people');
  const [part, setPart] = useState<Part>('used');
  const [adding, setAdding] = useState(false);
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
      {adding ? <CreateTeam onClose={() => setAdding(false)} /> : null}
    </>
  );
}

function CreateTeam({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('people');
  const labels = useLabels();
  const go = useGo();
  const form = useId();
  const [name, setName] = useState('');
  const [kind, setKind] = useState<Team['kind']>('team');
  const [checked, setChecked] = useState(false);
  const create = useAction(createTeam, {
    invalidates: [listTeams],
    onDone: (team) => go.to(`/admin/teams/${team.id}`),
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setChecked(true);
    if (name.trim() !== '') create.mutate({ body: { name, kind } });
  };
  return (
    <Dialog
      opened
      onClose={onClose}
      title={t('team.create')}
      footer={
        <>
          <Button variant="default" onClick={onClose}>
            {labels.cancel}
          </Button>
          <Button type="submit" form={form} loading={create.isPending}>
            {t('team.createVerb')}
          </Button>
        </>
      }
    >
      <form id={form} className={classes.stack} onSubmit={submit} noValidate>
        <TextInput
          label={t('field.name')}
          maxLength={120}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={checked && name.trim() === '' ? t('field.nameMissing') : undefined}
          data-autofocus
        />
        <div className={classes.stack} role="radiogroup" aria-label={t('column.kind')}>
          {(['team', 'group'] as const).map((each) => (
            <Radio
              key={each}
              name="kind"
              label={t(`team.${each}`)}
              description={t(`team.${each}Hint`)}
              checked={kind === each}
              onChange={() => setKind(each)}
            />
          ))}
        </div>
        <Trouble error={create.error} title={t('notSaved')} />
      </form>
    </Dialog>
  );
}
