import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as api from '../contract/index.ts';
import { type FilesStage, openFilesStage } from './testing/files-stage.ts';

let stage: FilesStage;
let { alice, bob, guest, carol, team, upload, send } = {} as FilesStage;

beforeAll(async () => {
  stage = await openFilesStage();
  ({ alice, bob, guest, carol, team, upload, send } = stage);
});
afterAll(() => stage.close());

const folder = async (name: string, parentId = team.rootId, who = alice): Promise<string> => {
  const made = await who.call(api.createFolder, { params: { nodeId: parentId }, body: { name } });
  expect([name, made.status]).toEqual([name, 200]);
  return made.body.id;
};
const list = async (nodeId: string, query: Record<string, unknown> = {}, who = alice) =>
  (await who.call(api.listFolder, { params: { nodeId }, query })).body.rows ?? [];
const names = async (nodeId: string, query: Record<string, unknown> = {}) =>
  (await list(nodeId, query)).map(({ name }) => name);
const move = (nodeIds: string[], folderId: string, who = alice) =>
  who.call(api.moveNodes, { body: { nodeIds, folderId } });
const fileIn = async (folderId: string, name: string, content = name) => {
  expect((await upload(alice, folderId, name, content)).status).toBe(201);
  return (await list(folderId)).find((node) => node.name === name.normalize('NFC')) as api.ListedNode;
};
const used = async () =>
  (await alice.call(api.listTrees)).body.rows.find(({ id }) => id === team.id)!.usedBytes;

describe('who may', () => {
  it('see a team’s files: its members, its guests to read, and nobody else', async () => {
    const trees = async (who: typeof alice) => (await who.call(api.listTrees)).body.rows;
    expect((await trees(alice)).map(({ kind, right }) => [kind, right])).toEqual([
      ['personal', 'manage'],
      ['team', 'manage'],
    ]);
    expect((await trees(guest)).find(({ kind }) => kind === 'team')?.right).toBe('comment');
    expect((await trees(carol)).map(({ kind }) => kind)).toEqual(['personal']);
    const id = await folder('open to the team');
    const read = (who: typeof alice) => who.call(api.getNode, { params: { nodeId: id } });
    expect((await read(bob)).body.path).toEqual([{ id: team.rootId, name: '' }]);
    expect((await read(guest)).status).toBe(200);
    const refused = await read(carol);
    const missing = await carol.call(api.getNode, { params: { nodeId: stage.test.core.ids.next() } });
    expect([refused.status, refused.body.title]).toEqual([404, missing.body.title]);
  });

  it('change them: members, not guests, and nobody by another door', async () => {
    const id = await folder('not for guests');
    const asGuest = await Promise.all([
      guest.call(api.createFolder, { params: { nodeId: id }, body: { name: 'x' } }),
      guest.call(api.renameNode, { params: { nodeId: id }, body: { name: 'x' } }),
      guest.call(api.trashNodes, { body: { nodeIds: [id] } }),
      move([id], team.rootId, guest),
      upload(guest, id, 'x.txt', 'x'),
    ]);
    expect(asGuest.map(({ status }) => status)).toEqual([403, 403, 403, 403, 403]);
    expect((await upload(carol, id, 'x.txt', 'x')).status).toBe(404);
    const mine = (await carol.call(api.listTrees)).body.rows[0]!;
    expect((await move([id], mine.rootId, carol)).status).toBe(404);
    expect((await carol.call(api.copyNodes, { body: { nodeIds: [id], folderId: mine.rootId } })).status).toBe(
      404,
    );
  });
});

