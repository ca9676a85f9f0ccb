import {
  invalidate,
  type Stale,
  useLiveEvent,
  useMembership,
  useRefreshSession,
  useResync,
  useSession,
} from '@liaison/core/web';
import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef } from 'react';
import {
  countPeople,
  getOrganisation,
  getPerson,
  getTeam,
  listDevices,
  listInvitations,
  listPeople,
  listSessions,
  listTeamMembers,
  listTeams,
  organisationChanged,
  personChanged,
  personCreated,
  personErased,
  personRestored,
  personSuspended,
  searchPeople,
} from '../../contract/index.ts';
import { refreshFaces } from './faces.ts';

/** An import changes thousands of people in a minute: lists are fetched again once for all of them. */
const gatherMs = 400;

/** Stands beside the pages and keeps what they show of people in step with what happens. Draws nothing. */
export function Freshness() {
  const client = useQueryClient();
  const session = useSession();
  const refreshSession = useRefreshSession();
  const changed = useRef(new Set<string>());
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);

  const stale = useCallback((routes: readonly Stale[]) => void invalidate(client, routes), [client]);
  const gather = (personId: string): void => {
    changed.current.add(personId);
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      const ids = [...changed.current];
      changed.current.clear();
      refreshFaces(client, ids);
      stale([listPeople, countPeople, searchPeople, listTeamMembers, listInvitations]);
      stale(ids.map((id): Stale => [getPerson, { params: { id } }]));
      if (ids.includes(session.personId)) void refreshSession().catch(() => {});
    }, gatherMs);
  };
  useLiveEvent<{ personId: string }>(personCreated.name, ({ data }) => gather(data.personId));
  useLiveEvent<{ personId: string }>(personChanged.name, ({ data }) => gather(data.personId));
  useLiveEvent<{ personId: string }>(personSuspended.name, ({ data }) => gather(data.personId));
  useLiveEvent<{ personId: string }>(personRestored.name, ({ data }) => gather(data.personId));
  useLiveEvent<{ personId: string }>(personErased.name, ({ data }) => gather(data.personId));
  // A guest hears of no one's end: somebody with whom she shares nothing any more. But that she left what they shared.
  useLiveEvent<{ personId: string }>('core.member-left', ({ data }) => gather(data.personId));
  useLiveEvent(organisationChanged.name, () => {
    stale([getOrganisation]);
    void refreshSession().catch(() => {});
  });
  useLiveEvent('people.team-created', () => stale([listTeams, getTeam, listPeople]));
  useLiveEvent('people.team-changed', () => stale([listTeams, getTeam, listPeople]));
  useLiveEvent('people.device-created', () => stale([listDevices]));
  useLiveEvent('people.device-revoked', () => stale([listDevices]));
  useLiveEvent('people.session-revoked', () => stale([listSessions]));
  useMembership(() => stale([listTeams, getTeam, listTeamMembers]));
  useResync(() => void client.invalidateQueries({ queryKey: ['people'] }));
  return null;
}
