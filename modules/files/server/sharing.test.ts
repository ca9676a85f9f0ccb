import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as api from '../contract/index.ts';
import { type FilesStage, openFilesStage } from './testing/files-stage.ts';

let stage: FilesStage;
let { alice, bob, guest, carol, team, upload, send } = {} as FilesStage;
let bobId: string;
let carolId: string;

beforeAll(async () => {
  stage = await openFilesStage();
  ({ alice, bob, guest, carol, team, upload, send } = stage);
  [, bobId, , carolId] = stage.people.map(({ id }) => id) as [string, string, string, string];
});
afterAll(() => stage.close());

type Who = typeof alice;
const folder = async (name: string, parentId = team.rootId): Promise<string> =>
  (await alice.call(api.createFolder, { params: { nodeId: parentId }, body: { name } })).body.id;
const file = async (folderId: string, name: string): Promise<string> => {
  expect((await upload(alice, folderId, name, name)).status).toBe(201);
  const { body } = await alice.call(api.listFolder, { params: { nodeId: folderId } });
  return body.rows.find((row) => row.name === name)!.id;
};
const share = (
  nodeId: string,
  principal: api.Principal,
  right: api.GivenRight,
  { who = alice, until = null }: { who?: Who; until?: string | null } = {},
) => who.call(api.shareNode, { params: { nodeId }, body: { principal, right, until } });
const person = (id: string): api.Principal => ({ kind: 'person', id });
const open = async (who: Who, nodeId: string) => (await who.call(api.getNode, { params: { nodeId } })).status;
const names = async (who: Who, nodeId: string) =>
  ((await who.call(api.listFolder, { params: { nodeId } })).body.rows ?? []).map(({ name }) => name);
const shared = async (who: Who) => (await who.call(api.listShared)).body.rows.map(({ id }) => id);
const readers = async (nodeId: string, who = alice) =>
  (await who.call(api.listReaders, { params: { nodeId } })).body;

