import { useApi, useSignal, useWelcome } from '@liaison/core/web';
import { listReachability, reachChanged } from '@liaison/reach';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState } from 'react';
import { foldText, wordsOf } from '../../contract/fold-text.ts';
import { listTeamMembers, type PersonSummary } from '../../contract/index.ts';
import { faceBatch, loadFaces } from '../shared/faces.ts';
import type { DirectoryFilter } from './directory-tools.tsx';

const nobody: ReadonlySet<string> = new Set();

/** Who is free now, of the whole organisation: everybody who is not offline is told at once, changes by signals. */
function useFreeIds(enabled: boolean): ReadonlySet<string> | undefined {
  const told = useApi(listReachability, {}, { enabled, staleMs: 0 });
  const [since, setSince] = useState<ReadonlyMap<string, boolean>>(new Map());
  const { refetch, isFetching } = told;
  /** Told while the question was on its way: the answer may be older. */
  const meanwhile = useRef(new Map<string, boolean>());
  useSignal(reachChanged, ({ personId, state }) => {
    if (!enabled) return;
    meanwhile.current.set(personId, state === 'free');
    setSince((before) => new Map(before).set(personId, state === 'free'));
  });
  useEffect(() => {
    if (isFetching) meanwhile.current = new Map();
  }, [isFetching]);
  useWelcome(() => {
    if (enabled) void refetch();
  });
  // What was fetched later knows better than what was told before.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the time of the answer is what matters
  useEffect(() => setSince(new Map(meanwhile.current)), [told.dataUpdatedAt]);
  return useMemo(() => {
    if (!enabled) return nobody;
    if (!told.data) return undefined;
    const free = new Set(told.data.rows.filter((row) => row.state === 'free').map((row) => row.personId));
    for (const [id, isFree] of since) {
      if (isFree) free.add(id);
      else free.delete(id);
    }
    return free;
  }, [enabled, told.data, since]);
}

/**
 * The people who are free now and whom the filter lets through, by name; undefined while nothing is known. Whoever is
 * free is asked about, and nobody else, so that it takes no longer in a large organisation.
 *
 * @returns `complete` when all who are free have been looked at.
 */
export function useFreePeople(
  filter: DirectoryFilter,
  enabled: boolean,
): { rows: readonly PersonSummary[] | undefined; complete: boolean } {
  const client = useQueryClient();
  const free = useFreeIds(enabled);
  const [known, setKnown] = useState<ReadonlyMap<string, PersonSummary | null>>(new Map());
  useEffect(() => {
    const missing = [...(free ?? [])].filter((id) => !known.has(id)).slice(0, faceBatch);
    if (missing.length === 0) return;
    let gone = false;
    // What fails is asked for again with the next change; until then it is nobody.
    void loadFaces(client, missing).then((faces) => {
      if (!gone) setKnown((before) => new Map([...before, ...faces]));
    });
    return () => {
      gone = true;
    };
  }, [free, known, client]);

  const members = useApi(
    listTeamMembers,
    enabled && filter.teamId ? { params: { id: filter.teamId } } : null,
  );
  const inTeam = useMemo(
    () => members.data && new Set(members.data.members.map(({ person }) => person.id)),
    [members.data],
  );
  const rows = useMemo(() => {
    if (!free || (filter.teamId && !inTeam)) return undefined;
    const wanted = wordsOf(filter.text);
    const found: PersonSummary[] = [];
    for (const id of free) {
      const person = known.get(id);
      if (person?.status !== 'active' || (filter.teamId && !inTeam?.has(id))) continue;
      const words = [
        ...wordsOf(person.name),
        ...wordsOf(person.address.split('@')[0] ?? ''),
        person.extension ?? '',
      ];
      if (wanted.every((want) => words.some((word) => word.startsWith(want)))) found.push(person);
    }
    const by = new Map(found.map((person) => [person.id, foldText(person.name)]));
    return found.sort((a, b) => (by.get(a.id)! < by.get(b.id)! ? -1 : 1));
  }, [free, known, inTeam, filter.teamId, filter.text]);
  const complete = free !== undefined && [...free].every((id) => known.has(id));
  return { rows, complete };
}
