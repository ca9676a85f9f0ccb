import { afterAll, beforeAll, expect, it } from 'vitest';
import * as api from '../contract/index.ts';
import { createSentFiles } from './actions/sent-files.ts';
import { type FilesStage, openFilesStage } from './testing/files-stage.ts';

let stage: FilesStage;
let sent: api.SentFiles;
beforeAll(async () => {
  stage = await openFilesStage();
  const { core } = stage.test;
  const needs = { emit: core.outbox.emit, spaces: core.spaces, nextId: () => core.ids.next() };
  sent = createSentFiles(needs, core.settings.site.number);
});
afterAll(() => stage.close());

const actorOf = (at: number) =>
  ({
    kind: 'person',
    orgId: stage.orgId,
    personId: stage.people[at]!.id,
    sessionId: stage.people[at]!.id,
  }) as never;
async function keep(at: number, name: string, text: string): Promise<string> {
  const { core } = stage.test;
  const { sha256, bytes } = await core.blobs.put([Buffer.from(text)], { maxBytes: 1000 });
  const files = [{ name, mediaType: 'text/plain', bytes, sha256 }];
  const [id] = await core.db.transaction(stage.orgId, (tx) =>
    sent.keep(tx, actorOf(at), { spaceId: stage.spaceId, files }),
  );
  return id!;
}
const find = (nodeIds: readonly string[]) =>
  stage.test.core.db.read(stage.orgId, (tx) => sent.find(tx, nodeIds));
const takeBack = (...nodeIds: string[]) =>
  stage.test.core.db.transaction(stage.orgId, (tx) => sent.takeBack(tx, actorOf(0), nodeIds));
const rowsOf = async (nodeId: string, who = stage.alice) =>
  (await who.call(api.listFolder, { params: { nodeId }, query: {} })).body.rows ?? [];
const sentFolders = async () => (await rowsOf(stage.team.rootId)).filter(({ kind }) => kind === 'folder');
const namesIn = async (nodeId: string) => (await rowsOf(nodeId)).map(({ name }) => name).sort();

it('what is sent in a space, by a guest too, is its file, and two of one name are two', async () => {
  await keep(1, 'image.png', 'one');
  await keep(2, 'image.png', 'two');
  const folders = await sentFolders();
  expect(folders.map(({ name }) => name)).toEqual(['Chat']);
  expect(await namesIn(folders[0]!.id)).toEqual(['image (2).png', 'image.png']);
  const trees = (await stage.alice.call(api.listTrees)).body.rows;
  expect(trees.find(({ id }) => id === stage.team.id)?.usedBytes).toBe(6);
  const params = { nodeId: folders[0]!.id };
  expect((await stage.carol.call(api.listFolder, { params, query: {} })).status).toBe(404);
});

it('a name that files cannot have is mended, and one that all numbers have gets the time', async () => {
  const [folder] = await sentFolders();
  const odd = await keep(0, `${'ä'.repeat(200)}.html`, 'long');
  const device = await keep(0, 'con', 'device');
  const rows = await rowsOf(folder!.id);
  expect(rows.find(({ id }) => id === odd)?.name).toMatch(/^ä{100,}\.html$/);
  expect(rows.find(({ id }) => id === device)?.name).toBe('_con');
  for (let number = 3; number <= 200; number += 1) await keep(0, 'image.png', 'one');
  const last = await keep(0, 'image.png', 'last');
  const node = await stage.alice.call(api.getNode, { params: { nodeId: last } });
  expect(node.body.node.name).toMatch(/^image \d{4}-.*Z\.png$/);
});

it('is where it was put until it, or a folder around it, is in the trash or gone', async () => {
  const [folder] = await sentFolders();
  const id = await keep(0, 'plan.txt', 'plan');
  const stranger = '018f7a00-0000-7000-8000-000000000001';
  const all = [id, folder!.id];
  const folders = new Set([folder!.id]);
  expect(await find([...all, stranger])).toEqual({ here: new Set(all), there: new Set(all), folders });
  await stage.alice.call(api.trashNodes, { body: { nodeIds: [folder!.id] } });
  expect(await find([id])).toEqual({ here: new Set(), there: new Set([id]), folders: new Set() });
  await stage.alice.call(api.restoreNodes, { body: { nodeIds: [folder!.id] } });
  expect((await find([id])).here).toEqual(new Set([id]));
});

it('taken back it is in the trash, but for what somebody made theirs', async () => {
  const [folder] = await sentFolders();
  const ids = [await keep(0, 'a.txt', 'a'), await keep(0, 'b.txt', 'b'), await keep(0, 'c.txt', 'c')];
  const [, versioned, moved] = ids as [string, string, string];
  await stage.upload(stage.alice, folder!.id, 'b.txt', 'newer');
  await stage.alice.call(api.moveNodes, { body: { nodeIds: [moved], folderId: stage.team.rootId } });
  await takeBack(...ids);
  await takeBack(...ids);
  expect((await find(ids)).here).toEqual(new Set([versioned, moved]));
});

it('follows its folder when that is called otherwise, and makes another when it was thrown away', async () => {
  const [there] = await sentFolders();
  await stage.alice.call(api.renameNode, { params: { nodeId: there!.id }, body: { name: 'Talk' } });
  await keep(0, 'plan.txt', 'plan');
  expect((await sentFolders()).map(({ name }) => name)).toEqual(['Talk']);
  await stage.alice.call(api.trashNodes, { body: { nodeIds: [there!.id] } });
  await keep(0, 'later.txt', 'later');
  expect((await sentFolders()).map(({ name }) => name)).toEqual(['Chat']);
});

it('what does not fit is refused, and nothing of it is there', async () => {
  await stage.test.core.db.transaction(stage.orgId, (tx) =>
    tx.query('update files.tree set quota_bytes = used_bytes where id = $1', [stage.team.id]),
  );
  const [folder] = await sentFolders();
  const before = await namesIn(folder!.id);
  await expect(keep(0, 'more.txt', 'more')).rejects.toMatchObject({ status: 413, code: 'files-quota' });
  expect(await namesIn(folder!.id)).toEqual(before);
});