describe('a folder that is shared', () => {
  it('is open to somebody outside with all that is in it, and nothing around it', async () => {
    const around = await folder('around');
    const given = await folder('given', around);
    const inside = await file(given, 'inside.txt');
    expect(await open(carol, given)).toBe(404);
    expect((await share(given, person(carolId), 'read')).status).toBe(204);
    const seen = await carol.call(api.getNode, { params: { nodeId: inside } });
    expect(seen.body).toMatchObject({ right: 'read', path: [{ id: given, name: 'given' }] });
    expect([await open(carol, around), await open(carol, team.rootId)]).toEqual([404, 404]);
    expect(await names(carol, given)).toEqual(['inside.txt']);
    expect(await shared(carol)).toEqual([given]);
    expect(await shared(bob)).toEqual([]);
    const found = async (who: Who) =>
      (await who.call(api.searchFiles, { query: { q: 'inside' } })).body.rows.map(({ id }) => id);
    expect(await found(carol)).toEqual([inside]);
    await carol.call(api.setStar, { params: { nodeId: inside }, body: { on: true } });
    const starred = async () => (await carol.call(api.listStarred)).body.rows.map(({ id }) => id);
    expect(await starred()).toEqual([inside]);
    expect((await send(carol, 'GET', `/files/nodes/${given}/zip`)).status).toBe(200);
    expect((await upload(carol, given, 'x.txt', 'x')).status).toBe(403);

    // Write: she adds and renames, and takes nothing away out of what is not hers.
    await share(given, person(carolId), 'write');
    expect((await upload(carol, given, 'hers.txt', 'x')).status).toBe(201);
    const move = (nodeId: string, folderId: string) =>
      carol.call(api.moveNodes, { body: { nodeIds: [nodeId], folderId } });
    const mine = (await carol.call(api.listTrees)).body.rows[0]!;
    expect((await move(given, mine.rootId)).status).toBe(403);
    expect((await carol.call(api.trashNodes, { body: { nodeIds: [given] } })).status).toBe(403);
    expect((await share(given, person(bobId), 'read', { who: carol })).status).toBe(403);

    const { grants } = await readers(given);
    const grantId = grants.find(({ principal }) => principal.id === carolId)!.id;
    const end = (who: Who, nodeId: string) => who.call(api.endShare, { params: { nodeId, grantId } });
    expect([(await end(bob, given)).status, (await end(alice, inside)).status]).toEqual([403, 404]);
    expect((await end(alice, given)).status).toBe(204);
    expect(await open(carol, inside)).toBe(404);
    expect([await shared(carol), await found(carol), await starred()]).toEqual([[], [], []]);
  });

  it('is given to teams, groups and the whole organisation, until it ends', async () => {
    const given = await folder('to many');
    const { db, spaces } = stage.test.core;
    const group = await db.transaction(stage.orgId, (tx) =>
      spaces.create(tx, { kind: 'group', name: 'Tides', members: [{ personId: carolId, role: 'member' }] }),
    );
    await share(given, { kind: 'group', id: group.id }, 'comment');
    expect([await open(carol, given), await shared(carol)]).toEqual([200, [given]]);
    const { people, grants } = await readers(given, carol);
    const grant = grants.find(({ principal }) => principal.id === group.id)!;
    expect(grant).toMatchObject({ name: 'Tides', right: 'comment', nodeName: 'to many' });
    expect(people.find(({ personId }) => personId === carolId)).toMatchObject({
      right: 'comment',
      by: { grantId: grant.id },
    });
    expect(people.find(({ personId }) => personId === bobId)).toMatchObject({
      right: 'write',
      by: { role: 'member' },
    });
    const until = new Date(Date.now() + 3_600_000).toISOString();
    await share(given, { kind: 'group', id: group.id }, 'read', { until });
    expect((await readers(given)).grants).toMatchObject([{ id: grant.id, right: 'read', until }]);
    await stage.test.testDb.admin("update core.grant set until = now() - interval '1 s' where id = $1", [
      grant.id,
    ]);
    expect(await open(carol, given)).toBe(404);
    await share(given, { kind: 'organisation' }, 'read');
    expect([await open(carol, given), await shared(carol)]).toEqual([200, [given]]);
    for (const [principal, status] of [
      [{ kind: 'person', id: stage.test.core.ids.next() }, 404],
      [{ kind: 'space', id: group.id }, 404],
      [{ kind: 'group', id: stage.spaceId }, 404],
    ] as const) {
      expect((await share(given, principal, 'read')).status).toBe(status);
    }
    const late = new Date(Date.now() - 1000).toISOString();
    expect((await share(given, person(carolId), 'read', { until: late })).body).toMatchObject({
      code: 'files-until',
    });
  });

  it('tells a guest of nobody that she is not with', async () => {
    const given = await folder('seen by a guest');
    await share(given, person(carolId), 'read');
    const { people, grants } = await readers(given, guest);
    expect(people.map(({ personId }) => personId)).not.toContain(carolId);
    expect(grants).toEqual([]);
    expect((await readers(given, bob)).grants).toHaveLength(1);
  });
});

