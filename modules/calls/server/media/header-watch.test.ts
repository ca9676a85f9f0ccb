import { buildRtp } from '@liaison/rtp';
import { expect, test } from 'vitest';
import { createHeaderWatch, MAX_WATCHED_PACKETS } from './header-watch.ts';

const place = { local: { address: '192.0.2.1', port: 20_000 }, remote: { address: '192.0.2.7', port: 4000 } };
const said = Buffer.from('what somebody says');
const packet = (sequence: number) =>
  buildRtp({ payloadType: 0, sequence, timestamp: sequence * 160, ssrc: 7, payload: said });

test('keeps what comes before the payload, and of an extension its length alone', () => {
  const watch = createHeaderWatch();
  // One contributing source, and an extension that says how loud it is.
  const loud = Buffer.concat([
    Buffer.from([0x91, 0x00, 0x00, 0x01, 0, 0, 0, 160, 0, 0, 0, 7]),
    Buffer.from([0, 0, 0, 9]),
    Buffer.from([0xbe, 0xde, 0x00, 0x01, 0x10, 0xaf, 0x00, 0x00]),
    said,
  ]);
  watch.saw('one', 'audio', 'in', loud);
  watch.saw('one', 'audio', 'out', packet(2));
  watch.saw('two', 'video', 'in', Buffer.from([0x81, 201, 0, 1, 0, 0, 0, 7])); // a report
  watch.saw('two', 'video', 'in', Buffer.from([0x90, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 7, 0, 0, 0xff, 0xff]));
  const { packets, places, missed } = watch.take(() => place);
  expect(packets.map(({ end, what, direction, bytes }) => [end, what, direction, bytes])).toEqual([
    ['one', 'audio', 'in', loud.length],
    ['one', 'audio', 'out', 12 + said.length],
  ]);
  const [first, second] = packets.map(({ header }) => Buffer.from(header, 'base64'));
  expect(first).toEqual(Buffer.concat([loud.subarray(0, 20), Buffer.alloc(4)]));
  expect(second).toEqual(packet(2).subarray(0, 12));
  expect(Math.abs(packets[0]!.atMs - Date.now())).toBeLessThan(60_000);
  expect([places, missed]).toEqual([[{ end: 'one', what: 'audio', ...place }], 0]);
  expect(watch.take(() => place)).toEqual({ packets: [], places: [], missed: 0 });
});

test('keeps so many, tells how many more there were, and ends when nobody asks', () => {
  let nowMs = 0;
  const watch = createHeaderWatch(() => nowMs);
  for (let sequence = 0; sequence < MAX_WATCHED_PACKETS + 5; sequence++)
    watch.saw('one', 'audio', 'in', packet(sequence));
  expect(watch.take(() => undefined)).toMatchObject({ places: [], missed: 5 });
  nowMs = 10_001;
  expect(watch.isOver).toBe(true);
  watch.saw('one', 'audio', 'in', packet(1));
  expect(watch.take(() => place).packets).toEqual([]);
  expect(watch.isOver).toBe(false);
});
