import { createHmac, randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createBlobs } from '@liaison/core/blobs';
import { createBus } from '@liaison/core/bus';
import { loadSettings } from '@liaison/core/config';
import { createDb, migrate } from '@liaison/core/db';
import { createCore, rolePassword } from '@liaison/core/floor';
import { createLog } from '@liaison/core/log';
import { startEmbeddedPostgres } from '@liaison/core/postgres';
import { openSecrets } from '@liaison/core/secrets';
import { teamCreated } from '@liaison/people';
import { createDevice, createOrganisation, createPerson } from '@liaison/people/testing';
import { compose, migrations, type Suite } from '@liaison/server/compose';
import { environmentOf } from './server.ts';

/** A scratch folder that the database's own user may enter. */
export async function scratchFolder(name: string): Promise<{ folder: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), `liaison-${name}-`));
  await chmod(folder, 0o755);
  return { folder, remove: () => rm(folder, { recursive: true, force: true, maxRetries: 5 }) };
}

export interface SeededPerson {
  readonly id: string;
  /** The `cookie` header of a signed-in browser. */
  readonly cookie: string;
}

export interface SeededRoom {
  readonly spaceId: string;
  readonly conversationId: string;
  readonly members: readonly SeededPerson[];
}

export interface SeededInstallation {
  readonly domain: string;
  readonly people: readonly SeededPerson[];
  readonly rooms: readonly SeededRoom[];
  readonly telephones: readonly { readonly username: string; readonly secret: string }[];
}

/** What somebody is dialled by, where `extensions` are wanted. */
export const extensionOf = (at: number): string => String(10_000 + at);

interface Wanted {
  readonly people: number;
  /** Sizes. */
  readonly rooms?: readonly number[];
  /** Nobody is in two rooms; otherwise each has the first people. */
  readonly apart?: boolean;
  readonly telephones?: number;
  readonly extensions?: boolean;
}

/** One organisation, written by the modules' own actions; only sessions are put in place without a password. */
export async function seedInstallation(dataFolder: string, wanted: Wanted): Promise<SeededInstallation> {
  const settings = loadSettings(environmentOf(dataFolder, 0));
  const log = createLog({ level: 'error' });
  const postgres = await startEmbeddedPostgres({ dataFolder, log });
  try {
    const secrets = await openSecrets({ dataFolder });
    const password = rolePassword(secrets);
    await migrate({ url: postgres.url, password, sources: migrations, log });
    const db = createDb({ url: postgres.url, password });
    const bus = createBus(undefined, log);
    const blobs = await createBlobs(settings.blobsUrl);
    const suite = compose(createCore({ settings, log, secrets, db, bus, blobs, build: 'seed' }));
    try {
      await suite.people.service.start();
      return await fill(suite, wanted);
    } finally {
      await suite.people.service.stop();
      await suite.core.http.close();
      await bus.close();
      await db.close();
    }
  } finally {
    await postgres.stop();
  }
}

async function fill(suite: Suite, wanted: Wanted): Promise<SeededInstallation> {
  const { core, people } = suite;
  const orgId = core.ids.next();
  const domain = 'load.example';
  await core.db.transaction(orgId, (tx) =>
    createOrganisation(core, tx, { name: 'Load', domain, languages: ['en'], timeZone: 'Europe/Lisbon' }),
  );
  const ids = Array.from({ length: wanted.people }, () => core.ids.next());
  const addressOf = (at: number) => `person${at}@${domain}`;
  const batch = 100;
  for (let from = 0; from < ids.length; from += batch) {
    await core.db.transaction(orgId, async (tx) => {
      for (const [offset, id] of ids.slice(from, from + batch).entries()) {
        const at = from + offset;
        const role = at === 0 ? 'owner' : 'member';
        await createPerson(core, tx, {
          id,
          name: `Person ${at}`,
          address: addressOf(at),
          role,
          status: 'active',
          ...(wanted.extensions ? { extension: extensionOf(at) } : {}),
        });
      }
    });
  }
  // Nobody reacts to how the people came to be: per stream and reaction that would take longer than the benchmark.
  await core.db.system((tx) => tx.query('delete from core.outbox'));
  const cookies = await openSessions(suite, ids, addressOf);
  const seeded = ids.map((id, at) => ({ id, cookie: cookies[at]! }));

  const rooms: SeededRoom[] = [];
  let begin = 0;
  for (const size of wanted.rooms ?? []) {
    const from = begin;
    if (wanted.apart) begin += size;
    const spaceId = await core.db.transaction(orgId, async (tx) => {
      const members = ids.slice(from, from + size).map((personId) => ({ personId, role: 'member' as const }));
      const space = await core.spaces.create(tx, { kind: 'team', name: `Room of ${size}`, members });
      core.outbox.emit(tx, teamCreated, { spaceId: space.id, kind: 'team' }, { personId: null });
      return space.id;
    });
    rooms.push({ spaceId, conversationId: '', members: seeded.slice(from, from + size) });
  }
  // The modules' own reactions give each room its conversation.
  await core.outbox.drain();
  const conversations = await core.db.read(orgId, (tx) =>
    tx.query<{ id: string; space_id: string }>('select id, space_id from chat.conversation'),
  );
  const conversationOf = (spaceId: string) => conversations.find((row) => row.space_id === spaceId)?.id ?? '';

  const telephones: { username: string; secret: string }[] = [];
  // More telephones than people: everybody has several.
  const count = wanted.telephones ?? 0;
  for (let from = 0; from < count; from += batch) {
    const made = await core.db.transaction(orgId, async (tx) => {
      const devices: { username: string; secret: string }[] = [];
      for (let at = from; at < Math.min(from + batch, count); at++) {
        const personId = ids[at % ids.length]!;
        devices.push(await createDevice(people.parts, tx, { personId, name: 'telephone' }));
      }
      return devices;
    });
    telephones.push(...made);
  }
  await core.db.system((tx) => tx.query('delete from core.outbox'));
  return {
    domain,
    people: seeded,
    rooms: rooms.map((room) => ({ ...room, conversationId: conversationOf(room.spaceId) })),
    telephones,
  };
}

/** Signs everybody in as the sign-in library would have, without the password's deliberately slow hash. */
async function openSessions(
  { core, people }: Suite,
  ids: readonly string[],
  addressOf: (at: number) => string,
): Promise<string[]> {
  const { library } = people.parts;
  const tokens = ids.map(() => randomBytes(24).toString('base64url'));
  await library.query(
    `insert into "user" (id, name, email, "emailVerified", "createdAt", "updatedAt")
     select id, id, email, true, now(), now() from unnest($1::text[], $2::text[]) as t(id, email)`,
    [ids, ids.map((_, at) => addressOf(at))],
  );
  await library.query(
    `insert into session (id, "userId", token, "expiresAt", "createdAt", "updatedAt", "ipAddress", "userAgent")
     select id, person, token, now() + interval '1 day', now(), now(), '127.0.0.1', 'load'
     from unnest($1::text[], $2::text[], $3::text[]) as t(id, person, token)`,
    [ids.map(() => core.ids.next()), ids, tokens],
  );
  const key = core.secrets.derive('people.sign-in').toString('base64url');
  return tokens.map((token) => {
    const signature = createHmac('sha256', key).update(token).digest('base64');
    return `liaison.session_token=${encodeURIComponent(`${token}.${signature}`)}`;
  });
}
