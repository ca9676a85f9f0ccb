import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { PersonActor } from '@liaison/core/contract';
import type { Core } from '@liaison/core/floor';
import type { AcrossOrganisations } from '../across-organisations.ts';
import { cookieOf } from './known-browser.ts';
import type { Library } from './library.ts';

/** Who sends a request. */
export interface SignedInPerson {
  readonly actor: PersonActor;
  /** Her organisation wants a second factor and she has none yet: she may add one, and nothing else. */
  readonly limited: boolean;
}

export interface Authenticator {
  /** Null for nobody, an ended session, or a person who is not active. At most a second old. */
  whoSends(headers: IncomingMessage['headers']): Promise<SignedInPerson | null>;
  /** Forgets what this and every other process holds of these people. */
  forget(personIds: readonly string[]): void;
  start(): void;
  stop(): void;
}

interface Entry {
  readonly person: SignedInPerson;
  readonly expiresAt: number;
  checkedAt: number;
  usedAt: number;
}

const freshMs = 1000;
const usedLatelyMs = 10_000;
const maxEntries = 100_000;
const forgetSubject = 'people.forget-sessions';

/**
 * Resolves session cookies. Entries are looked at again after a second, all that were lately in use together: two
 * statements a second serve thousands of open pages, and a revoked session is refused within a second everywhere.
 */
export function createAuthenticator({
  core,
  library,
  across,
}: {
  core: Core;
  library: Library;
  across: AcrossOrganisations;
}): Authenticator {
  const entries = new Map<string, Entry>();
  let waiting = new Set<string>();
  let batch: Promise<Map<string, Entry>> | undefined;
  // A look-up that was under way when something was forgotten must not be remembered.
  let generation = 0;
  let unsubscribe: (() => void) | undefined;

  /** The token of a cookie that we signed: `<token>.<HMAC-SHA-256 of it>`, percent-encoded. */
  function tokenOf(headers: IncomingMessage['headers']): string | null {
    const value =
      cookieOf(headers.cookie, '__Secure-liaison.session_token') ??
      cookieOf(headers.cookie, 'liaison.session_token');
    if (value === undefined || value.length > 512) return null;
    let text: string;
    try {
      text = decodeURIComponent(value);
    } catch {
      return null;
    }
    const dot = text.lastIndexOf('.');
    const token = text.slice(0, Math.max(0, dot));
    const given = Buffer.from(text.slice(dot + 1), 'base64');
    // The library's key is this text, not the bytes that it stands for.
    const key = core.secrets.derive('people.sign-in').toString('base64url');
    const right = createHmac('sha256', key).update(token).digest();
    return given.length === right.length && timingSafeEqual(given, right) ? token : null;
  }

  async function load(tokens: readonly string[]): Promise<Map<string, Entry>> {
    const startedAt = Date.now();
    const before = generation;
    const rows = await library.query<{
      id: string;
      token: string;
      person_id: string;
      expires_at: Date;
      strong: boolean;
      stale: boolean;
    }>(
      `select s.id, s.token, s."userId" as person_id, s."expiresAt" as expires_at,
         coalesce(u."twoFactorEnabled", false) or exists (select from passkey k where k."userId" = s."userId") as strong,
         s."updatedAt" < now() - interval '5 minutes' as stale
       from session s join "user" u on u.id = s."userId"
       where s.token = any($1) and s."expiresAt" > now()`,
      [tokens],
    );
    // What the list of sessions shows as last seen; a page that is only open counts as well.
    const stale = rows.filter((row) => row.stale).map((row) => row.token);
    if (stale.length > 0) {
      await library.query('update session set "updatedAt" = now() where token = any($1)', [stale]);
    }
    const standings =
      rows.length === 0 ? new Map() : await across.standingOf(rows.map((row) => row.person_id));
    const found = new Map<string, Entry>();
    for (const row of rows) {
      const standing = standings.get(row.person_id);
      if (standing?.status !== 'active') continue;
      found.set(row.token, {
        person: {
          actor: {
            kind: 'person',
            personId: row.person_id,
            orgId: standing.orgId,
            role: standing.role,
            sessionId: row.id,
          },
          limited: standing.requireSecondFactor && !row.strong,
        },
        expiresAt: row.expires_at.getTime(),
        checkedAt: startedAt,
        usedAt: entries.get(row.token)?.usedAt ?? startedAt,
      });
    }
    if (before === generation) {
      for (const token of tokens) {
        const entry = found.get(token);
        if (entry) entries.set(token, entry);
        else entries.delete(token);
      }
      for (const token of entries.keys()) {
        if (entries.size <= maxEntries) break;
        entries.delete(token);
      }
    }
    return found;
  }

  function look(token: string): Promise<Map<string, Entry>> {
    waiting.add(token);
    batch ??= Promise.resolve().then(async () => {
      batch = undefined;
      const now = Date.now();
      const tokens = waiting;
      waiting = new Set();
      for (const [other, entry] of entries) {
        if (now - entry.usedAt > usedLatelyMs) entries.delete(other);
        else if (now - entry.checkedAt >= freshMs / 2) tokens.add(other);
      }
      return load([...tokens]);
    });
    return batch;
  }

  function forgetHere(personIds: readonly string[]): void {
    generation += 1;
    const gone = new Set(personIds);
    for (const [token, entry] of entries) if (gone.has(entry.person.actor.personId)) entries.delete(token);
  }

  return {
    async whoSends(headers) {
      const token = tokenOf(headers);
      if (token === null) return null;
      const now = Date.now();
      const known = entries.get(token);
      if (known && now - known.checkedAt < freshMs && known.expiresAt > now) {
        known.usedAt = now;
        return known.person;
      }
      const before = generation;
      let entry = (await look(token)).get(token);
      // Something was forgotten meanwhile, perhaps this: look once more, and then believe it.
      if (before !== generation) entry = (await look(token)).get(token);
      if (entry) entry.usedAt = now;
      return entry?.person ?? null;
    },
    forget(personIds) {
      forgetHere(personIds);
      core.bus.publish(forgetSubject, personIds);
    },
    start() {
      unsubscribe ??= core.bus.subscribe(forgetSubject, (data) => {
        if (Array.isArray(data)) forgetHere(data.map(String));
      });
    },
    stop() {
      unsubscribe?.();
      unsubscribe = undefined;
      entries.clear();
    },
  };
}
