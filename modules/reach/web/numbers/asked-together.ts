import { api } from '@liaison/core/web';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import {
  countriesOfWriters,
  holdersOfNumbers,
  type NumberHolder,
  numbersAtOnce,
} from '../../contract/index.ts';

interface Waiting<Answer> {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

/** What many chips ask for in the same moment travels in few requests. */
function together<Answer>(
  ask: (keys: readonly string[]) => Promise<(key: string) => Answer>,
): (key: string) => Promise<Answer> {
  let waiting = new Map<string, Waiting<Answer>[]>();
  async function send(): Promise<void> {
    const batch = waiting;
    waiting = new Map();
    const keys = [...batch.keys()];
    for (let at = 0; at < keys.length; at += numbersAtOnce) {
      const some = keys.slice(at, at + numbersAtOnce);
      try {
        const answerOf = await ask(some);
        for (const key of some) for (const each of batch.get(key) ?? []) each.resolve(answerOf(key));
      } catch (error) {
        for (const key of some) for (const each of batch.get(key) ?? []) each.reject(error);
      }
    }
  }
  return (key) =>
    new Promise((resolve, reject) => {
      if (waiting.size === 0) setTimeout(() => void send(), 5);
      waiting.set(key, [...(waiting.get(key) ?? []), { resolve, reject }]);
    });
}

const nobody: NumberHolder = { is: 'nobody' };

const loadHolder = together<NumberHolder>(async (numbers) => {
  const { rows } = await api(holdersOfNumbers, { query: { numbers: numbers.join(',') } });
  const found = new Map(rows.map(({ number, holder }) => [number, holder]));
  return (number) => found.get(number) ?? nobody;
});

/** Whose a number or an extension is for me; undefined while it is asked. */
export function useHolder(number: string): NumberHolder | undefined {
  return useQuery({
    queryKey: ['reach', 'holder', number],
    queryFn: () => loadHolder(number),
    // Changes arrive as events; this is for what was missed.
    staleTime: 10 * 60_000,
  }).data;
}

type Countries = readonly (string | null)[];

/** Nobody in particular: the organisation's alone. */
const house = '';

const loadCountries = together<Countries>(async (keys) => {
  const people = keys.filter((key) => key !== house).join(',');
  const { organisation, rows } = await api(countriesOfWriters, { query: people === '' ? {} : { people } });
  const found = new Map(rows.map(({ personId, country }) => [personId, country]));
  return (key) => [found.get(key) ?? null, organisation];
});

/** Where numbers without a country may be; undefined while it is asked. */
export function useCountries(writtenBy: string | null): Countries | undefined {
  const { data } = useQuery({
    queryKey: ['reach', 'countries', writtenBy ?? house],
    queryFn: () => loadCountries(writtenBy ?? house),
    staleTime: 60 * 60_000,
  });
  // The same list for the same countries, so that no text is looked through again.
  const key = data?.join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: by what is in it
  return useMemo(() => data, [key]);
}
