import { randomBytes } from 'node:crypto';
import { type IncomingMessage, request } from 'node:http';
import type { TestClient } from '@liaison/core/testing';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as api from '../contract/index.ts';
import { type FilesStage, openFilesStage } from './testing/files-stage.ts';

let stage: FilesStage;
let { alice, bob, carol, guest, team, upload, send } = {} as FilesStage;
/** More than lies between the server and a reader who takes her time. */
const bytes = randomBytes(24 * 2 ** 20);
const goneWithinMs = 5000;

beforeAll(async () => {
  stage = await openFilesStage();
  ({ alice, bob, carol, guest, team, upload, send } = stage);
});
afterAll(() => stage.close());

const folder = async (name: string, parentId = team.rootId): Promise<string> =>
  (await alice.call(api.createFolder, { params: { nodeId: parentId }, body: { name } })).body.id;
const file = async (folderId: string, name: string, content: Uint8Array = bytes): Promise<string> => {
  expect((await upload(alice, folderId, name, content)).status).toBe(201);
  const { body } = await alice.call(api.listFolder, { params: { nodeId: folderId } });
  return body.rows.find((row) => row.name === name)!.id;
};
/** The same content elsewhere: copies are rows. */
const copied = async (nodeId: string, folderId: string): Promise<string> => {
  const { body } = await alice.call(api.copyNodes, { body: { nodeIds: [nodeId], folderId } });
  return body.rows[0]!.id;
};
const personOf = (at: number): api.Principal => ({ kind: 'person', id: stage.people[at]!.id });
const share = async (nodeId: string, principal: api.Principal, right: api.GivenRight): Promise<void> => {
  const shared = await alice.call(api.shareNode, {
    params: { nodeId },
    body: { principal, right, until: null },
  });
  expect(shared.status).toBe(204);
};

interface Going {
  /** How it ended: whole, or cut. */
  readonly ended: Promise<{ cut: boolean; received: number }>;
  readonly isGoing: () => boolean;
  /** Takes all that is there from now on: what was cut before comes to its end, and what was not comes whole. */
  take(): void;
  stop(): void;
}

/** Reads its first bytes and then some 1.5 MB a second, so that a download lasts; or nothing until all is taken. */
async function slowly(
  headers: Readonly<Record<string, string>>,
  path: string,
  bytesPerMs = 1500,
): Promise<Going> {
  const { hostname, port } = new URL(stage.url);
  const asked = request({ hostname, port, path: `/api/v1${path}`, headers, agent: false });
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    asked.on('response', resolve).on('error', reject).end();
  });
  expect([200, 206], `${path}: ${answer.statusCode}`).toContain(answer.statusCode);
  let going = true;
  let taking = false;
  let received = 0;
  const first = new Promise<void>((resolve) => {
    answer.on('data', (chunk: Buffer) => {
      received += chunk.length;
      resolve();
      if (taking) return;
      answer.pause();
      if (bytesPerMs > 0) setTimeout(() => answer.resume(), chunk.length / bytesPerMs);
    });
  });
  const ended = new Promise<Awaited<Going['ended']>>((resolve) => {
    answer.on('error', () => {});
    answer.on('close', () => {
      going = false;
      resolve({ cut: !answer.complete, received });
    });
  });
  await first;
  return {
    ended,
    isGoing: () => going,
    take() {
      taking = true;
      answer.resume();
    },
    stop: () => void asked.destroy(),
  };
}
const reads = (who: TestClient, path: string, bytesPerMs?: number) => slowly(who.headers, path, bytesPerMs);

/** What is still open after five seconds is read to its end at once. */
async function endsOf(downloads: readonly Going[]): Promise<readonly Awaited<Going['ended']>[]> {
  const late = setTimeout(() => {
    for (const each of downloads) each.take();
  }, goneWithinMs);
  const ends = await Promise.all(downloads.map(({ ended }) => ended));
  clearTimeout(late);
  return ends;
}