describe('a folder that is closed to some', () => {
  it('is nowhere for them: list, zip, copy, search, trash, and it cannot be carried away', async () => {
    const around = await folder('half open');
    const closed = await folder('closed one', around);
    const secret = await file(closed, 'sealed.txt');
    await file(around, 'plain.txt');
    await bob.call(api.setStar, { params: { nodeId: secret }, body: { on: true } });
    expect((await share(closed, person(bobId), 'none')).status).toBe(204);
    expect([await open(bob, closed), await open(bob, secret), await open(guest, secret)]).toEqual([
      404, 404, 200,
    ]);
    expect(await names(bob, around)).toEqual(['plain.txt']);
    expect(await names(guest, around)).toEqual(['closed one', 'plain.txt']);
    const found = await bob.call(api.searchFiles, { query: { q: 'sealed' } });
    expect(found.body.rows).toEqual([]);
    expect((await bob.call(api.listStarred)).body.rows).toEqual([]);
    const zip = Buffer.from(await (await send(bob, 'GET', `/files/nodes/${around}/zip`)).arrayBuffer());
    expect([zip.includes('plain.txt'), zip.includes('sealed.txt')]).toEqual([true, false]);
    const mine = (await bob.call(api.listTrees)).body.rows.find(({ kind }) => kind === 'personal')!;
    const moved = await bob.call(api.moveNodes, { body: { nodeIds: [around], folderId: mine.rootId } });
    expect([moved.status, moved.body.code]).toEqual([409, 'files-part-closed']);
    const copied = await bob.call(api.copyNodes, { body: { nodeIds: [around], folderId: mine.rootId } });
    expect(await names(bob, copied.body.rows[0]!.id)).toEqual(['plain.txt']);
    await alice.call(api.trashNodes, { body: { nodeIds: [secret] } });
    const trash = async (who: Who) =>
      (await who.call(api.listTrash, { params: { treeId: team.id } })).body.rows.map(({ id }) => id);
    expect([(await trash(alice)).includes(secret), (await trash(bob)).includes(secret)]).toEqual([
      true,
      false,
    ]);
    // Who manages the team is never shut out, not even by herself.
    await share(closed, { kind: 'space', id: stage.spaceId }, 'none');
    expect([await open(alice, closed), await open(guest, closed)]).toEqual([200, 404]);
    const { people } = await readers(closed);
    expect(people.map(({ by }) => by)).toEqual([{ role: 'manager' }]);
  });

  it('leaves its grants and links behind when it goes to another space', async () => {
    const given = await folder('moves away');
    const inside = await file(given, 'deep.txt');
    await share(inside, person(carolId), 'write');
    await alice.call(api.createLink, { params: { nodeId: given }, body: { mode: 'read' } });
    const mine = (await alice.call(api.listTrees)).body.rows.find(({ kind }) => kind === 'personal')!;
    expect(
      (await alice.call(api.moveNodes, { body: { nodeIds: [given], folderId: mine.rootId } })).status,
    ).toBe(200);
    expect(await open(carol, inside)).toBe(404);
    expect((await readers(inside)).links).toEqual([]);
    expect((await alice.call(api.listNodeLinks, { params: { nodeId: given } })).body.rows).toEqual([]);
  });
});

it('asks for the rights of a folder, not of its rows', async () => {
  const id = await folder('of many');
  const { testDb, core } = stage.test;
  await testDb.admin(
    `insert into files.node (id, org_id, tree_id, parent_id, rank, name, name_hash, sort_key, words, bytes, sha256, version)
     select gen_random_uuid(), $1, $2, $3, 1, 'f' || n, 'h' || n, 'f' || lpad(n::text, 6, '0'), '', n, repeat('0', 64), 1
     from generate_series(1, 20000) n`,
    [stage.orgId, team.id, id],
  );
  await testDb.admin('analyze files.node');
  const [one] = (await bob.call(api.listFolder, { params: { nodeId: id } })).body.rows;
  await share(one!.id, person(bobId), 'none');
  expect((await names(bob, id))[0]).toBe('f2');
  const { pageStatement } = await import('./queries.ts');
  const { hiddenStatement } = await import('./narrowed.ts');
  const explain = async (statement: string, parameters: unknown[]) =>
    (
      await core.db.read(stage.orgId, (tx) =>
        tx.query<{ 'QUERY PLAN': string }>(`explain (analyze, timing off) ${statement}`, parameters),
      )
    )
      .map((row) => row['QUERY PLAN'])
      .join('\n');
  const page = await explain(pageStatement('name', false, false, true), [bobId, id, 1, 101, [one!.id]]);
  expect(page).toMatch(/Index Scan using node_by_name/);
  expect(page).not.toMatch(/right_|around|Sort/);
  const hidden = await explain(hiddenStatement, [bobId, stage.spaceId, team.id, id, [team.rootId, id]]);
  expect(hidden).not.toMatch(/Seq Scan on node|node_parent|node_by_/);
});
