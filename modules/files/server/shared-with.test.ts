import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as api from '../contract/index.ts';
import { candidatesStatement } from './shared-with.ts';
import { type FilesStage, openFilesStage } from './testing/files-stage.ts';

let stage: FilesStage;
let { alice, bob, guest, carol, team, upload } = {} as FilesStage;
let [aliceId, bobId, guestId, carolId] = ['', '', '', ''];

beforeAll(async () => {
  stage = await openFilesStage();
  ({ alice, bob, guest, carol, team, upload } = stage);
  [aliceId, bobId, guestId, carolId] = stage.people.map(({ id }) => id) as [string, string, string, string];
}, 60_000);
afterAll(() => stage?.close());

type Who = typeof alice;
const rootOf = async (who: Who): Promise<string> =>
  (await who.call(api.listTrees)).body.rows.find(({ kind }) => kind === 'personal')!.rootId;
const file = async (who: Who, folderId: string, name: string, text = name): Promise<string> => {
  expect((await upload(who, folderId, name, text)).status).toBe(201);
  const { body } = await who.call(api.listFolder, { params: { nodeId: folderId } });
  return body.rows.find((row) => row.name === name)!.id;
};
const folder = async (who: Who, parentId: string, name: string): Promise<string> =>
  (await who.call(api.createFolder, { params: { nodeId: parentId }, body: { name } })).body.id;
const share = async (
  who: Who,
  nodeId: string,
  personId: string,
  right: api.GivenRight = 'read',
  until: string | null = null,
) =>
  expect(
    (
      await who.call(api.shareNode, {
        params: { nodeId },
        body: { principal: { kind: 'person', id: personId }, right, until },
      })
    ).status,
  ).toBe(204);
const listed = (who: Who, personId: string, query: { limit?: number; cursor?: string } = {}) =>
  who.call(api.listFilesWith, { params: { personId }, query });
const names = async (who: Who, personId: string) =>
  (await listed(who, personId)).body.rows.map(({ name }) => name);

