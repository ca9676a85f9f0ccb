import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import type { TestClient } from '@liaison/core/testing';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listFolder } from '../contract/index.ts';
import { pdfOf } from './demo/pdf.ts';
import { createDrawer } from './previews/drawer.ts';
import { type FilesStage, openFilesStage } from './testing/files-stage.ts';

let stage: FilesStage;
beforeAll(async () => {
  stage = await openFilesStage();
}, 60_000);
afterAll(() => stage?.close());

const png = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: '#0b6379' } })
    .png()
    .toBuffer();

/** 100 million pixels of one bit in 12 kB. */
function pictureBomb(): Buffer {
  const side = 10_000;
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const frame = Buffer.alloc(8);
    frame.writeUInt32BE(data.length, 0);
    frame.writeUInt32BE(crc32(body), 4);
    return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header.writeUInt8(1, 8);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.alloc(side * (1 + side / 8)))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

async function put(name: string, content: Uint8Array | string): Promise<string> {
  expect((await stage.upload(stage.alice, stage.team.rootId, name, content)).status).toBe(201);
  const { body } = await stage.alice.call(listFolder, { params: { nodeId: stage.team.rootId } });
  return body.rows.find((row) => row.name === name)?.id ?? '';
}
const preview = (who: TestClient, nodeId: string, query = '', headers = {}) =>
  stage.send(who, 'GET', `/files/nodes/${nodeId}/preview${query}`, headers);
const remembered = () =>
  stage.test.core.db.read(stage.orgId, (tx) =>
    tx.query<{ size: string; sha256: string | null }>('select size, sha256 from files.preview'),
  );

describe('previews', () => {
  test('a picture is drawn anew once per size, whoever has it, for those who may read it', async () => {
    const picture = await png(1200, 600);
    const first = await put('chart.png', picture);
    const second = await put('the same chart.png', picture);
    const answer = await preview(stage.guest, first);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('image/webp');
    expect(answer.headers.get('cache-control')).toBe('private, no-cache');
    expect(answer.headers.get('content-security-policy')).toContain('sandbox');
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    expect(answer.headers.get('content-disposition')).toMatch(/^attachment;/);
    const drawn = await sharp(Buffer.from(await answer.arrayBuffer())).metadata();
    expect([drawn.format, drawn.width, drawn.height]).toEqual(['webp', 320, 160]);
    expect((await preview(stage.bob, second)).status).toBe(200);
    expect((await remembered()).map(({ size }) => size)).toEqual(['small']);
    const large = await sharp(
      Buffer.from(await (await preview(stage.bob, first, '?size=large')).arrayBuffer()),
    ).metadata();
    expect(large.width).toBe(1200);
    const etag = answer.headers.get('etag') ?? '';
    expect((await preview(stage.guest, first, '', { 'if-none-match': etag })).status).toBe(304);
    // Who may not read it is told nothing, also with what the browser keeps.
    expect((await preview(stage.carol, first)).status).toBe(404);
    expect((await preview(stage.carol, first, '', { 'if-none-match': etag })).status).toBe(404);
  });

  test('bombs, programs and what is no picture are refused, and it is remembered', async () => {
    const bomb = pictureBomb();
    const wrong = [
      await put('bomb.png', bomb),
      await put(
        'program.png',
        '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><rect/></svg>',
      ),
      await put('words.jpg', 'no picture at all'),
    ];
    for (const id of wrong) {
      const answer = await preview(stage.alice, id);
      expect(answer.status).toBe(404);
      expect(await answer.json()).toMatchObject({ code: 'files-no-preview' });
    }
    expect((await remembered()).filter(({ sha256 }) => sha256 === null)).toHaveLength(3);
    expect((await preview(stage.alice, wrong[0] as string)).status).toBe(404);
    expect((await preview(stage.alice, await put('notes.txt', 'tides'))).status).toBe(404);
  });

  test('of a document its first page is drawn, and of what is none nothing', async () => {
    const id = await put('tides.pdf', pdfOf([{ title: 'High water', lines: ['at nine', 'maré alta'] }]));
    const answer = await preview(stage.guest, id);
    expect(answer.status).toBe(200);
    const drawn = sharp(Buffer.from(await answer.arrayBuffer()));
    const { width, height, format } = await drawn.metadata();
    expect([width, height, format]).toEqual([226, 320, 'webp']);
    // White paper with something on it.
    const { channels } = await drawn.stats();
    expect([channels[0]!.max, channels[0]!.min < 120]).toEqual([255, true]);
    expect((await preview(stage.carol, id)).status).toBe(404);
    const broken = [await put('words.pdf', 'no document at all'), await put('cut.pdf', '%PDF-1.7\n')];
    for (const each of broken) expect((await preview(stage.alice, each)).status).toBe(404);
    // The process that met them draws on.
    expect((await preview(stage.alice, id, '?size=large')).status).toBe(200);
  });

  test('an earlier version has its own, and so has a sound its bytes for a player', async () => {
    const id = await put('map.png', await png(64, 64));
    await put('map.png', await png(64, 128));
    const heightOf = async (query: string) =>
      (await sharp(Buffer.from(await (await preview(stage.bob, id, query)).arrayBuffer())).metadata()).height;
    expect([await heightOf(''), await heightOf('?version=1')]).toEqual([128, 64]);
    expect((await preview(stage.bob, id, '?version=3')).status).toBe(404);

    const sound = await put('harbour.wav', 'RIFF and so on');
    const part = await stage.send(stage.bob, 'GET', `/files/nodes/${sound}/media`, { range: 'bytes=0-3' });
    expect([part.status, await part.text()]).toEqual([206, 'RIFF']);
    expect(part.headers.get('content-type')).toBe('audio/wav');
    expect(part.headers.get('content-security-policy')).toContain('sandbox');
    expect((await stage.send(stage.carol, 'GET', `/files/nodes/${sound}/media`)).status).toBe(404);
    expect((await stage.send(stage.bob, 'GET', `/files/nodes/${id}/media`)).status).toBe(404);
  });
});

test('a process that takes too long is killed, and the next picture gets another one', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'liaison-drawer-'));
  const drawer = createDrawer({ maxMs: 1 });
  try {
    const from = join(folder, 'picture');
    await writeFile(from, await png(8, 8));
    for (let at = 0; at < 2; at += 1) {
      expect(await drawer.draw({ from, to: join(folder, 'drawn'), side: 8, kind: 'picture' })).toMatchObject({
        ok: false,
      });
    }
  } finally {
    drawer.close();
    await rm(folder, { recursive: true, force: true });
  }
});