it('of a team that is archived are read, and changed by nobody until it is taken up again', async () => {
  const id = await folder('before the archive');
  const { db, spaces } = stage.test.core;
  const archive = (archived: boolean) =>
    db.transaction(stage.orgId, (tx) => spaces.archive(tx, stage.spaceId, archived));
  await archive(true);
  expect(await names(team.rootId)).toContain('before the archive');
  const refused = [
    await alice.call(api.createFolder, { params: { nodeId: id }, body: { name: 'after' } }),
    await alice.call(api.renameNode, { params: { nodeId: id }, body: { name: 'after' } }),
    await alice.call(api.trashNodes, { body: { nodeIds: [id] } }),
  ];
  expect(refused.map(({ body }) => (body as { code?: string }).code)).toEqual(
    Array(3).fill('files-archived'),
  );
  expect((await upload(alice, id, 'after.txt', 'after')).status).toBe(409);
  await archive(false);
  expect((await upload(alice, id, 'after.txt', 'after')).status).toBe(201);
});

describe('names', () => {
  it('that would lead elsewhere, hide or cover are refused, each with its reason', async () => {
    const bad: [string, string][] = [
      ['', 'empty'],
      ['   ', 'empty'],
      ['..', 'reserved'],
      ['../etc', 'sign'],
      ['a\\b', 'sign'],
      ['a\u0007b', 'sign'],
      ['\u202egnp.exe', 'sign'],
      ['x'.repeat(256), 'long'],
      ['é'.repeat(128), 'long'],
      [`a${'\u0301'.repeat(100)}`, 'marks'],
      ['con', 'reserved'],
      ['LPT1.txt', 'reserved'],
      ['ends.', 'reserved'],
    ];
    for (const [name, fault] of bad) {
      const made = await alice.call(api.createFolder, { params: { nodeId: team.rootId }, body: { name } });
      expect([name, made.status, made.body.code]).toEqual([name, 400, `files-name-${fault}`]);
      expect((await upload(alice, team.rootId, name, 'x')).status).toBe(400);
    }
    const nul = await alice.call(api.createFolder, {
      params: { nodeId: team.rootId },
      body: { name: 'a\0b' },
    });
    expect(nul.status).toBe(400);
    const long = await alice.call(api.createFolder, {
      params: { nodeId: team.rootId },
      body: { name: `a${'\u0301'.repeat(4000)}` },
    });
    expect(long.status).toBe(400);
  });

  it('that differ by case or form alone are one', async () => {
    const id = await folder('one of each');
    await folder('Café', id);
    for (const name of ['Cafe\u0301', 'CAFÉ', 'ｃafé']) {
      const again = await alice.call(api.createFolder, { params: { nodeId: id }, body: { name } });
      expect([again.status, again.body.code]).toEqual([409, 'files-name-taken']);
    }
    const used = await alice.call(api.createFolder, {
      params: { nodeId: id },
      body: { name: 'CAFÉ', ifThere: 'use' },
    });
    expect(used.body.name).toBe('Café');
    const [cafe] = await list(id);
    const renamed = await alice.call(api.renameNode, {
      params: { nodeId: cafe!.id },
      body: { name: 'CAFÉ' },
    });
    expect(renamed.body.name).toBe('CAFÉ');
    const file = await fileIn(id, 'note.txt');
    const taken = await alice.call(api.renameNode, { params: { nodeId: file.id }, body: { name: 'café' } });
    expect(taken.status).toBe(409);
  });
});

