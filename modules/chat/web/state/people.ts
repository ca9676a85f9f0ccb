import { api, isPassing, routeUrl } from '@liaison/core/web';
import { getPeopleByIds, getPhoto, type PersonSummary } from '@liaison/people';
import { useQueries } from '@tanstack/react-query';

import { useChat } from './chat-provider.tsx';

/** The directory answers for so many at once. */
const atOnce = 200;

const none: ReadonlyMap<string, PersonSummary> = new Map();

/** Names and faces of people by id, from the directory; those that are not there (yet) are missing. */
export function usePeople(ids: readonly string[]): ReadonlyMap<string, PersonSummary> {
  const { kept } = useChat();
  const sorted = [...new Set(ids)].sort();
  const chunks: string[][] = [];
  for (let at = 0; at < sorted.length; at += atOnce) chunks.push(sorted.slice(at, at + atOnce));
  return useQueries({
    queries: chunks.map((chunk) => ({
      queryKey: ['api', 'chat', 'people', chunk],
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        kept.or(
          `people ${chunk.length} ${chunk[0]} ${chunk.at(-1)}`,
          () => api(getPeopleByIds, { body: { ids: chunk } }, { signal }),
          isPassing,
        ),
      staleTime: 5 * 60_000,
    })),
    combine,
  });
}

function combine(
  results: readonly { data: { people: readonly PersonSummary[] } | undefined }[],
): ReadonlyMap<string, PersonSummary> {
  const found = results.flatMap(({ data }) => data?.people ?? []);
  return found.length === 0 ? none : new Map(found.map((person) => [person.id, person]));
}

/** What a face shows of somebody before, and where, nobody knows better. */
export function knownView(person: PersonSummary | undefined): { name: string; photo?: string } | undefined {
  if (!person) return undefined;
  return {
    name: person.name,
    ...(person.photo === null
      ? {}
      : { photo: routeUrl(getPhoto, { params: { id: person.id }, query: { v: person.photo } }) }),
  };
}
