import { createHash } from 'node:crypto';
import { request } from 'node:http';
import type { TestClient } from '@liaison/core/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import * as api from '../contract/index.ts';
import { type FilesStage, openFilesStage, tusHeaders } from './testing/files-stage.ts';

let stage: FilesStage;
let { alice, bob, guest, carol, team, send, upload } = {} as FilesStage;

beforeAll(async () => {
  stage = await openFilesStage();
  ({ alice, bob, guest, carol, team, send, upload } = stage);
});
afterAll(() => stage.close());

interface Sent {
  readonly folderId: string;
  readonly name: string;
  readonly text: string;
}
const octets = { 'content-type': 'application/octet-stream' };
const bodyOf = (files: readonly Sent[]): Buffer =>
  Buffer.concat([
    Buffer.from(
      api.batchLine(
        files.map(({ folderId, name, text }) => ({
          folderId,
          name,
          type: 'text/plain',
          bytes: Buffer.byteLength(text),
        })),
      ),
    ),
    ...files.map(({ text }) => Buffer.from(text)),
  ]);
const batch = async (who: TestClient, files: readonly Sent[]) => {
  const answer = await send(who, 'POST', '/files/batches', octets, bodyOf(files));
  expect(answer.status).toBe(200);
  const { results } = (await answer.json()) as { results: api.BatchResult[] };
  return results;
};
/** How each came out, in short. */
const told = (results: readonly api.BatchResult[]): string[] =>
  results.map((result) => (result.state === 'refused' ? result.problem.code : result.state));
const folder = async (name: string, parentId = team.rootId): Promise<string> =>
  (await alice.call(api.createFolder, { params: { nodeId: parentId }, body: { name } })).body.id;
const rowsOf = async (folderId: string): Promise<readonly api.ListedNode[]> =>
  (await alice.call(api.listFolder, { params: { nodeId: folderId }, query: { limit: 500 } })).body.rows;
const contentOf = async (nodeId: string): Promise<string> =>
  (await send(alice, 'GET', `/files/nodes/${nodeId}/content`)).text();
const some = (folderId: string, count: number, text = 'tide'): Sent[] =>
  Array.from({ length: count }, (_, at) => ({
    folderId,
    name: `${text} ${at}.txt`,
    text: `${text} ${at}\n`,
  }));
const usedIsTrue = async (): Promise<void> => {
  const [used] = (await stage.test.testDb.admin(
    `select t.used_bytes::int as used, (select sum(v.bytes)::int from files.version v join files.node n on n.id = v.node_id
       where n.tree_id = t.id) as all from files.tree t where t.id = $1`,
    [team.id],
  )) as { used: number; all: number }[];
  expect(used!.used).toBe(used!.all);
};

it('takes files of several folders with one request, empty ones too, and tells of those of a folder at once', async () => {
  const [one, two] = [await folder('One'), await folder('Two')];
  const files = [...some(one, 100), ...some(two, 99), { folderId: two, name: 'empty.txt', text: '' }];
  const results = await batch(bob, files);
  expect(told(results)).toEqual(files.map(() => 'created'));
  for (const [at, { name, text }] of files.entries()) {
    if (at % 40 !== 0 && text !== '') continue;
    const { nodeId } = results[at] as { nodeId: string };
    const { node } = (await alice.call(api.getNode, { params: { nodeId } })).body;
    expect([node.name, node.mediaType, node.version, await contentOf(nodeId)]).toEqual([
      name,
      'text/plain',
      1,
      text,
    ]);
  }
  expect([(await rowsOf(one)).length, (await rowsOf(two)).length]).toEqual([100, 100]);
  const events = (await stage.test.testDb.admin(
    `select jsonb_array_length(payload->'nodeIds') as nodes from core.outbox
     where name = 'files.nodes-changed' and payload->'nodeIds' ?| $1::text[]`,
    [results.map((result) => (result as { nodeId: string }).nodeId)],
  )) as { nodes: number }[];
  expect(events.map(({ nodes }) => nodes)).toEqual([100, 100]);
  await usedIsTrue();
});

