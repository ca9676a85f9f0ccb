import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import {
  defineEvent,
  exportMyData,
  idSchema,
  listParked,
  listRetention,
  resumeParked,
} from '../contract/index.ts';
import { defineJob } from '../jobs/index.ts';
import { reactTo, triesBeforeParking } from '../outbox/index.ts';
import { createPersonalData } from '../personal-data/index.ts';
import { createTestCore, type TestCore, type TestPerson } from '../testing/index.ts';
import { serveUpkeep } from './index.ts';

const erased = defineEvent({
  name: 'test.person-erased',
  version: 1,
  stream: 'orgId',
  payload: z.object({ orgId: idSchema, personId: idSchema, version: z.number() }),
});

let test: TestCore;
let url: string;
let people: TestPerson[];
let orgId: string;
const gone: string[] = [];
let broken = true;
const doomed = defineJob({
  name: 'test.doomed',
  payload: z.object({ orgId: z.uuid(), n: z.number() }),
  maxAttempts: 1,
});
let ran = 0;

beforeAll(async () => {
  test = await createTestCore();
  const personalData = createPersonalData(
    [
      {
        module: 'notes',
        async *export() {
          yield { path: 'notes.json', content: '["mine"]' };
        },
        erase: async (_tx, personId) => void gone.push(personId),
        retention: [{ what: 'notes', days: null, why: 'They are hers.' }],
      },
    ],
    test.core,
  );
  serveUpkeep(test.core, personalData, erased);
  test.core.outbox.react(
    reactTo('test.stuck', erased, async () => {
      if (broken) throw new Error('stuck');
    }),
  );
  test.core.jobs.handle(doomed, async () => {
    ran += 1;
    throw new Error('no use');
  });
  url = await test.listen();
  ({ orgId, people } = await test.organisation(['owner', 'member']));
});
afterAll(() => test.close());

it('gives a person her data and what is kept', async () => {
  const answer = await fetch(`${url}/api/v1${exportMyData.path}`, {
    headers: test.client(people[1]).headers,
  });
  expect(answer.headers.get('content-type')).toBe('application/zip');
  const zip = Buffer.from(await answer.arrayBuffer());
  expect(zip.subarray(0, 2).toString()).toBe('PK');
  expect(zip.includes('notes/notes.json')).toBe(true);
  const { body } = await test.client(people[1]).call(listRetention);
  expect(body.rows).toContainEqual({ module: 'notes', what: 'notes', days: null, why: 'They are hers.' });
  expect((await fetch(`${url}/api/v1${exportMyData.path}`)).status).toBe(401);
});

it('shows stuck work to who looks after it, and lets it go on; the erased are erased everywhere', async () => {
  await test.core.db.transaction(orgId, async (tx) =>
    test.core.outbox.emit(tx, erased, { orgId, personId: people[1]!.id, version: 1 }),
  );
  for (let n = 0; n < triesBeforeParking; n++) {
    await test.core.outbox.drain();
    await test.testDb.admin('update core.reaction_cursor set next_try_at = now() where tries > 0');
  }
  await test.core.jobs.drain();
  expect(gone).toContain(people[1]!.id);
  const owner = test.client(people[0]);
  const { body } = await owner.call(listParked);
  expect(body).toMatchObject({
    total: 1,
    next: null,
    rows: [{ kind: 'reaction', name: 'test.stuck', event: 'test.person-erased', error: 'stuck' }],
  });
  expect(body.rows[0]!.tries).toBe(triesBeforeParking);
  expect((await test.client(people[1]).call(listParked)).status).toBe(403);
  const stranger = test.client((await test.organisation()).people[0]);
  expect((await stranger.call(listParked)).body.rows).toEqual([]);
  const resume = { body: { id: body.rows[0]!.id, how: 'retry' as const } };
  expect((await stranger.call(resumeParked, resume)).status).toBe(404);
  broken = false;
  expect((await owner.call(resumeParked, resume)).status).toBe(204);
  await test.core.outbox.drain();
  expect((await owner.call(listParked)).body).toEqual({ rows: [], next: null, total: 0 });
  // Somebody else looked at the same list: it is no longer stuck.
  expect((await owner.call(resumeParked, resume)).status).toBe(404);
});

it('shows jobs of the organisation that were given up, page by page, and lets them be tried or dropped', async () => {
  for (let n = 0; n < 3; n++) await test.core.jobs.add(doomed, { orgId, n }, { key: String(n) });
  const { orgId: elsewhere, people: others } = await test.organisation();
  await test.core.jobs.add(doomed, { orgId: elsewhere, n: 9 });
  await test.core.jobs.drain();
  const owner = test.client(people[0]);
  const first = (await owner.call(listParked, { query: { limit: 2 } })).body;
  expect(first).toMatchObject({ total: 3, rows: [{ kind: 'job', name: 'test.doomed', tries: 1 }, {}] });
  expect(first.rows[0]!.error).toContain('no use');
  const rest = (await owner.call(listParked, { query: { limit: 2, cursor: first.next! } })).body;
  expect(rest.next).toBeNull();
  const ids = [...first.rows, ...rest.rows].map(({ id }) => id);
  expect(new Set(ids).size).toBe(3);
  const theirs = (await test.client(others[0]).call(listParked)).body.rows;
  expect(theirs).toHaveLength(1);

  const resume = (id: string, how: 'retry' | 'skip') => owner.call(resumeParked, { body: { id, how } });
  expect((await resume(theirs[0]!.id, 'skip')).status).toBe(404);
  expect((await resume('job_x', 'skip')).status).toBe(404);
  expect((await resume(ids[0]!, 'skip')).status).toBe(204);
  expect((await resume(ids[1]!, 'retry')).status).toBe(204);
  expect((await owner.call(listParked)).body.rows.map(({ id }) => id)).toEqual([ids[2]]);
  expect(ran).toBe(4);
  await test.core.jobs.drain();
  expect(ran).toBe(5);
  const log = await test.core.db.read(orgId, (tx) => test.core.audit.list(tx, { limit: 2 }));
  expect(log.rows.map(({ action, details }) => [action, details.name])).toEqual([
    ['core.parked-work-retried', 'test.doomed'],
    ['core.parked-work-skipped', 'test.doomed'],
  ]);
});
