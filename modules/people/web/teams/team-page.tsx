import {
  codeOf,
  PersonFinder,
  type RouteResult,
  Trouble,
  useAction,
  useApi,
  usePersonView,
  useSession,
} from '@liaison/core/web';
import {
  Actions,
  Button,
  ConfirmDialog,
  IconButton,
  PageBody,
  PageHeader,
  PersonChip,
  Progress,
  Refusal,
  Section,
  Select,
  Tag,
  TextInput,
  Thing,
  Things,
  useLabels,
  useToasts,
} from '@liaison/ui';
import { IconTrash } from '@tabler/icons-react';
import type { UseQueryResult } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import {
  changeTeam,
  getTeam,
  listPeople,
  listTeamMembers,
  listTeams,
  type PersonSummary,
  removeTeamMember,
  setTeamMember,
  type Team,
} from '../../contract/index.ts';
import classes from '../admin/admin.module.css';
import { photoOf } from '../shared/faces.ts';
import { useGo } from '../shared/go.ts';
import { useIsAdministrator } from '../shared/roles.ts';

const teamRoles = ['member', 'manager', 'guest'] as const;
type TeamRole = (typeof teamRoles)[number];

/** One team: its name, its members and their roles, its end. For who manages it, and to look at for others. */
export function TeamPage({ backTo }: { backTo?: string }) {
  const { t } = useTranslation('people');
  const go = useGo();
  const administrator = useIsAdministrator();
  const { teamId = '' } = useParams({ strict: false }) as { teamId?: string };
  const labels = useLabels();
  const team = useApi(getTeam, { params: { id: teamId } });
  const members = useApi(listTeamMembers, { params: { id: teamId } });
  const now = team.data;
  const manages =
    now !== undefined &&
    (now.myRole === 'manager' || (administrator && mayBeHelped(now, members.data?.members)));
  return (
    <>
      <PageHeader
        title={now?.name ?? t('admin.teams')}
        meta={now ? t('team.members', { count: now.memberCount }) : ''}
        {...(backTo ? { onBack: () => go.to(backTo) } : {})}
      />
      <PageBody padded label={now?.name ?? t('admin.teams')}>
        {team.error && codeOf(team.error) === 'not-found' ? (
          <Refusal
            title={t('team.missing')}
            actions={<Button href={backTo ?? '/people/teams'}>{t('team.toAll')}</Button>}
          >
            {t('team.missingWhy')}
          </Refusal>
        ) : (
          <Trouble error={team.error} />
        )}
        {team.isPending ? <Progress bare label={labels.loading} /> : null}
        {now ? (
          <div key={now.id}>
            {manages ? <Name team={now} /> : null}
            {!manages && administrator ? <p className={classes.text}>{t('team.notYours')}</p> : null}
            <Section title={t('column.members')} why={t(`team.${now.kind}Hint`)}>
              <Members team={now} manages={manages} members={members} />
            </Section>
            {manages ? <Archive team={now} /> : null}
          </div>
        ) : null}
      </PageBody>
    </>
  );
}

type Member = RouteResult<typeof listTeamMembers>['members'][number];

/** Groups, and teams that no active manager is left in, are looked after by managers of the organisation. */
const mayBeHelped = (team: Team, members: readonly Member[] | undefined): boolean =>
  team.kind === 'group' ||
  (members?.every(({ person, teamRole }) => teamRole !== 'manager' || person.status !== 'active') ?? false);

function Name({ team }: { team: Team }) {
  const { t } = useTranslation('people');
  const toasts = useToasts();
  const [name, setName] = useState(team.name);
  const rename = useAction(changeTeam, {
    invalidates: [listTeams, getTeam, listPeople],
    onDone: () => toasts.show({ text: t('saved') }),
  });
  return (
    <Section
      title={t('field.name')}
      why={t('team.nameWhy')}
      onSubmit={() => {
        if (name.trim() !== '') rename.mutate({ params: { id: team.id }, body: { name } });
      }}
    >
      <TextInput
        label={t('field.name')}
        maxLength={120}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Trouble error={rename.error} title={t('notSaved')} />
      <Actions>
        <Button type="submit" variant="default" size="md" loading={rename.isPending}>
          {t('team.rename')}
        </Button>
      </Actions>
    </Section>
  );
}

