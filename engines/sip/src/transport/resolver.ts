import { lookup, Resolver as NodeResolver } from 'node:dns/promises';

export interface NaptrRecord {
  readonly order: number;
  readonly preference: number;
  readonly flags: string;
  readonly service: string;
  readonly replacement: string;
}

export interface SrvRecord {
  readonly priority: number;
  readonly weight: number;
  readonly port: number;
  readonly name: string;
}

export interface Answer<T> {
  readonly records: readonly T[];
  /** How long it may be believed. */
  readonly ttlSeconds: number;
}

/** The questions that RFC 3263 asks of the DNS. A name without such records has an empty answer; failures reject. */
export interface Resolver {
  naptr(name: string): Promise<Answer<NaptrRecord>>;
  srv(name: string): Promise<Answer<SrvRecord>>;
  addresses(name: string, family: 4 | 6): Promise<Answer<string>>;
}

const timeoutMs = 2_000;
/** Node does not tell the TTL of NAPTR and SRV. */
const assumedTtlSeconds = 60;
const negativeTtlSeconds = 30;
/** The last one: there is no DNS server here at all, as on a network of its own; names are those of the hosts file. */
const absent = new Set(['ENODATA', 'ENOTFOUND', 'ENONAME', 'EBADNAME', 'ECONNREFUSED']);

/** The machine's own resolver; addresses also from its hosts file. */
export function createSystemResolver(): Resolver {
  const resolver = new NodeResolver({ timeout: timeoutMs, tries: 2 });

  async function ask<T>(question: () => Promise<T[]>, ttl: (records: T[]) => number): Promise<Answer<T>> {
    try {
      const records = await question();
      return { records, ttlSeconds: ttl(records) };
    } catch (error) {
      if (absent.has((error as NodeJS.ErrnoException).code ?? '')) {
        return { records: [], ttlSeconds: negativeTtlSeconds };
      }
      throw error;
    }
  }

  return {
    naptr: (name) =>
      ask(
        () => resolver.resolveNaptr(name),
        () => assumedTtlSeconds,
      ),
    srv: (name) =>
      ask(
        () => resolver.resolveSrv(name),
        () => assumedTtlSeconds,
      ),
    async addresses(name, family) {
      try {
        const found = await (family === 4
          ? resolver.resolve4(name, { ttl: true })
          : resolver.resolve6(name, { ttl: true }));
        if (found.length > 0) {
          return {
            records: found.map(({ address }) => address),
            ttlSeconds: Math.min(...found.map(({ ttl }) => ttl)),
          };
        }
      } catch {
        // Names of this machine and its neighbours are not in the DNS.
      }
      const found = await ask(
        () => lookup(name, { family, all: true }),
        () => assumedTtlSeconds,
      );
      return { ...found, records: found.records.map(({ address }) => address) };
    },
  };
}

const maxCached = 2_000;
const maxTtlSeconds = 3_600;

/** Remembers answers for as long as they may be believed, and asks each question once at a time. */
export function createCachingResolver(resolver: Resolver, now: () => number): Resolver {
  const cache = new Map<string, { untilMs: number; answer: Promise<Answer<unknown>> }>();

  function cached<T>(key: string, ask: () => Promise<Answer<T>>): Promise<Answer<T>> {
    const known = cache.get(key);
    if (known && known.untilMs > now()) return known.answer as Promise<Answer<T>>;
    const answer = ask();
    const entry = { untilMs: now() + 10_000, answer };
    cache.delete(key);
    cache.set(key, entry);
    if (cache.size > maxCached) cache.delete(cache.keys().next().value!);
    answer.then(
      ({ ttlSeconds }) => {
        entry.untilMs = now() + Math.min(Math.max(ttlSeconds, 1), maxTtlSeconds) * 1000;
      },
      () => cache.delete(key), // A failure is not an answer.
    );
    return answer;
  }

  return {
    naptr: (name) => cached(`naptr ${name}`, () => resolver.naptr(name)),
    srv: (name) => cached(`srv ${name}`, () => resolver.srv(name)),
    addresses: (name, family) => cached(`${family} ${name}`, () => resolver.addresses(name, family)),
  };
}