it('tells of each what became of it, and keeps the others', async () => {
  const here = await folder('Each');
  await folder('a folder', here);
  await upload(alice, here, 'there.txt', 'before');
  const file = (name: string, text = name, folderId = here): Sent => ({ folderId, name, text });
  const results = await batch(bob, [
    file('new.txt'),
    file('there.txt', 'after'),
    file('a/b.txt'),
    file('con'),
    file('x'.repeat(300)),
    file('a folder', 'no folder'),
    file('NEW.txt', 'of the same name'),
    file('nowhere.txt', 'x', crypto.randomUUID()),
  ]);
  expect(told(results)).toEqual([
    'created',
    'version',
    'files-name-sign',
    'files-name-reserved',
    'files-name-long',
    'created',
    'version',
    'not-found',
  ]);
  const rows = await rowsOf(here);
  expect(rows.map(({ name, version }) => [name, version])).toEqual([
    ['a folder', 0],
    ['a folder (2)', 1],
    ['new.txt', 2],
    ['there.txt', 2],
  ]);
  expect(await contentOf(rows[3]!.id)).toBe('after');
  await usedIsTrue();
});

it('knows what is sent again, from two pages at once too, and makes nothing new of it', async () => {
  const here = await folder('Again');
  await folder('tide 0.txt', here);
  const files = some(here, 60);
  const raced = await Promise.all([batch(alice, files), batch(alice, files), batch(bob, files)]);
  for (const [at] of files.entries()) {
    const of = raced.map((results) => results[at]!);
    expect(told(of).toSorted()).toEqual(['created', 'same', 'same']);
    expect(new Set(of.map((result) => (result as { nodeId: string }).nodeId)).size).toBe(1);
  }
  expect(told(await batch(alice, files))).toEqual(files.map(() => 'same'));
  const rows = (await rowsOf(here)).filter(({ kind }) => kind === 'file');
  expect(rows.map(({ version }) => version)).toEqual(files.map(() => 1));
  // Other bytes are a version, as by tus.
  expect(told(await batch(alice, [{ ...files[7]!, text: 'other' }]))).toEqual(['version']);
  await usedIsTrue();
});

it('is taken from who may write there only, and in the middle of it no more', async () => {
  const here = await folder('Rights');
  const own = (await bob.call(api.listTrees)).body.rows.find(({ kind }) => kind === 'personal')!;
  const [blob] = some(here, 1, 'nobody keeps this');
  expect(told(await batch(guest, some(here, 2)))).toEqual(['forbidden', 'forbidden']);
  expect(told(await batch(carol, [blob!]))).toEqual(['not-found']);
  expect(await stage.test.core.blobs.has(sumOf(blob!.text))).toBe(false);
  expect(
    told(await batch(alice, [...some(here, 1), { folderId: own.rootId, name: 'x.txt', text: 'x' }])),
  ).toEqual(['created', 'not-found']);
  expect((await send(alice, 'POST', '/files/batches', octets, bodyOf(some(here, 1)))).status).toBe(200);
  const stranger = await fetch(`${stage.url}/api/v1/files/batches`, {
    method: 'POST',
    headers: { ...octets, origin: stage.url },
    body: new Uint8Array(bodyOf(some(here, 1))),
  });
  expect(stranger.status).toBe(401);

  // Her right goes while her bytes come.
  const { db, spaces } = stage.test.core;
  const setBob = (role: 'guest' | 'member') =>
    db.transaction(stage.orgId, (tx) => spaces.setMember(tx, stage.spaceId, stage.people[1]!.id, role));
  const late = slowly(bob, bodyOf(some(here, 3, 'late')));
  await late.isOnItsWay;
  await setBob('guest');
  const { body } = await late.end();
  await setBob('member');
  expect(told((JSON.parse(body) as { results: api.BatchResult[] }).results)).toEqual([
    'forbidden',
    'forbidden',
    'forbidden',
  ]);
  // What is cut is not kept, and sent again it is whole.
  const cut = slowly(bob, bodyOf(some(here, 3, 'cut')));
  await cut.isOnItsWay;
  cut.cut();
  expect((await rowsOf(here)).map(({ name }) => name)).toEqual(['tide 0.txt']);
  expect(told(await batch(bob, some(here, 3, 'cut')))).toEqual(['created', 'created', 'created']);
});

it('stays within the room of a space: what fits is taken, and what does not is told how much is left', async () => {
  const mine = (await bob.call(api.listTrees)).body.rows.find(({ kind }) => kind === 'personal')!;
  await stage.test.testDb.admin('update files.tree set quota_bytes = 1000 where id = $1', [mine.id]);
  expect(
    (await send(bob, 'POST', '/files/uploads', tusHeaders(mine.rootId, 'awaited.bin', 400))).status,
  ).toBe(201);
  const of = (name: string, bytes: number): Sent => ({
    folderId: mine.rootId,
    name,
    text: 'x'.repeat(bytes),
  });
  const results = await batch(bob, [of('a', 300), of('b', 400), of('c', 250), of('d', 50), of('e', 1)]);
  expect(told(results)).toEqual(['created', 'files-quota', 'created', 'created', 'files-quota']);
  expect(results[1]).toMatchObject({ problem: { errors: [{ path: 'left', message: '300' }] } });
});

