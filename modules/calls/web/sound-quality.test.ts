import { expect, it, test } from 'vitest';
import { mosOf } from './e-model.ts';
import { createQualityWatch, readStats } from './sound-quality.ts';

// The values of G.107: R 93.2 is 4.41; the rest is what its formulas give for this delay and loss.
test.each([
  [{ loss: 0, jitterMs: 0, roundTripMs: 0 }, 4.39],
  [{ loss: 0.05, jitterMs: 10, roundTripMs: 80 }, 3.72],
  [{ loss: 0.2, jitterMs: 10, roundTripMs: 80 }, 2.24],
  [{ loss: 0, jitterMs: 0, roundTripMs: 1200 }, 1.5],
  [{ loss: 1, jitterMs: 500, roundTripMs: 5000 }, 1],
])('%j scores %d', (stream, mos) => {
  expect(mosOf(stream)).toBeCloseTo(mos, 1);
});

const rows = (received: number, lost: number, more: Record<string, unknown> = {}) => [
  { type: 'codec', kind: 'audio', packetsReceived: 9 },
  { type: 'inbound-rtp', kind: 'video', packetsReceived: 1, packetsLost: 1000 },
  {
    type: 'inbound-rtp',
    kind: 'audio',
    packetsReceived: received,
    packetsLost: lost,
    jitter: 0.004,
    ...more,
  },
];

it('says trouble that stays, and takes it back when it stays away', () => {
  const watch = createQualityWatch();
  const look = (received: number, lost: number) => watch.look(readStats(rows(received, lost)));
  expect(look(150, 0).trouble).toBeNull();
  expect(look(290, 10)).toMatchObject({ theirs: { loss: 10 / 150 }, trouble: null });
  expect(look(430, 20).trouble).toBe('their-gaps');
  expect(look(580, 20).trouble).toBe('their-gaps');
  expect(look(730, 20).trouble).toBeNull();
});

it('tells what is lost on the way there, only where that is reported', () => {
  const watch = createQualityWatch();
  const sent = (packetsSent: number, packetsLost: number) =>
    readStats([
      { type: 'outbound-rtp', kind: 'audio', packetsSent },
      { type: 'remote-inbound-rtp', kind: 'audio', packetsLost, jitter: 0.01, roundTripTime: 0.09 },
    ]);
  watch.look(sent(150, 0));
  watch.look(sent(300, 15));
  expect(watch.look(sent(450, 30))).toMatchObject({
    theirs: null,
    mine: { loss: 0.1, jitterMs: 10 },
    roundTripMs: 90,
    trouble: 'my-gaps',
  });
  expect(createQualityWatch().look(readStats([])).mine).toBeNull();
});

it('holds silence, duplicates and figures that are none to be no trouble', () => {
  const watch = createQualityWatch();
  expect(watch.look(readStats(rows(100, -5)))).toMatchObject({ theirs: { loss: 0 } });
  expect(watch.look(readStats(rows(100, -5)))).toMatchObject({ theirs: null, trouble: null });
  expect(watch.look(readStats(rows(Number.NaN, 3, { jitter: 'x' }))).theirs?.jitterMs ?? 0).toBe(0);
});
