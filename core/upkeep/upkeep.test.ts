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
  expect(body.rows).toMatchObject([{ reaction: 'test.stuck', streamId: orgId, error: 'stuck' }]);
  expect((await test.client(people[1]).call(listParked)).status).toBe(403);
  const stranger = test.client((await test.organisation()).people[0]);
  expect((await stranger.call(listParked)).body.rows).toEqual([]);
  const resume = { body: { reaction: 'test.stuck', streamId: orgId, how: 'retry' as const } };
  expect((await stranger.call(resumeParked, resume)).status).toBe(404);
  broken = false;
  expect((await owner.call(resumeParked, resume)).body.rows).toEqual([]);
  await test.core.outbox.drain();
  expect((await owner.call(listParked)).body.rows).toEqual([]);
});