it('refuses as a whole what is not what it says, and keeps nothing of it', async () => {
  const here = await folder('Refused');
  const file = { folderId: here, name: 'x.txt', bytes: 3 };
  const line = (files: unknown): string => `${JSON.stringify({ files })}\n`;
  const many = Array.from({ length: api.maxBatchFiles + 1 }, () => ({ ...file, bytes: 0 }));
  const large = Array.from({ length: 40 }, (_, at) => ({ ...file, name: `${at}`, bytes: 60_000 }));
  const bodies: readonly (readonly [string | Buffer, number])[] = [
    ['', 400],
    ['no line', 400],
    ['not json\nabc', 400],
    ['null\nabc', 400],
    [line([]), 400],
    [Buffer.concat([Buffer.from([0x22, 0xff, 0x22]), Buffer.from('\nabc')]), 400],
    [`${line([file])}ab`, 400],
    [`${line([file])}abcd`, 400],
    [line([{ ...file, bytes: -1 }]), 400],
    [line([{ ...file, bytes: 2 ** 40 }]), 400],
    [line([{ ...file, bytes: '3' }]), 400],
    [`${line([{ ...file, folderId: 'x' }])}abc`, 400],
    [line([{ ...file, bytes: api.largestInBatchBytes + 1 }]) + 'x'.repeat(api.largestInBatchBytes + 1), 400],
    [line(many), 400],
    [`${' '.repeat(api.maxBatchLineBytes)}${line([file])}abc`, 400],
    [line(large) + 'x'.repeat(40 * 60_000), 413],
    ['x'.repeat(api.maxBatchBytes + api.maxBatchLineBytes + 1), 413],
    ['['.repeat(100_000), 400],
  ];
  for (const [body, status] of bodies) {
    const answer = await send(alice, 'POST', '/files/batches', octets, Buffer.from(body as string));
    expect([String(body).slice(0, 80), answer.status]).toEqual([String(body).slice(0, 80), status]);
  }
  for (const type of ['application/json', 'multipart/form-data; boundary=x', 'text/plain']) {
    const asked = await send(
      alice,
      'POST',
      '/files/batches',
      { 'content-type': type },
      bodyOf(some(here, 1)),
    );
    expect(asked.status).toBe(415);
  }
  expect(await rowsOf(here)).toEqual([]);
  const unexpected = stage.test.logged.filter(({ level }) => level === 'error');
  expect(unexpected).toEqual([]);
});

it('has only so many of one person on their way', async () => {
  const here = await folder('Busy');
  const waiting = Array.from({ length: 9 }, (_, at) => slowly(alice, bodyOf(some(here, 1, `waits ${at}`))));
  const refused = await Promise.race(waiting.map(({ answered }, at) => answered.then(() => at)));
  expect((await waiting[refused]!.answered).status).toBe(503);
  expect(told(await batch(bob, some(here, 1, 'of another')))).toEqual(['created']);
  const others = waiting.filter((_, at) => at !== refused);
  const ends = await Promise.all(others.map((each) => each.end()));
  expect(ends.map(({ status }) => status)).toEqual(others.map(() => 200));
  expect(told(await batch(alice, some(here, 1, 'after')))).toEqual(['created']);
});

const sumOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Sends all but the last byte, and that when it is told to. */
function slowly(who: TestClient, body: Buffer) {
  const { hostname, port } = new URL(stage.url);
  const sending = request({
    hostname,
    port,
    path: '/api/v1/files/batches',
    method: 'POST',
    headers: { ...who.headers, ...octets, 'content-length': body.length },
    agent: false,
  });
  const answered = new Promise<{ status: number; body: string }>((resolve, reject) => {
    sending.on('error', reject).on('response', (answer) => {
      let text = '';
      answer.on('data', (chunk: Buffer) => {
        text += String(chunk);
      });
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body: text }));
    });
  });
  answered.catch(() => {});
  const isOnItsWay = new Promise<void>((resolve) => sending.write(body.subarray(0, -1), () => resolve()));
  return {
    answered,
    isOnItsWay,
    end() {
      sending.end(body.subarray(-1));
      return answered;
    },
    cut: () => void sending.destroy(),
  };
}
