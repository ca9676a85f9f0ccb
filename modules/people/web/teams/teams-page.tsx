import { Trouble, useApi, usePageTitle, useSession } from '@liaison/core/web';
import {
  Button,
  Empty,
  IconButton,
  ListPane,
  PageHeader,
  Panes,
  Progress,
  Row,
  Rows,
  SectionTitle,
  useLabels,
  useNarrow,
} from '@liaison/ui';
import { IconPlus, IconUsers, IconUsersGroup } from '@tabler/icons-react';
import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { getOrganisation, listTeams, type Team } from '../../contract/index.ts';
import { useGo } from '../shared/go.ts';
import { useIsAdministrator } from '../shared/roles.ts';
import { CreateTeam } from './create-team.tsx';
import { TeamPage } from './team-page.tsx';

/** Everybody's teams, one's own first, and the verb that makes one. */
export function TeamsPage() {
  const { t } = useTranslation('people');
  const go = useGo();
  const { teamId } = useParams({ strict: false }) as { teamId?: string };
  const [adding, setAdding] = useState(false);
  const mayMake = useMayMakeTeams();
  const narrow = useNarrow();
  const labels = useLabels();
  const teams = useApi(listTeams);
  usePageTitle(t('team.all'));
  const all = (teams.data?.teams ?? []).filter((team) => !team.archived);
  const mine = all.filter((team) => team.myRole !== null);
  const others = all.filter((team) => team.myRole === null);
  const rows = (label: string, some: readonly Team[]) =>
    some.length === 0 ? null : (
      <>
        <SectionTitle>{label}</SectionTitle>
        <Rows label={label}>
          {some.map((team) => (
            <Row
              key={team.id}
              compact
              href={`/people/teams/${team.id}`}
              face={team.kind === 'team' ? <IconUsersGroup size={18} /> : <IconUsers size={18} />}
              name={team.name}
              meta={team.memberCount}
              selected={team.id === teamId}
            />
          ))}
        </Rows>
      </>
    );
  const isNone = teams.data !== undefined && all.length === 0;
  const make = mayMake ? <Button onClick={() => setAdding(true)}>{t('team.new')}</Button> : undefined;
  // Said once: on a telephone the list is the page.
  const none = (
    <Empty title={t('team.none')} actions={make}>
      {t(mayMake ? 'team.noneHow' : 'team.onlyManagers')}
    </Empty>
  );
  return (
    <Panes
      listWidth={304}
      view={teamId ? 'page' : 'list'}
      onShowList={() => go.to('/people/teams')}
      list={
        <ListPane
          title={t('team.all')}
          actions={
            <>
              {mayMake ? (
                <IconButton aria-label={t('team.new')} onClick={() => setAdding(true)}>
                  <IconPlus size={19} />
                </IconButton>
              ) : null}
              <IconButton aria-label={t('nav.people')} href="/people">
                <IconUsers size={19} />
              </IconButton>
            </>
          }
        >
          <Trouble error={teams.error} />
          {teams.isPending ? <Progress bare label={labels.loading} /> : null}
          {isNone && narrow ? none : null}
          {rows(t('team.mine'), mine)}
          {rows(t('team.others'), others)}
        </ListPane>
      }
    >
      {teamId ? (
        <TeamPage key={teamId} />
      ) : (
        <>
          <PageHeader title={t('team.all')} />
          {isNone ? (
            none
          ) : (
            <Empty title={t('team.choose')} actions={make}>
              {t('team.chooseHow')}
            </Empty>
          )}
        </>
      )}
      {adding ? <CreateTeam folder="/people/teams" onClose={() => setAdding(false)} /> : null}
    </Panes>
  );
}

/** Guests never; members where the organisation lets them. The server decides again. */
function useMayMakeTeams(): boolean {
  const { role } = useSession();
  const administrator = useIsAdministrator();
  const organisation = useApi(getOrganisation);
  return administrator || (role === 'member' && organisation.data?.teamMakers === 'members');
}
