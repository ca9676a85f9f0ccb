import { mostText } from '@liaison/core/content';
import { defineJob } from '@liaison/core/jobs';
import type { TestPerson } from '@liaison/core/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import * as api from '../../contract/index.ts';
import { openTextsStage, type TextsStage } from '../testing/texts-stage.ts';
import { readBytes, readTextsJob } from './read-texts.ts';

let stage: TextsStage;
let { write, settle } = {} as TextsStage;
let [manager, , guest, outsider] = [] as unknown as [TestPerson, TestPerson, TestPerson, TestPerson];
beforeAll(async () => {
  stage = await openTextsStage();
  ({ write, settle } = stage);
  [manager, , guest, outsider] = stage.people as [TestPerson, TestPerson, TestPerson, TestPerson];
});
afterAll(() => stage.close());

const textOf = (id: string, person: TestPerson = guest): Promise<string | undefined> =>
  stage.textOf(id, person);
const ok = async (answer: Promise<{ status: number }>) => expect((await answer).status).toBeLessThan(300);
const rowsOf = (id: string) =>
  stage.test.testDb.admin('select text from files.text where node_id = $1', [id]);

it('is found as it is now: for who may read it, in its newest version, and not in the trash', async () => {
  const id = await write('Marées.md', '# La marée\nhaute à 6 h');
  await settle();
  expect(await textOf(id)).toBe('# La marée\nhaute à 6 h');
  expect(await textOf(id, outsider)).toBeUndefined();

  await write('Marées.md', 'basse à midi');
  await stage.test.core.outbox.drain();
  // Of the version before nothing is found any more, although the newest was not read yet.
  expect(await textOf(id)).toBe('');
  await settle();
  expect(await textOf(id)).toBe('basse à midi');

  const rename = (name: string) =>
    stage.alice.call(api.renameNode, { params: { nodeId: id }, body: { name } });
  await ok(rename('Marées.png'));
  await settle();
  expect(await textOf(id)).toBe('');
  await ok(rename('Marées.csv'));
  await settle();
  expect(await textOf(id)).toBe('basse à midi');

  await ok(stage.alice.call(api.trashNodes, { body: { nodeIds: [id] } }));
  expect(await textOf(id)).toBeUndefined();
  await ok(stage.alice.call(api.restoreNodes, { body: { nodeIds: [id] } }));
  await settle();
  expect(await textOf(id)).toBe('basse à midi');

  const share = {
    params: { nodeId: id },
    body: { principal: { kind: 'person', id: guest.id }, right: 'none', until: null },
  };
  await ok(stage.alice.call(api.shareNode, share));
  expect([await textOf(id), await textOf(id, manager)]).toEqual([undefined, 'basse à midi']);

  await ok(stage.alice.call(api.trashNodes, { body: { nodeIds: [id] } }));
  await ok(stage.alice.call(api.deleteNodes, { body: { nodeIds: [id] } }));
  await settle();
  expect(await rowsOf(id)).toEqual([]);
});

it('is there at once where it is small, and read by nobody again', async () => {
  const id = await write('small.txt', 'slack water');
  expect(await rowsOf(id)).toEqual([{ text: 'slack water' }]);
  const large = await write('large.txt', 'spring tide '.repeat(2000));
  expect(await rowsOf(large)).toEqual([]);
  await stage.test.core.outbox.drain();
  expect(await textOf(id)).toBe('slack water');
  const asked = await stage.test.testDb.admin('select payload from graphile_worker._private_jobs');
  expect(JSON.stringify(asked)).toContain(large);
  expect(JSON.stringify(asked)).not.toContain(id);
  await settle();
  expect((await textOf(large))?.startsWith('spring tide')).toBe(true);
});

it('is the beginning of what can be read, and nothing of what cannot', async () => {
  const utf16 = Buffer.concat([Buffer.of(0xff, 0xfe), Buffer.from('Hébridas', 'utf16le')]);
  const files: Record<string, [bytes: Uint8Array | string, text: string]> = {
    'notes.txt': ['Vent d’ouest', 'Vent d’ouest'],
    'windows.csv': [Buffer.from('marée;Lomé', 'latin1'), 'marée;Lomé'],
    'utf16.txt': [utf16, 'Hébridas'],
    'holes.txt': ['tide\0table', ''],
    'archive.txt': [Buffer.of(0x50, 0x4b, 3, 4, 20, 0, 0, 0, 8, 0, 0xff, 0xd8), ''],
    'empty.txt': ['', ''],
    'program.bin': ['text in a file of no kind', ''],
    'long.log': ['é'.repeat(readBytes), 'é'.repeat(mostText)],
    'broken.json': [`{"a":"\ud83d`, '{"a":"\ufffd'],
  };
  const ids = new Map<string, string>();
  for (const [name, [bytes]] of Object.entries(files)) ids.set(name, await write(name, bytes));
  for (let twice = 0; twice < 2; twice += 1) {
    await settle();
    for (const [name, [, text]] of Object.entries(files)) {
      expect([name, (await textOf(ids.get(name)!)) === text]).toEqual([name, true]);
    }
    await stage.test.core.jobs.add(readTextsJob, { orgId: stage.orgId, nodeIds: [...ids.values()] });
  }
  expect(stage.test.logged).toEqual([]);
});

it('is read of files that were there before anybody did, of those alone whose bytes are there', async () => {
  const { admin } = stage.test.testDb;
  const [there, gone] = [
    await write('there.txt', 'spinnaker'),
    await write('gone.txt', 'its blob is lost '.repeat(2000)),
  ];
  const [lost] = await admin('select sha256 from files.node where id = $1', [gone]);
  await stage.test.core.blobs.remove(lost?.sha256 as string);
  await settle();
  await admin("delete from files.text; delete from core.content_reading where follower = 'files.texts'");
  const anew = defineJob({ name: 'files.read-texts-anew', payload: z.object({}) });
  await stage.test.core.jobs.add(anew, {});
  for (let rounds = 0; rounds < 2; rounds += 1) await settle();
  expect([await textOf(there), await textOf(gone)]).toEqual(['spinnaker', '']);
});

it('is not kept of a file that goes while it is read', async () => {
  const id = await write('race.txt', 'read and deleted at once '.repeat(1000));
  await stage.test.core.outbox.drain();
  await ok(stage.alice.call(api.trashNodes, { body: { nodeIds: [id] } }));
  const read = stage.test.core.jobs.drain();
  await ok(stage.alice.call(api.deleteNodes, { body: { nodeIds: [id] } }));
  await read;
  await settle();
  expect(await rowsOf(id)).toEqual([]);
});