describe('a folder', () => {
  it('is listed in pages by name, size and time, in both directions, each row once', async () => {
    const id = await folder('sorted');
    for (const [name, size] of [
      ['part 10.txt', 3],
      ['Part 9.txt', 30],
      ['Ärger.txt', 300],
      ['zebra.txt', 3],
    ] as const)
      await fileIn(id, name, 'x'.repeat(size));
    await folder('Zoo', id);
    await folder('apes', id);
    const inOrder = ['apes', 'Zoo', 'Ärger.txt', 'Part 9.txt', 'part 10.txt', 'zebra.txt'];
    expect(await names(id)).toEqual(inOrder);
    expect(await names(id, { descending: 'true' })).toEqual([
      'Zoo',
      'apes',
      'zebra.txt',
      'part 10.txt',
      'Part 9.txt',
      'Ärger.txt',
    ]);
    for (const sort of api.sorts) {
      for (const descending of ['false', 'true']) {
        const whole = await list(id, { sort, descending });
        const paged: api.ListedNode[] = [];
        for (let cursor: string | null | undefined; cursor !== null; ) {
          const page = await alice.call(api.listFolder, {
            params: { nodeId: id },
            query: { sort, descending, limit: 1, ...(cursor ? { cursor } : {}) },
          });
          paged.push(...page.body.rows);
          cursor = page.body.next;
        }
        expect(paged).toEqual(whole);
        // The page puts what it hears of into the same order.
        expect(whole.toSorted(api.compareNodes(sort, descending === 'true'))).toEqual(whole);
      }
    }
    const wrong = await alice.call(api.listFolder, { params: { nodeId: id }, query: { cursor: 'x' } });
    expect(wrong.status).toBe(400);
  });

  it('goes into another, never into itself or what lies in it', async () => {
    const a = await folder('outer');
    const b = await folder('inner', a);
    const c = await folder('innermost', b);
    for (const target of [a, b, c]) {
      const refused = await move([a], target);
      expect([refused.status, refused.body.code]).toEqual([409, 'files-into-itself']);
    }
    expect((await move([c], a)).status).toBe(200);
    expect(await names(a)).toEqual(['inner', 'innermost']);
    expect((await move([team.rootId], a)).status).toBe(403);
    const file = await fileIn(a, 'no folder.txt');
    expect((await move([c], file.id)).status).toBe(404);
  });

  it('of two that are moved into each other at once, one stays', async () => {
    for (let round = 0; round < 8; round += 1) {
      const a = await folder(`left ${round}`);
      const b = await folder(`right ${round}`);
      const answers = await Promise.all([move([a], b, alice), move([b], a, bob)]);
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
      const [, moved] = answers[0].status === 200 ? [b, a] : [a, b];
      const { body } = await alice.call(api.getNode, { params: { nodeId: moved } });
      expect(body.path).toHaveLength(2);
    }
  });

  it('is at most so deep, also when it is moved', async () => {
    let deepest = await folder('depth');
    for (let depth = 2; depth < api.maxDepth; depth += 1) deepest = await folder('x', deepest);
    const refused = await alice.call(api.createFolder, { params: { nodeId: deepest }, body: { name: 'x' } });
    expect(refused.body.code).toBe('files-too-deep');
    const flat = await folder('flat');
    expect((await move([flat], deepest)).body.code).toBe('files-too-deep');
  });

  it('is copied with what is in it, and its room is counted', async () => {
    const a = await folder('to copy');
    await folder('empty', a);
    await fileIn(a, 'data.bin', 'abcdef');
    const gone = await fileIn(a, 'gone.txt');
    await alice.call(api.trashNodes, { body: { nodeIds: [gone.id] } });
    const before = await used();
    const copied = await alice.call(api.copyNodes, { body: { nodeIds: [a], folderId: team.rootId } });
    expect(copied.body.rows.map(({ name }) => name)).toEqual(['to copy (2)']);
    expect(await names(copied.body.rows[0]!.id)).toEqual(['empty', 'data.bin']);
    expect((await used()) - before).toBe(6);
    expect((await alice.call(api.copyNodes, { body: { nodeIds: [a], folderId: a } })).status).toBe(409);
  });

  it('comes as one zip, whose paths unpack anywhere', async () => {
    const a = await folder('to pack');
    await fileIn(a, 'what: a <name>?.txt', 'first');
    await fileIn(a, 'what_ a _name__.txt', 'second');
    await folder('empty', a);
    const answer = await send(alice, 'GET', `/files/nodes/${a}/zip`);
    expect(answer.headers.get('content-disposition')).toContain('to pack.zip');
    const bytes = Buffer.from(await answer.arrayBuffer());
    expect(bytes.subarray(0, 2).toString()).toBe('PK');
    for (const path of ['what_ a _name__.txt', 'what_ a _name__ (2).txt', 'empty/']) {
      expect(bytes.includes(path)).toBe(true);
    }
    expect((await send(carol, 'GET', `/files/nodes/${a}/zip`)).status).toBe(404);
  });
});

