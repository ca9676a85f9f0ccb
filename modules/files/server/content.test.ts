import { type KeptContent, keepContent, type TestPerson } from '@liaison/core/testing';
import { teamChanged } from '@liaison/people';
import { afterAll, beforeAll, expect, it } from 'vitest';
import * as api from '../contract/index.ts';
import { content, files } from './content.ts';
import { type FilesStage, openFilesStage } from './testing/files-stage.ts';

let stage: FilesStage;
let kept: KeptContent;
let { alice, team, upload } = {} as FilesStage;
let [manager, member, guest, outsider] = [] as unknown as [TestPerson, TestPerson, TestPerson, TestPerson];

beforeAll(async () => {
  stage = await openFilesStage();
  kept = keepContent(stage.test, content);
  ({ alice, team, upload } = stage);
  [manager, member, guest, outsider] = stage.people as [TestPerson, TestPerson, TestPerson, TestPerson];
});
afterAll(() => stage.close());

const folder = async (name: string, parentId = team.rootId): Promise<string> => {
  const made = await alice.call(api.createFolder, { params: { nodeId: parentId }, body: { name } });
  expect([name, made.status]).toEqual([name, 200]);
  return made.body.id;
};
const fileIn = async (folderId: string, name: string): Promise<string> => {
  expect((await upload(alice, folderId, name, name)).status).toBe(201);
  const { rows } = (await alice.call(api.listFolder, { params: { nodeId: folderId }, query: {} })).body;
  return rows.find((node) => node.name === name)!.id;
};
const found = async (person = member) =>
  (await kept.readableBy(person)).map(({ title, container }) => [title, container]);
const ok = async (answer: Promise<{ status: number }>) => expect((await answer).status).toBeLessThan(300);

it('is what may be read of files and folders, as they are called and where they lie now', async () => {
  const tides = await folder('Tides');
  const tables = await fileIn(tides, 'tables.csv');
  const top = await fileIn(team.rootId, 'plan.pdf');
  const own = (await alice.call(api.listTrees)).body.rows.find(({ kind }) => kind === 'personal')!;
  await fileIn(own.rootId, 'diary.txt');

  expect(await found()).toEqual([
    ['plan.pdf', 'Port study'],
    ['tables.csv', 'Tides'],
    ['Tides', 'Port study'],
  ]);
  expect(await found(guest)).toHaveLength(3);
  expect(await found(outsider)).toEqual([]);
  expect(await found(manager)).toContainEqual(['diary.txt', '']);
  expect((await kept.readableBy(member)).find(({ id }) => id === tables)).toMatchObject({
    kind: 'files.file',
    place: { spaceId: stage.spaceId, containerId: team.id, around: [team.rootId, tides], itemId: tables },
    personIds: [manager.id],
    path: `/files/${tables}`,
  });

  // What lies in a folder follows it: by name, into the trash and back, into another space.
  await ok(alice.call(api.renameNode, { params: { nodeId: tides }, body: { name: 'Marées' } }));
  expect(await found()).toContainEqual(['tables.csv', 'Marées']);
  await ok(alice.call(api.trashNodes, { body: { nodeIds: [tides] } }));
  expect(await found()).toEqual([['plan.pdf', 'Port study']]);
  await ok(alice.call(api.restoreNodes, { body: { nodeIds: [tides] } }));
  expect(await found()).toHaveLength(3);
  await ok(alice.call(api.moveNodes, { body: { nodeIds: [tides], folderId: own.rootId } }));
  expect(await found()).toEqual([['plan.pdf', 'Port study']]);
  expect(await found(manager)).toContainEqual(['tables.csv', 'Marées']);
  await ok(alice.call(api.moveNodes, { body: { nodeIds: [tides], folderId: team.rootId } }));
  expect(await found()).toHaveLength(3);

  // A team of another name.
  await stage.test.core.db.transaction(stage.orgId, async (tx) => {
    await stage.test.core.spaces.rename(tx, stage.spaceId, 'Harbour');
    stage.test.core.outbox.emit(tx, teamChanged, { spaceId: stage.spaceId, kind: 'team' });
  });
  expect(await found()).toContainEqual(['plan.pdf', 'Harbour']);

  // Trashed and deleted at once: what was inside cannot be looked up any more.
  await ok(alice.call(api.trashNodes, { body: { nodeIds: [tides] } }));
  await ok(alice.call(api.deleteNodes, { body: { nodeIds: [tides] } }));
  await ok(alice.call(api.trashNodes, { body: { nodeIds: [top] } }));
  expect(await found()).toEqual([]);
});

it('follows what is granted: one file of a closed folder is found without the folder’s name', async () => {
  const closed = await folder('Closed');
  const open = await fileIn(closed, 'open.txt');
  await fileIn(closed, 'secret.txt');
  const share = (nodeId: string, principal: object, right: string) =>
    alice.call(api.shareNode, { params: { nodeId }, body: { principal, right, until: null } });
  await ok(share(closed, { kind: 'person', id: member.id }, 'none'));
  expect(await found()).toEqual([]);
  await ok(share(open, { kind: 'person', id: member.id }, 'read'));
  await ok(share(open, { kind: 'person', id: outsider.id }, 'read'));
  expect(await found()).toEqual([['open.txt', '']]);
  expect(await found(outsider)).toEqual([['open.txt', '']]);

  const { body } = await alice.call(api.listReaders, { params: { nodeId: open } });
  for (const { id: grantId, nodeId } of body.grants) {
    if (nodeId === open) await ok(alice.call(api.endShare, { params: { nodeId: open, grantId } }));
  }
  expect(await found()).toEqual([]);
  expect(await found(outsider)).toEqual([]);
  expect(await found(guest)).toContainEqual(['open.txt', 'Closed']);
});

it('is read file by file by an index, where the session knew the folder while little was in it', async () => {
  const into = await folder('Growing');
  const [change] = files.changes;
  const undone = new Error('not kept');
  const work = stage.test.core.db.transaction(stage.orgId, async (tx) => {
    const fill = (count: number) =>
      tx.query<{ id: string }>(
        `insert into files.node (id, org_id, tree_id, parent_id, rank, name, name_hash, sort_key, words, bytes, sha256, version)
         select gen_random_uuid(), $1, $2, $3, 1, each, each, each, 'f', 1, repeat('0', 64), 1
         from (select gen_random_uuid()::text as each from generate_series(1, $4)) n returning id`,
        [stage.orgId, team.id, into, count],
      );
    const readOf = async (): Promise<number> => {
      const [row] = await tx.query<{ read: string }>(
        `select seq_tup_read as read from pg_stat_xact_user_tables where schemaname = 'files' and relname = 'node'`,
      );
      return Number(row?.read);
    };
    const ids = (await fill(10)).map(({ id }) => id);
    const look = async () => {
      const concerned = await change!.idsOf(
        tx,
        { spaceId: stage.spaceId, treeId: team.id, nodeIds: ids },
        { after: null, limit: 200 },
      );
      expect((await files.read(tx, concerned)).map(({ container }) => container)).toEqual(
        ids.map(() => 'Growing'),
      );
    };
    // As often as it takes until PostgreSQL keeps to a plan.
    for (let at = 0; at < 7; at += 1) await look();
    await fill(2000);
    const before = await readOf();
    await look();
    expect((await readOf()) - before).toBeLessThan(2000);
    throw undone;
  });
  await expect(work).rejects.toBe(undone);
});
