import { createHash } from 'node:crypto';
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFolder, endUpload, type ListedNode, listFolder, listTrees } from '../contract/index.ts';
import { type FilesStage, openFilesStage, tusHeaders } from './testing/files-stage.ts';

let stage: FilesStage;
let { alice, bob, guest, carol, team, send, upload } = {} as FilesStage;

beforeAll(async () => {
  stage = await openFilesStage();
  ({ alice, bob, guest, carol, team, send, upload } = stage);
});
afterAll(() => stage.close());

const piece = { 'tus-resumable': '1.0.0', 'content-type': 'application/offset+octet-stream' };
const begin = async (name: string, bytes: number, folderId = team.rootId): Promise<string> => {
  const answer = await send(alice, 'POST', '/files/uploads', tusHeaders(folderId, name, bytes));
  expect(answer.status).toBe(201);
  return (answer.headers.get('location') as string).replace('/api/v1', '');
};
const offsetOf = async (path: string): Promise<number> => {
  const answer = await send(alice, 'HEAD', path, { 'tus-resumable': '1.0.0' });
  expect(answer.status).toBe(200);
  return Number(answer.headers.get('upload-offset'));
};
const found = async (name: string): Promise<ListedNode> => {
  const { body } = await alice.call(listFolder, { params: { nodeId: team.rootId } });
  return body.rows.find((node) => node.name === name) as ListedNode;
};
const sumOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const contentOf = async (nodeId: string): Promise<Buffer> =>
  Buffer.from(await (await send(alice, 'GET', `/files/nodes/${nodeId}/content`)).arrayBuffer());

/** A small generator of numbers below `bound`, the same for each seed. */
function numbers(seed: number): (bound: number) => number {
  let state = seed >>> 0;
  return (bound) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
}

/** Sends a piece and breaks the line after so many bytes of it. */
function sendAndCut(path: string, at: number, bytes: Uint8Array, cutAfter: number): Promise<void> {
  const { hostname, port } = new URL(stage.url);
  return new Promise((resolve) => {
    const sending = request({
      hostname,
      port,
      path: `/api/v1${path}`,
      method: 'PATCH',
      headers: { ...alice.headers, ...piece, 'upload-offset': at, 'content-length': bytes.length },
    });
    sending.on('error', () => resolve());
    sending.on('close', () => resolve());
    sending.write(bytes.subarray(0, cutAfter), () => sending.destroy());
  });
}

it('cut at any point, goes on from where it is, and comes out as it went in', async () => {
  const seed = Number(process.env.FILES_SEED ?? Math.floor(Math.random() * 2 ** 31));
  const random = numbers(seed);
  const many = Number(process.env.FILES_CUTS ?? 6);
  for (let round = 0; round < many; round += 1) {
    const bytes = Buffer.alloc(200_000 + random(1_500_000));
    for (let at = 0; at < bytes.length; at += 4096)
      bytes.writeUInt32LE(random(2 ** 32), Math.min(at, bytes.length - 4));
    const name = `cut ${round}.bin`;
    const path = await begin(name, bytes.length);
    for (let cut = 0; cut < 2; cut += 1) {
      const at = await offsetOf(path);
      await sendAndCut(path, at, bytes.subarray(at), random(bytes.length - at));
    }
    // What was cut may still be read from the line when somebody asks; she is told so, and asks again.
    let status = 409;
    for (let attempt = 0; attempt < 20 && [409, 423].includes(status); attempt += 1) {
      const at = await offsetOf(path);
      const rest = bytes.subarray(at);
      status = (await send(alice, 'PATCH', path, { ...piece, 'upload-offset': String(at) }, rest)).status;
    }
    expect([seed, round, status]).toEqual([seed, round, 204]);
    expect([seed, sumOf(await contentOf((await found(name)).id))]).toEqual([seed, sumOf(bytes)]);
    expect(await offsetOf(path)).toBe(bytes.length);
  }
});