describe('a file', () => {
  it('is only ever a download, whole, in parts, or not at all when it is known', async () => {
    const id = await folder('downloads');
    const file = await fileIn(id, 'page “é”.html', '<script>0123456789');
    const get = (headers: Record<string, string> = {}) =>
      send(alice, 'GET', `/files/nodes/${file.id}/content`, headers);
    const whole = await get();
    expect(await whole.text()).toBe('<script>0123456789');
    expect(Object.fromEntries(whole.headers)).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-security-policy': "sandbox; default-src 'none'",
      'x-content-type-options': 'nosniff',
      'content-disposition': `attachment; filename="page ___.html"; filename*=UTF-8''page%20%E2%80%9C%C3%A9%E2%80%9D.html`,
      'accept-ranges': 'bytes',
    });
    const etag = whole.headers.get('etag')!;
    const part = async (range: string, more = {}) => {
      const answer = await get({ range, ...more });
      return [answer.status, answer.headers.get('content-range'), await answer.text()];
    };
    expect(await part('bytes=8-11')).toEqual([206, 'bytes 8-11/18', '0123']);
    expect(await part('bytes=16-')).toEqual([206, 'bytes 16-17/18', '89']);
    expect(await part('bytes=-3')).toEqual([206, 'bytes 15-17/18', '789']);
    expect((await part('bytes=8-11', { 'if-range': etag }))[0]).toBe(206);
    expect((await part('bytes=8-11', { 'if-range': '"other"' }))[0]).toBe(200);
    expect((await part('bytes=18-')).slice(0, 2)).toEqual([416, 'bytes */18']);
    expect((await part('bytes=1-2,4-5'))[0]).toBe(200);
    expect((await get({ 'if-none-match': etag })).status).toBe(304);
    const head = await send(alice, 'HEAD', `/files/nodes/${file.id}/content`);
    expect([head.status, head.headers.get('content-length')]).toEqual([200, '18']);
    expect((await send(carol, 'GET', `/files/nodes/${file.id}/content`)).status).toBe(404);
  });

  it('keeps its versions; returning to one loses none of them', async () => {
    const id = await folder('versions');
    const first = await fileIn(id, 'plan.txt', 'one');
    expect((await upload(alice, id, 'PLAN.txt', 'two!')).status).toBe(201);
    const [plan] = await list(id);
    expect(plan).toMatchObject({ id: first.id, version: 2, bytes: 4 });
    const versions = (who = bob) => who.call(api.listVersions, { params: { nodeId: first.id } });
    expect((await versions()).body.rows.map(({ number, bytes }) => [number, bytes])).toEqual([
      [2, 4],
      [1, 3],
    ]);
    const old = await send(alice, 'GET', `/files/nodes/${first.id}/content?version=1`);
    expect(await old.text()).toBe('one');
    const returned = await bob.call(api.returnToVersion, {
      params: { nodeId: first.id },
      body: { number: 1 },
    });
    expect(returned.body).toMatchObject({ version: 3, bytes: 3, changedById: stage.people[1]!.id });
    expect(await (await send(alice, 'GET', `/files/nodes/${first.id}/content`)).text()).toBe('one');
    expect((await versions()).body.rows).toHaveLength(3);
    const refused = await guest.call(api.returnToVersion, {
      params: { nodeId: first.id },
      body: { number: 2 },
    });
    expect(refused.status).toBe(403);
    const none = await bob.call(api.returnToVersion, { params: { nodeId: first.id }, body: { number: 9 } });
    expect(none.status).toBe(404);
  });

  it('is kept among one’s own by a star, and found by a part of its name', async () => {
    const id = await folder('found');
    const file = await fileIn(id, 'Séries de niveaux 50%.csv');
    const star = (on: boolean) => alice.call(api.setStar, { params: { nodeId: file.id }, body: { on } });
    await star(true);
    expect((await alice.call(api.listStarred)).body.rows.map(({ id: each }) => each)).toEqual([file.id]);
    expect((await bob.call(api.listStarred)).body.rows).toEqual([]);
    const find = async (q: string, who = bob) =>
      (await who.call(api.searchFiles, { query: { q } })).body.rows.map(({ name }) => name);
    expect(await find('series DE')).toEqual(['Séries de niveaux 50%.csv']);
    expect(await find('50%')).toHaveLength(1);
    expect(await find('5_%')).toEqual([]);
    expect(await find('series', carol)).toEqual([]);
    await alice.call(api.trashNodes, { body: { nodeIds: [id] } });
    expect(await find('series')).toEqual([]);
    expect((await alice.call(api.listStarred)).body.rows).toEqual([]);
    await star(false);
  });
});

