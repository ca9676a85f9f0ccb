import type { LookupAddress, LookupOptions } from 'node:dns';
import { lookup } from 'node:dns/promises';

type Asks = (name: string) => Promise<LookupAddress[]>;

/**
 * Asks the system for names of outside, one after another, and for the same name once at a time.
 *
 * The system's resolver has two places in a process, and a name that no DNS server answers about keeps one for ten seconds and more.
 * Were both taken, a bus and a database whose names are known would seem to be silent.
 */
export function createOutsideNames(ask: Asks = (name) => lookup(name, { all: true })): Asks {
  const asked = new Map<string, Promise<LookupAddress[]>>();
  let last: Promise<unknown> = Promise.resolve();
  return (name) => {
    const pending = asked.get(name);
    if (pending !== undefined) return pending;
    const answer = last.then(() => ask(name)).finally(() => asked.delete(name));
    asked.set(name, answer);
    last = answer.catch(() => {});
    return answer;
  };
}

/** Of this process. */
export const outsideAddresses = createOutsideNames();

/** The same as sockets ask for it. */
export function lookupOutside(
  name: string,
  options: LookupOptions,
  done: (error: NodeJS.ErrnoException | null, found: string | LookupAddress[], family?: number) => void,
): void {
  outsideAddresses(name).then(
    (found) => {
      const [first] = found;
      if (options.all === true || first === undefined) done(null, found);
      else done(null, first.address, first.family);
    },
    (error: NodeJS.ErrnoException) => done(error, ''),
  );
}
