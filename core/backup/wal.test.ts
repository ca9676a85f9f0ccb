import fc from 'fast-check';
import { expect, test } from 'vitest';
import { segmentName, walAfter, walFile } from './wal.ts';
import { formatLsn, parseLsn } from './walsender.ts';

const piece = (start: number, end: number) => ({
  name: walFile('1', 1, BigInt(start), BigInt(end)),
  start: BigInt(start),
  end: BigInt(end),
  bytes: 1,
  storedAt: new Date(0),
});
async function* listed(...ranges: [number, number][]) {
  for (const [start, end] of ranges) yield piece(start, end);
}
const range = { start: 100n, end: 200n };
const used = async (...ranges: [number, number][]) => {
  const { pieces, end, gapAt } = await walAfter(listed(...ranges), range);
  return { pieces: pieces.map(({ start, end: to }) => [Number(start), Number(to)]), end, gapAt };
};

test('The log after a base is what carries on from it without a gap', async () => {
  expect(await used()).toEqual({ pieces: [], end: 200n, gapAt: undefined });
  expect(await used([10, 90], [90, 150], [150, 200], [200, 300])).toEqual({
    pieces: [[200, 300]],
    end: 300n,
    gapAt: undefined,
  });
  expect(await used([150, 250], [250, 300], [240, 290])).toMatchObject({ end: 300n, gapAt: undefined });
  expect(await used([150, 250], [260, 300])).toEqual({ pieces: [[150, 250]], end: 250n, gapAt: 250n });
  expect(await used([201, 300])).toEqual({ pieces: [], end: 200n, gapAt: 200n });
});

test('Positions are PostgreSQL’s, and segments have its names', () => {
  expect(parseLsn('16/B374D848')).toBe(0x16b374d848n);
  expect(segmentName(1, parseLsn('0/3000028'), 16_777_216)).toBe('000000010000000000000003');
  expect(segmentName(2, parseLsn('1/FF000000'), 16_777_216)).toBe('0000000200000001000000FF');
  expect(() => parseLsn('0')).toThrow();
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), (position) => {
      expect(parseLsn(formatLsn(position))).toBe(position);
    }),
  );
});
