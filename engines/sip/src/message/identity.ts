import type { SipRequest } from './message.ts';
import { formatNameAddr, type NameAddr, parseNameAddr } from './name-addr.ts';
import { ParseError } from './parse-error.ts';
import { parseUri } from './uri.ts';

/** RFC 3323 §4.1.1.3: the From of somebody who does not want to be known. */
export const anonymous: NameAddr = {
  displayName: 'Anonymous',
  uri: parseUri('sip:anonymous@anonymous.invalid'),
  params: new Map(),
};

/** Headers that are believed inside a trust domain only (RFC 3325 §5, RFC 7044 §10.1). */
export const trustedHeaders = ['p-asserted-identity', 'history-info'] as const;

/**
 * Who calls, as somebody whom we trust has found out (RFC 3325 §9.1): one SIP URI, one telephone number, or both. On a
 * request that the engine hands over, the header is there only if it came from inside the trust domain. Faulty values
 * are left out.
 */
export function assertedIdentities(request: SipRequest): NameAddr[] {
  return identities(request, 'p-asserted-identity');
}

/** Which of its identities the caller would like to be known by (RFC 3325 §9.2): to be compared with those it has. */
export function preferredIdentities(request: SipRequest): NameAddr[] {
  return identities(request, 'p-preferred-identity');
}

function identities(request: SipRequest, header: string): NameAddr[] {
  const found: NameAddr[] = [];
  try {
    for (const value of request.headers.list(header).slice(0, 2)) found.push(parseNameAddr(value));
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
  }
  return found;
}

/** RFC 3323 §4.2: what is asked for, lower-case: `id`, `header`, `session`, `user`, `history`, `critical`, `none`. */
export function privacyOf(request: SipRequest): ReadonlySet<string> {
  const values = request.headers.all('privacy').flatMap((line) => line.split(';', 16));
  return new Set(values.map((value) => value.trim().toLowerCase()).filter((value) => value !== ''));
}

/** One place that a call was sent to (RFC 7044 §5): the first is where it was meant to go. */
export interface HistoryEntry {
  readonly target: NameAddr;
  /** `1`, `1.1`, `1.2.1`: the tree of diversions. */
  readonly index: string;
  /** Why it came here: the index of the entry that it was derived from, by retargeting or mapping. */
  readonly derived?: { readonly by: 'rc' | 'mp' | 'np'; readonly from: string };
}

const maxEntries = 32;

/** Faulty entries are left out: they tell a story, and no more. */
export function parseHistory(request: SipRequest): HistoryEntry[] {
  const entries: HistoryEntry[] = [];
  let values: string[] = [];
  try {
    values = request.headers.list('history-info').slice(0, maxEntries);
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
  }
  for (const value of values) {
    try {
      const { params, ...target } = parseNameAddr(value);
      const index = params.get('index') ?? '';
      if (!/^[0-9]{1,3}(?:\.[0-9]{1,3}){0,15}$/.test(index)) continue;
      const by = (['rc', 'mp', 'np'] as const).find((name) => params.has(name));
      const from = by === undefined ? undefined : params.get(by);
      entries.push({
        target: { ...target, params: new Map() },
        index,
        ...(by !== undefined && from && { derived: { by, from } }),
      });
    } catch (error) {
      if (!(error instanceof ParseError)) throw error;
    }
  }
  return entries;
}

/**
 * The history with one place more (RFC 7044 §9.2): a diversion of the last one. `reason` is the status that made us
 * divert; it is noted at the entry that gave it (§10.2).
 */
export function extendHistory(
  history: readonly HistoryEntry[],
  target: NameAddr,
  diverted?: { by: 'rc' | 'mp' | 'np'; status?: number },
): HistoryEntry[] {
  const last = history.at(-1);
  if (!last) return [{ target, index: '1' }];
  const before = [...history.slice(0, -1), noteStatus(last, diverted?.status)];
  const entry: HistoryEntry = {
    target,
    index: `${last.index}.1`,
    ...(diverted && { derived: { by: diverted.by, from: last.index } }),
  };
  return [...before, entry].slice(0, maxEntries);
}

function noteStatus(entry: HistoryEntry, status: number | undefined): HistoryEntry {
  const { uri } = entry.target;
  if (status === undefined || !('host' in uri)) return entry;
  return {
    ...entry,
    target: { ...entry.target, uri: { ...uri, headers: `Reason=SIP%3Bcause%3D${status}` } },
  };
}

export function formatHistory(history: readonly HistoryEntry[]): string {
  return history
    .map(({ target, index, derived }) => {
      const why = derived ? `;${derived.by}=${derived.from}` : '';
      return `${formatNameAddr({ ...target, params: new Map() })};index=${index}${why}`;
    })
    .join(', ');
}