describe('the trash', () => {
  it('hides what is in it with everything inside, and gives it back to where it was', async () => {
    const a = await folder('kept');
    const b = await folder('thrown', a);
    const file = await fileIn(b, 'inside.txt');
    expect((await bob.call(api.trashNodes, { body: { nodeIds: [b] } })).status).toBe(200);
    expect(await names(a)).toEqual([]);
    for (const nodeId of [b, file.id])
      expect((await alice.call(api.getNode, { params: { nodeId } })).status).toBe(404);
    expect((await send(alice, 'GET', `/files/nodes/${file.id}/content`)).status).toBe(404);
    const trash = await alice.call(api.listTrash, { params: { treeId: team.id } });
    expect(trash.body.rows[0]).toMatchObject({ id: b, name: 'thrown' });
    await folder('thrown', a);
    const back = await alice.call(api.restoreNodes, { body: { nodeIds: [b] } });
    expect(back.body.rows[0]).toMatchObject({ name: 'thrown (2)', parentId: a });
    expect(await names(b)).toEqual(['inside.txt']);
    // Where its folder is gone too, it comes back to the top.
    await alice.call(api.trashNodes, { body: { nodeIds: [b] } });
    await alice.call(api.trashNodes, { body: { nodeIds: [a] } });
    const inTrash = await alice.call(api.restoreNodes, { body: { nodeIds: [b] } });
    expect(inTrash.status).toBe(404);
    expect((await alice.call(api.restoreNodes, { body: { nodeIds: [a] } })).status).toBe(200);
    expect((await alice.call(api.restoreNodes, { body: { nodeIds: [b] } })).status).toBe(200);
  });

  it('is emptied by hand and by age, and gives the room back', async () => {
    const before = await used();
    const a = await folder('to delete');
    await fileIn(a, 'large.txt', 'x'.repeat(1000));
    const b = await folder('old');
    await fileIn(b, 'old.txt', 'x'.repeat(100));
    expect((await alice.call(api.deleteNodes, { body: { nodeIds: [a] } })).status).toBe(404);
    await alice.call(api.trashNodes, { body: { nodeIds: [a, b] } });
    expect((await guest.call(api.deleteNodes, { body: { nodeIds: [a] } })).status).toBe(403);
    expect((await alice.call(api.deleteNodes, { body: { nodeIds: [a] } })).status).toBe(204);
    expect(await used()).toBe(before + 100);
    const { personalData } = await import('./personal-data.ts');
    const [, trash] = personalData.retention;
    // As pages promise.
    expect(trash?.days).toBe(30);
    const purge = (olderThan: Date) =>
      stage.test.core.db.transaction(stage.orgId, (tx) => trash!.purge!(tx, olderThan));
    expect(await purge(new Date(Date.now() - 60_000))).toBe(0);
    expect(await purge(new Date(Date.now() + 60_000))).toBeGreaterThanOrEqual(2);
    expect(await purge(new Date(Date.now() + 60_000))).toBe(0);
    const left = await alice.call(api.listTrash, { params: { treeId: team.id } });
    expect(left.body.rows).toEqual([]);
    expect(await used()).toBeLessThanOrEqual(before);
  });
});