function Members({
  team,
  manages,
  members,
}: {
  team: Team;
  manages: boolean;
  members: UseQueryResult<RouteResult<typeof listTeamMembers>>;
}) {
  const { t } = useTranslation('people');
  const me = useSession();
  const stale = [
    [listTeamMembers, { params: { id: team.id } }] as const,
    [getTeam, { params: { id: team.id } }] as const,
    listTeams,
    listPeople,
  ];
  const set = useAction(setTeamMember, { invalidates: stale });
  const remove = useAction(removeTeamMember, { invalidates: stale });
  const all = members.data?.members ?? [];
  return (
    <>
      <Trouble error={members.error ?? set.error ?? remove.error} />
      {manages ? (
        <PersonFinder
          label={t('team.add')}
          placeholder={t('people.search')}
          nobody={t('people.nobody')}
          searching={t('people.searching')}
          isOffered={({ id, isSuspended }) => !isSuspended && all.every(({ person }) => person.id !== id)}
          onPick={(person) =>
            set.mutate({ params: { id: team.id, personId: person.id }, body: { role: 'member' } })
          }
        />
      ) : null}
      <Things label={t('column.members')}>
        {all.map(({ person, teamRole }) => (
          <Thing
            key={person.id}
            name={<MemberChip person={person} />}
            action={
              <>
                {manages ? (
                  <Select
                    aria-label={t('team.roleOf', { name: person.name })}
                    w={132}
                    data={teamRoles.map((role) => ({ value: role, label: t(`teamRole.${role}`) }))}
                    value={teamRole}
                    onChange={(role) =>
                      role &&
                      set.mutate({
                        params: { id: team.id, personId: person.id },
                        body: { role: role as TeamRole },
                      })
                    }
                    allowDeselect={false}
                  />
                ) : (
                  <Tag>{t(`teamRole.${teamRole}`)}</Tag>
                )}
                {manages || person.id === me.personId ? (
                  <IconButton
                    aria-label={
                      person.id === me.personId ? t('team.leave') : t('team.remove', { name: person.name })
                    }
                    onClick={() => remove.mutate({ params: { id: team.id, personId: person.id } })}
                  >
                    <IconTrash size={18} />
                  </IconButton>
                ) : null}
              </>
            }
          />
        ))}
      </Things>
    </>
  );
}

function MemberChip({ person }: { person: PersonSummary }) {
  const photo = photoOf(person);
  const view = usePersonView(person.id, { name: person.name, ...(photo ? { photo } : {}) });
  return view ? <PersonChip person={view} second={person.title ?? person.address} /> : null;
}

function Archive({ team }: { team: Team }) {
  const { t } = useTranslation('people');
  const [asking, setAsking] = useState(false);
  const change = useAction(changeTeam, {
    invalidates: [listTeams, getTeam, listPeople],
    onDone: () => setAsking(false),
    onFailed: () => setAsking(false),
  });
  const set = (archived: boolean): void => change.mutate({ params: { id: team.id }, body: { archived } });
  return (
    <Section title={t('team.end')} why={t('team.endWhy')}>
      <Trouble error={change.error} />
      {team.archived ? (
        <>
          <p className={classes.text}>
            <Tag tone="warn">{t('team.archived')}</Tag>
          </p>
          <Actions>
            <Button variant="default" size="md" loading={change.isPending} onClick={() => set(false)}>
              {t('team.unarchive')}
            </Button>
          </Actions>
        </>
      ) : (
        <Actions>
          <Button variant="default" size="md" onClick={() => setAsking(true)}>
            {t('team.archive')}
          </Button>
        </Actions>
      )}
      <ConfirmDialog
        opened={asking}
        title={t('team.archiveTitle', { name: team.name })}
        verb={t('team.archive')}
        busy={change.isPending}
        onConfirm={() => set(true)}
        onCancel={() => setAsking(false)}
      >
        {t('team.endWhy')}
      </ConfirmDialog>
    </Section>
  );
}
