import { crc32, deflateSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { changeProfile, getPhoto, removePhoto, setPhoto } from '../contract/index.ts';
import {
  at,
  GUEST,
  MANAGER,
  MEMBER,
  OWNER,
  openTwoOrganisations,
  type TwoOrganisations,
} from './testing/bench.ts';

let { bench, alpha, beta } = {} as TwoOrganisations;
beforeAll(async () => {
  ({ bench, alpha, beta } = await openTwoOrganisations());
});
afterAll(() => bench.close());

/** A PNG of 12,000 by 12,000 pixels in a few kilobytes. */
function pictureBomb(): Buffer {
  const side = 12_000;
  const chunk = (type: string, content: Buffer) => {
    const head = Buffer.from(`0000${type}`);
    head.writeUInt32BE(content.length);
    const sum = Buffer.alloc(4);
    sum.writeUInt32BE(crc32(Buffer.concat([head.subarray(4), content])));
    return Buffer.concat([head, content, sum]);
  };
  const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0]);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.alloc(side * (side / 8 + 1)))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

it('is changed by its person and her managers, and parsed', async () => {
  const { id, browser } = at(alpha, MEMBER);
  const change = (body: object, by = browser) => by.call(changeProfile, { params: { id }, body });
  const changed = await change({
    name: 'Hoa Trần-Leclerc',
    title: 'Data and tides',
    office: '  ',
    timeZone: 'Asia/Manila',
    language: 'fr',
    speaks: ['vi', 'fr', 'pt-BR'],
    region: 'FR',
    numbers: [{ number: '06 39 98 41 02', label: 'mobile' }, { number: '+44 7700 900160' }],
  });
  expect(changed.body).toMatchObject({
    name: 'Hoa Trần-Leclerc',
    title: 'Data and tides',
    office: null,
    timeZone: 'Asia/Manila',
    language: 'fr',
    numbers: [
      { e164: '+33639984102', label: 'mobile' },
      { e164: '+447700900160', label: 'work' },
    ],
  });
  for (const body of [
    { timeZone: '+01:00' },
    { timeZone: 'Mars/Olympus' },
    { language: 'de' },
    { numbers: [{ number: 'call me' }] },
    { numbers: [{ number: '123456789', label: 'work' }], region: 'XX' },
    { name: '' },
    { name: 'two\nlines' },
    { name: ['a'] },
  ]) {
    expect([body, (await change(body)).status]).toEqual([body, 400]);
  }
  expect((await change({ title: 'Tides' }, at(alpha, MANAGER).browser)).body.title).toBe('Tides');
  expect((await change({ title: 'x' }, at(alpha, GUEST).browser)).status).toBe(404);
  const manager = at(alpha, MANAGER);
  expect(
    (await browser.call(changeProfile, { params: { id: manager.id }, body: { title: 'x' } })).status,
  ).toBe(403);
});

it('keeps any photo as a small WebP, and refuses what is none', async () => {
  const { id, browser } = at(alpha, MEMBER);
  const { default: sharp } = await import('sharp');
  const photo = await sharp({ create: { width: 900, height: 500, channels: 3, background: '#0a6' } })
    .withExif({ IFD0: { Copyright: 'somewhere secret' } })
    .jpeg()
    .toBuffer();
  const put = (raw: Uint8Array, by = browser) => by.call(setPhoto, { params: { id }, raw });
  const answer = await put(photo);
  expect(answer.status).toBe(200);
  const got = await browser.call(getPhoto, { params: { id }, query: { v: answer.body.photo } });
  expect(got.headers.get('content-type')).toBe('image/webp');
  expect(got.headers.get('cache-control')).toContain('immutable');
  const kept = await sharp(got.body as unknown as Buffer).metadata();
  expect(kept).toMatchObject({ format: 'webp', width: 256, height: 256 });
  expect(kept.exif).toBeUndefined();

  const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script/></svg>');
  expect((await put(svg)).body.code).toBe('not-an-image');
  expect((await put(photo.subarray(0, 400))).body.code).toBe('not-an-image');
  expect((await put(Buffer.from('no image'))).body.code).toBe('not-an-image');
  const bomb = pictureBomb();
  expect((await put(bomb)).body.code).toBe('not-an-image');
  expect((await put(new Uint8Array(11 * 1024 * 1024))).status).toBe(413);
  expect((await put(photo, at(alpha, GUEST).browser)).status).toBe(404);
  expect((await at(beta, OWNER).browser.call(getPhoto, { params: { id } })).status).toBe(404);
  expect((await browser.call(removePhoto, { params: { id } })).status).toBe(204);
  expect((await browser.call(getPhoto, { params: { id } })).status).toBe(404);
});