it('goes to another space with its room and its people', async () => {
  const mine = (await alice.call(api.listTrees)).body.rows.find(({ kind }) => kind === 'personal')!;
  const a = await folder('to give', mine.rootId);
  await fileIn(a, 'gift.txt', 'x'.repeat(50));
  expect((await bob.call(api.getNode, { params: { nodeId: a } })).status).toBe(404);
  const before = await used();
  expect((await move([a], team.rootId)).status).toBe(200);
  expect((await used()) - before).toBe(50);
  expect((await bob.call(api.listFolder, { params: { nodeId: a } })).body.rows).toHaveLength(1);
  const after = (await alice.call(api.listTrees)).body.rows.find(({ kind }) => kind === 'personal')!;
  expect(after.usedBytes).toBe(0);
});

it('is erased with its person where it is hers alone, and stays nameless where it is a team’s', async () => {
  const { personalData } = await import('./personal-data.ts');
  const mine = (await carol.call(api.listTrees)).body.rows[0]!;
  await upload(carol, mine.rootId, 'diary.txt', 'private');
  const dora = stage.people[3]!;
  const { db } = stage.test.core;
  const exported: string[] = [];
  await db.read(stage.orgId, async (tx) => {
    for await (const file of personalData.export(tx, dora.id)) exported.push(String(file.content));
  });
  expect(exported.join()).toContain('diary.txt');
  for (let time = 0; time < 2; time += 1)
    await db.transaction(stage.orgId, (tx) => personalData.erase(tx, dora.id));
  expect(
    await stage.test.testDb.admin('select 1 from files.version where author_id = $1', [dora.id]),
  ).toEqual([]);
  const again = (await carol.call(api.listTrees)).body.rows[0]!;
  expect(again.id).not.toBe(mine.id);
});

it('reads each page of 100,000 files by an index, wherever it begins', async () => {
  const id = await folder('many');
  const { testDb } = stage.test;
  // Not asked here, and slow to fill.
  await testDb.admin('drop index files.node_words');
  await testDb.admin(
    `insert into files.node (id, org_id, tree_id, parent_id, rank, name, name_hash, sort_key, words, bytes, sha256, version)
     select gen_random_uuid(), $1, $2, $3, 1, 'f' || n, 'h' || n, 'f' || lpad(n::text, 6, '0'), 'f' || n, n, repeat('0', 64), 1
     from generate_series(1, 100000) n`,
    [stage.orgId, team.id, id],
  );
  await testDb.admin('analyze files.node');
  const seen: number[] = [];
  for (const sort of api.sorts) {
    let cursor: string | null = null;
    for (let page = 0; page < 3; page += 1) {
      const asked = performance.now();
      const answer: { body: { rows: unknown[]; next: string | null } } = await alice.call(api.listFolder, {
        params: { nodeId: id },
        query: { sort, descending: 'true', limit: 200, ...(cursor ? { cursor } : {}) },
      });
      seen.push(performance.now() - asked);
      expect(answer.body.rows).toHaveLength(200);
      cursor = answer.body.next;
    }
    const { pageStatement } = await import('./queries.ts');
    const plan = await stage.test.core.db.read(stage.orgId, (tx) =>
      tx.query<{ 'QUERY PLAN': string }>(`explain ${pageStatement(sort, false, true)}`, [
        stage.people[0]!.id,
        id,
        1,
        201,
        sort === 'name' ? 'f050000' : sort === 'bytes' ? '50000' : new Date().toISOString(),
        id,
      ]),
    );
    const text = plan.map((row) => row['QUERY PLAN']).join('\n');
    expect(text).toMatch(/Index Scan using node_by_/);
    expect(text).not.toMatch(/Sort/);
  }
  expect(Math.max(...seen)).toBeLessThan(2000);
});