describe('what two people share', () => {
  it('is what was given either way and what the other put into a place of both, latest first', async () => {
    await file(alice, await rootOf(alice), 'hers alone.txt');
    await file(alice, team.rootId, 'alice in the team.txt');
    await file(bob, team.rootId, 'bob in the team.txt');
    const given = await file(alice, await rootOf(alice), 'given to bob.txt');
    await share(alice, given, bobId);
    const back = await file(bob, await rootOf(bob), 'given to alice.txt');
    await share(bob, back, aliceId);
    expect((await listed(bob, aliceId)).body.rows).toMatchObject([
      { name: 'given to alice.txt', given: 'to-her', placeName: '' },
      { name: 'given to bob.txt', given: 'to-me', placeName: '' },
      { name: 'alice in the team.txt', given: null, placeName: 'Port study' },
    ]);
    expect(await names(alice, bobId)).toEqual([
      'given to alice.txt',
      'given to bob.txt',
      'bob in the team.txt',
    ]);
    // Carol is in no team with them, and was given nothing.
    expect([await names(carol, aliceId), await names(alice, carolId)]).toEqual([[], []]);
    expect(await names(guest, aliceId)).toEqual(['alice in the team.txt']);
    await alice.call(api.trashNodes, { body: { nodeIds: [given] } });
    expect(await names(bob, aliceId)).toEqual(['given to alice.txt', 'alice in the team.txt']);
  });

  it('ends at the next look when a right is taken back, has ended or is closed further in', async () => {
    const around = await folder(alice, await rootOf(alice), 'for carol');
    await share(alice, around, carolId);
    expect(await names(carol, aliceId)).toEqual(['for carol']);
    const { grants } = (await alice.call(api.listReaders, { params: { nodeId: around } })).body;
    await alice.call(api.endShare, { params: { nodeId: around, grantId: grants[0]!.id } });
    expect([await names(carol, aliceId), await names(alice, carolId)]).toEqual([[], []]);

    await share(alice, around, carolId, 'read', new Date(Date.now() + 3_600_000).toISOString());
    expect(await names(alice, carolId)).toEqual(['for carol']);
    await stage.test.testDb.admin("update core.grant set until = now() - interval '1 s' where item_id = $1", [
      around,
    ]);
    expect([await names(carol, aliceId), await names(alice, carolId)]).toEqual([[], []]);

    const closed = await folder(alice, team.rootId, 'closed');
    await file(alice, closed, 'sealed.txt');
    expect(await names(bob, aliceId)).toContain('sealed.txt');
    await share(alice, closed, bobId, 'none');
    expect(await names(bob, aliceId)).not.toContain('sealed.txt');
    expect(await names(guest, aliceId)).toContain('sealed.txt');
  });

  it('comes in pages that miss nothing and double nothing', async () => {
    const many = await folder(bob, team.rootId, 'many');
    for (let at = 0; at < 7; at += 1) await file(bob, many, `page ${at}.txt`);
    const whole = (await listed(alice, bobId)).body.rows.map(({ id }) => id);
    const paged: string[] = [];
    let cursor: string | undefined;
    do {
      const { body } = await listed(alice, bobId, { limit: 2, ...(cursor === undefined ? {} : { cursor }) });
      expect(body.rows.length).toBeLessThanOrEqual(2);
      paged.push(...body.rows.map(({ id }) => id));
      cursor = body.next ?? undefined;
    } while (cursor !== undefined);
    expect(paged).toEqual(whole);
    expect(new Set(paged).size).toBe(paged.length);
    expect((await listed(alice, bobId, { cursor: 'eA' })).status).toBe(400);
  });

  it('goes on behind what may not be read, however much of it is newer', async () => {
    const closed = await folder(bob, team.rootId, 'very full');
    const first = await file(bob, team.rootId, 'the oldest.txt');
    await share(alice, closed, guestId, 'none');
    await stage.test.testDb.admin(
      `insert into files.node (id, org_id, tree_id, parent_id, rank, name, name_hash, sort_key, words, sha256, changed_by, changed_at)
       select gen_random_uuid(), org_id, tree_id, $1, 1, 'n' || i, 'n' || i, 'n' || i, 'n' || i, sha256, changed_by,
         now() + interval '1 s' + i * interval '1 ms'
       from files.node, generate_series(1, 450) i where id = $2`,
      [closed, first],
    );
    const seen: string[] = [];
    let cursor: string | undefined;
    for (let pages = 0; pages < 5; pages += 1) {
      const { body } = await listed(guest, bobId, cursor === undefined ? {} : { cursor });
      seen.push(...body.rows.map(({ name }) => name));
      if (body.next === null) break;
      cursor = body.next;
    }
    expect(seen).toContain('the oldest.txt');
    expect(seen.some((name) => /^n\d+$/.test(name))).toBe(false);
  });

  it('is refused of nobody, of another organisation, and to a guest of whom she is not with', async () => {
    const elsewhere = await stage.test.organisation(['owner']);
    for (const [who, personId] of [
      [alice, stage.test.core.ids.next()],
      [alice, elsewhere.people[0]!.id],
      [guest, carolId],
    ] as const) {
      expect((await listed(who, personId)).status).toBe(404);
    }
    const stranger = stage.test.client(elsewhere.people[0]!);
    expect((await listed(stranger, aliceId)).status).toBe(404);
  });

  it('takes the newest of a large tree by an index', async () => {
    await stage.test.testDb.admin(
      `insert into files.node (id, org_id, tree_id, parent_id, rank, name, name_hash, sort_key, words, sha256, changed_by)
       select gen_random_uuid(), t.org_id, t.id, t.root_id, 1, 'm' || i, 'm' || i, 'm' || i, 'm' || i, 'x', $1
       from files.tree t, generate_series(1, 5000) i where t.id = $2`,
      [bobId, team.id],
    );
    await stage.test.testDb.admin('analyze files.node');
    const plan = await stage.test.core.db.read(stage.orgId, (tx) =>
      tx.query<{ 'QUERY PLAN': string }>(`explain ${candidatesStatement(false)}`, [aliceId, bobId, 200]),
    );
    expect(plan.map((row) => row['QUERY PLAN']).join('\n')).toContain('node_changed_in_tree');
  });
});