test('whatever is on its way to somebody ends within five seconds once she may not have it any more', async () => {
  const given = await folder('given');
  const inner = await folder('z inner', given);
  const chart = await file(given, 'chart.bin');
  await upload(alice, given, 'chart.bin', 'a shorter one');
  const film = await file(given, 'film.mp4');
  await copied(film, inner);
  const partly = await folder('partly');
  await file(partly, 'a few words.txt', Buffer.from('high water'));
  const closing = await copied(film, partly);
  await share(given, personOf(3), 'read');
  const link = (
    await alice.call(api.createLink, {
      params: { nodeId: given },
      body: { mode: 'read', password: 'high water' },
    })
  ).body;
  const opened = await fetch(`${stage.url}/api/v1${link.path}/open`, {
    method: 'POST',
    headers: { origin: stage.url, 'content-type': 'application/json' },
    body: '{"password":"high water"}',
  });
  const stranger = { cookie: opened.headers.getSetCookie()[0]!.split(';', 1)[0]! };

  const kept = await Promise.all([
    reads(bob, `/files/nodes/${film}/content`),
    reads(alice, `/files/nodes/${given}/zip`),
    // A part of this is closed to another one.
    reads(guest, `/files/nodes/${partly}/zip`),
  ]);
  const cut = await Promise.all([
    reads(carol, `/files/nodes/${film}/content`),
    slowly({ ...carol.headers, range: 'bytes=1000-' }, `/files/nodes/${film}/content`),
    reads(carol, `/files/nodes/${chart}/content?version=1`),
    reads(carol, `/files/nodes/${film}/media`),
    reads(carol, `/files/nodes/${given}/zip`),
    slowly(stranger, `${link.path}/nodes/${film}/content`),
    slowly(stranger, `${link.path}/nodes/${given}/content`),
    reads(bob, `/files/nodes/${partly}/zip`),
  ]);
  const { grants } = (await alice.call(api.listReaders, { params: { nodeId: given } })).body;
  await Promise.all([
    alice.call(api.endShare, { params: { nodeId: given, grantId: grants[0]!.id } }),
    alice.call(api.revokeLink, { params: { linkId: link.id } }),
    share(closing, personOf(1), 'none'),
  ]);
  const ends = await endsOf(cut);
  expect(ends.map((end) => end.cut)).toEqual(cut.map(() => true));
  expect(Math.max(...ends.map(({ received }) => received))).toBeLessThan(bytes.length);
  expect(kept.map(({ isGoing }) => isGoing())).toEqual([true, true, true]);
  for (const each of kept) each.stop();
  expect((await send(carol, 'GET', `/files/nodes/${film}/content`)).status).toBe(404);
  expect((await fetch(`${stage.url}/api/v1${link.path}/nodes/${film}/content`)).status).toBe(404);
}, 60_000);

test('so it is with a session or a membership that ends, and with a part of an archive that is moved away', async () => {
  const given = await folder('moves');
  const film = await file(given, 'a film.bin');
  const moved = (await alice.call(api.copyNodes, { body: { nodeIds: [film], folderId: given } })).body.rows;
  await share(given, personOf(3), 'read');
  const archive = await reads(carol, `/files/nodes/${given}/zip`, 0);
  const singles = await Promise.all([
    reads(guest, `/files/nodes/${film}/content`),
    reads(bob, `/files/nodes/${film}/content`),
  ]);
  await alice.call(api.moveNodes, { body: { nodeIds: [moved[0]!.id], folderId: team.rootId } });
  stage.test.signOut(stage.people[2]!);
  const { db, spaces } = stage.test.core;
  const bobId = stage.people[1]!.id;
  await db.transaction(stage.orgId, (tx) => spaces.removeMember(tx, stage.spaceId, bobId));
  expect(await endsOf(singles)).toMatchObject([{ cut: true }, { cut: true }]);
  await db.transaction(stage.orgId, (tx) => spaces.setMember(tx, stage.spaceId, bobId, 'member'));
  // The first of it is hers still, and its bytes wait for her; the second is never opened.
  expect(archive.isGoing()).toBe(true);
  archive.take();
  const end = await archive.ended;
  expect(end.cut).toBe(true);
  expect(end.received).toBeLessThan(bytes.length + 2 ** 16);
}, 60_000);

test('a preview that her browser keeps is not shown any more', async () => {
  const given = await folder('pictures');
  const picture = await sharp({ create: { width: 64, height: 64, channels: 3, background: '#0b6379' } })
    .png()
    .toBuffer();
  const chart = await file(given, 'chart.png', picture);
  await share(given, personOf(3), 'read');
  const preview = (who: TestClient, headers = {}) =>
    send(who, 'GET', `/files/nodes/${chart}/preview`, headers);
  const seen = await preview(carol);
  expect([seen.status, seen.headers.get('cache-control')]).toEqual([200, 'private, no-cache']);
  const asked = { 'if-none-match': seen.headers.get('etag') ?? '' };
  expect((await preview(carol, asked)).status).toBe(304);
  const [grant] = (await alice.call(api.listReaders, { params: { nodeId: chart } })).body.grants;
  await alice.call(api.endShare, { params: { nodeId: given, grantId: grant!.id } });
  expect([(await preview(carol)).status, (await preview(carol, asked)).status]).toEqual([404, 404]);
  expect((await preview(bob, asked)).status).toBe(304);
});