describe('the protocol', () => {
  it('refuses other versions, types, places and lengths', async () => {
    const path = await begin('refusals.txt', 4);
    const patch = (headers: Record<string, string>, body = 'abcd') =>
      send(alice, 'PATCH', path, headers, Buffer.from(body));
    expect((await patch({ ...piece, 'upload-offset': '0', 'tus-resumable': '0.2.2' })).status).toBe(412);
    expect((await patch({ ...piece, 'upload-offset': '0', 'content-type': 'text/plain' })).status).toBe(415);
    expect((await patch({ ...piece, 'upload-offset': '2' })).status).toBe(409);
    expect((await patch({ ...piece, 'upload-offset': '-1' })).status).toBe(400);
    expect((await patch({ ...piece, 'upload-offset': '0' }, 'abcdefgh')).status).toBe(413);
    const without = (name: string) => {
      const headers: Record<string, string> = tusHeaders(team.rootId, 'x.txt', 4);
      delete headers[name];
      return send(alice, 'POST', '/files/uploads', headers);
    };
    expect((await without('tus-resumable')).status).toBe(412);
    expect((await without('upload-length')).status).toBe(400);
    expect((await without('upload-metadata')).status).toBe(400);
    const huge = await send(alice, 'POST', '/files/uploads', tusHeaders(team.rootId, 'x', 10 ** 15));
    expect(huge.status).toBe(413);
  });

  it('lets nobody else see, go on with or end an upload, and its person end it', async () => {
    const path = await begin('mine.txt', 4);
    for (const who of [bob, carol, guest]) {
      expect((await send(who, 'HEAD', path)).status).toBe(404);
      const patched = await send(who, 'PATCH', path, { ...piece, 'upload-offset': '0' }, Buffer.from('abcd'));
      expect(patched.status).toBe(404);
      expect((await send(who, 'DELETE', path)).status).toBe(404);
    }
    const uploadId = path.split('/').at(-1) as string;
    expect((await alice.call(endUpload, { params: { uploadId } })).status).toBe(204);
    expect((await send(alice, 'HEAD', path)).status).toBe(404);
  });

  it('takes an empty file, and a whole one with the request that begins it', async () => {
    expect((await upload(alice, team.rootId, 'empty.txt', '')).headers.get('upload-offset')).toBe('0');
    expect(await found('empty.txt')).toMatchObject({ bytes: 0, version: 1 });
    expect((await upload(alice, team.rootId, 'whole.txt', 'whole')).headers.get('upload-offset')).toBe('5');
    expect(String(await contentOf((await found('whole.txt')).id))).toBe('whole');
  });

  it('stores equal content once', async () => {
    const bytes = Buffer.from('the same bytes in two files');
    await upload(alice, team.rootId, 'twin one.txt', bytes);
    await upload(alice, team.rootId, 'twin two.txt', bytes);
    const twins = [];
    for await (const blob of stage.test.core.blobs.list()) if (blob.sha256 === sumOf(bytes)) twins.push(blob);
    expect(twins).toHaveLength(1);
  });

  it('makes no file any more once its sender may not write there', async () => {
    const path = await begin('too late.txt', 4);
    const { db, spaces } = stage.test.core;
    const alices = stage.people[0]!.id;
    const setRole = (role: 'guest' | 'manager') =>
      db.transaction(stage.orgId, (tx) => spaces.setMember(tx, stage.spaceId, alices, role));
    await setRole('guest');
    const patched = await send(alice, 'PATCH', path, { ...piece, 'upload-offset': '0' }, Buffer.from('abcd'));
    expect(patched.status).toBe(403);
    await setRole('manager');
    expect(await offsetOf(path)).toBe(0);
  });
});

it('takes small ones that come at once together, and each or none of them by itself', async () => {
  const folderId = (
    await alice.call(createFolder, { params: { nodeId: team.rootId }, body: { name: 'At once' } })
  ).body.id;
  const mine = (await bob.call(listTrees)).body.rows.find(({ kind }) => kind === 'personal')!;
  const names = Array.from({ length: 24 }, (_, at) => `tide ${at % 20}.txt`);
  const answers = await Promise.all([
    ...names.map((name, at) => upload(at % 2 === 0 ? alice : bob, folderId, name, `${name} ${at}`)),
    upload(guest, folderId, 'guest.txt', 'x'),
    upload(carol, folderId, 'carol.txt', 'x'),
    upload(alice, folderId, 'a/b.txt', 'x'),
    upload(alice, mine.rootId, 'not hers.txt', 'x'),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([...names.map(() => 201), 403, 404, 400, 404]);
  const { rows } = (await alice.call(listFolder, { params: { nodeId: folderId } })).body;
  expect(rows).toHaveLength(20);
  // Who had the name already got a version.
  expect(rows.map(({ version }) => version).sort()).toEqual([...Array(16).fill(1), ...Array(4).fill(2)]);
  for (const { id, name, version } of rows) {
    const content = String(await contentOf(id));
    expect(content.startsWith(`${name} `)).toBe(true);
    if (version === 1) expect(content).toBe(`${name} ${names.indexOf(name)}`);
  }
  // What became of it is asked for as of any other.
  const path = (answers[0]!.headers.get('location') as string).replace('/api/v1', '');
  expect(await offsetOf(path)).toBe(`${names[0]} 0`.length);
  const [used] = (await stage.test.testDb.admin(
    `select t.used_bytes::int as used, (select sum(v.bytes)::int from files.version v join files.node n on n.id = v.node_id
       where n.tree_id = t.id) as all from files.tree t where t.id = $1`,
    [team.id],
  )) as { used: number; all: number }[];
  expect(used!.used).toBe(used!.all);
});

it('keeps a space within its room, whoever asks at once, and says how much is left', async () => {
  const mine = (await bob.call(listTrees)).body.rows.find(({ kind }) => kind === 'personal')!;
  await stage.test.testDb.admin('update files.tree set quota_bytes = 1000 where id = $1', [mine.id]);
  const ask = (name: string, bytes: number) =>
    send(bob, 'POST', '/files/uploads', tusHeaders(mine.rootId, name, bytes));
  const raced = await Promise.all(Array.from({ length: 6 }, (_, at) => ask(`race ${at}.bin`, 300)));
  expect(raced.map(({ status }) => status).sort()).toEqual([201, 201, 201, 413, 413, 413]);
  const whole = await Promise.all(
    ['first.txt', 'second.txt'].map((name) => upload(bob, mine.rootId, name, 'x'.repeat(60))),
  );
  expect(whole.map(({ status }) => status).sort()).toEqual([201, 413]);
  const refused = (await (await ask('one more.bin', 300)).json()) as { code: string; errors: unknown };
  expect(refused).toMatchObject({ code: 'files-quota', errors: [{ path: 'left', message: '40' }] });
  const [given] = raced.filter(({ status }) => status === 201);
  const path = (given!.headers.get('location') as string).replace('/api/v1', '');
  expect((await send(bob, 'DELETE', path)).status).toBe(204);
  expect((await ask('fits now.bin', 300)).status).toBe(201);
});
