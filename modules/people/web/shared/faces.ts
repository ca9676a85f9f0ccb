import { api, type PersonOffers, routeUrl, useFormat } from '@liaison/core/web';
import { type QueryClient, queryOptions, useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { getPeopleByIds, getPhoto, type PersonSummary } from '../../contract/index.ts';
import { useMinute } from './minute.ts';

/** What the server takes in one request. */
export const faceBatch = 200;

interface Waiting {
  readonly resolve: (person: PersonSummary | null) => void;
  readonly reject: (error: unknown) => void;
}

let waiting = new Map<string, Waiting[]>();

/** Asks for a person together with all others that are asked for in the same moment. Null: not there, or not for us. */
function loadFace(personId: string): Promise<PersonSummary | null> {
  return new Promise((resolve, reject) => {
    if (waiting.size === 0) setTimeout(() => void sendBatch(), 5);
    waiting.set(personId, [...(waiting.get(personId) ?? []), { resolve, reject }]);
  });
}

async function sendBatch(): Promise<void> {
  const batch = waiting;
  waiting = new Map();
  const ids = [...batch.keys()];
  for (let at = 0; at < ids.length; at += faceBatch) {
    const some = ids.slice(at, at + faceBatch);
    try {
      const { people } = await api(getPeopleByIds, { body: { ids: some } });
      const found = new Map(people.map((person) => [person.id, person]));
      for (const id of some) for (const each of batch.get(id) ?? []) each.resolve(found.get(id) ?? null);
    } catch (error) {
      for (const id of some) for (const each of batch.get(id) ?? []) each.reject(error);
    }
  }
}

const faceQuery = (personId: string) =>
  queryOptions({
    queryKey: ['people', 'face', personId],
    queryFn: () => loadFace(personId),
    enabled: personId !== '',
    // Changes arrive as events; this is for what was missed.
    staleTime: 10 * 60_000,
  });

/** Marks faces as stale: those on screen are asked for again, together. */
export const refreshFaces = (client: QueryClient, personIds: readonly string[]): void => {
  for (const id of personIds) void client.invalidateQueries({ queryKey: faceQuery(id).queryKey });
};

/** Several faces at once; null for who is not there, or could not be asked for. */
export async function loadFaces(
  client: QueryClient,
  personIds: readonly string[],
): Promise<Map<string, PersonSummary | null>> {
  const faces = await Promise.all(
    personIds.map((id) => client.ensureQueryData(faceQuery(id)).catch(() => null)),
  );
  return new Map(personIds.map((id, i) => [id, faces[i] ?? null]));
}

/** Keeps what a list has just brought, so that its rows need not ask again. */
export function keepFaces(client: QueryClient, people: readonly PersonSummary[]): void {
  for (const person of people) client.setQueryData(faceQuery(person.id).queryKey, person);
}

/** Where somebody's photo lies, or nothing where initials are shown. */
export const photoOf = (person: Pick<PersonSummary, 'id' | 'photo'>): string | undefined =>
  person.photo === null
    ? undefined
    : routeUrl(getPhoto, { params: { id: person.id }, query: { v: person.photo } });

/** A person's summary, kept fresh; null when there is nobody of this id, undefined while it is fetched. */
export function useSummary(personId: string): PersonSummary | null | undefined {
  return useQuery(faceQuery(personId)).data;
}

/** For every chip and face of the suite. */
export const usePerson: NonNullable<PersonOffers['usePerson']> = (personId) => {
  const person = useSummary(personId);
  const { clockOf } = useFormat();
  useMinute();
  const localTime = person ? clockOf(person.timeZone) : null;
  return useMemo(() => {
    if (!person) return undefined;
    const photo = photoOf(person);
    return {
      id: person.id,
      name: person.name,
      ...(photo ? { photo } : {}),
      ...(person.title ? { role: person.title } : {}),
      ...(person.office ? { office: person.office } : {}),
      ...(localTime ? { localTime } : {}),
    };
  }, [person, localTime]);
};

/** `keepFaces` with the page's cache. */
export function useKeepFaces(): (people: readonly PersonSummary[]) => void {
  const client = useQueryClient();
  return useMemo(() => (people) => keepFaces(client, people), [client]);
}
