import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createReception, createRewriter, createRtcpSession, parseRtcp } from './index.ts';

test('reception counts what is missing, over the wrap of the sequence, and not what is late', () => {
  const reception = createReception(8000);
  const order = [65_530, 65_531, 65_533, 65_532, 65_535, 0, 1, 2, 4];
  order.forEach((sequence, index) => {
    reception.receive({ sequence, timestamp: index * 160, ssrc: 1 }, 160, index * 20);
  });
  // 65534 and 3 never came
  expect(reception.stats()).toMatchObject({ packets: 9, bytes: 1440, lost: 2 });
  expect(reception.reportBlock(1000)).toMatchObject({
    ssrc: 1,
    cumulativeLost: 2,
    highestSequence: 65_536 + 4,
    fractionLost: 2 / 11,
  });
  expect(reception.reportBlock(1000)).toMatchObject({ fractionLost: 0, cumulativeLost: 2 });
});

test('jitter is that of RFC 3550: none for a steady stream, 1/16 of each deviation', () => {
  const steady = createReception(8000);
  for (let n = 0; n < 50; n++) steady.receive({ sequence: n, timestamp: n * 160, ssrc: 1 }, 160, n * 20);
  expect(steady.stats().jitterMs).toBe(0);

  const late = createReception(8000);
  late.receive({ sequence: 0, timestamp: 0, ssrc: 1 }, 160, 0);
  late.receive({ sequence: 1, timestamp: 160, ssrc: 1 }, 160, 36); // 16 ms late
  expect(late.stats().jitterMs).toBeCloseTo(1);
  late.receive({ sequence: 2, timestamp: 320, ssrc: 1 }, 160, 40); // 16 ms early again
  expect(late.stats().jitterMs).toBeCloseTo(1 + (16 - 1) / 16);
});

test('jitter survives the wrap of the timestamp', () => {
  const reception = createReception(8000);
  for (let n = 0; n < 10; n++)
    reception.receive({ sequence: n, timestamp: (2 ** 32 - 800 + n * 160) >>> 0, ssrc: 1 }, 160, n * 20);
  expect(reception.stats().jitterMs).toBeLessThan(0.01);
});

test('one packet far off does not count as a restart, two in a row do', () => {
  const reception = createReception(8000);
  const receive = (sequence: number) => reception.receive({ sequence, timestamp: 0, ssrc: 1 }, 160, 0);
  for (const sequence of [10, 11, 30_000, 12]) receive(sequence);
  expect(reception.stats()).toMatchObject({ packets: 3, lost: 0 });
  for (const sequence of [40_000, 40_001, 40_002]) receive(sequence);
  expect(reception.stats().lost).toBe(0);
});

interface Step {
  source: number;
  skip: number;
  jump: boolean;
}

test('rewriter: whatever sources follow each other, numbers only go on, by the gaps of the source alone', () => {
  const step: fc.Arbitrary<Step> = fc.record({
    source: fc.integer({ min: 1, max: 3 }),
    skip: fc.integer({ min: 0, max: 20 }),
    jump: fc.boolean(),
  });
  const start = fc.record({
    ssrc: fc.integer({ min: 0, max: 0xffff_ffff }),
    sequence: fc.integer({ min: 0, max: 0xffff }),
    timestamp: fc.integer({ min: 0, max: 0xffff_ffff }),
  });
  fc.assert(
    fc.property(start, fc.array(step, { maxLength: 60 }), (begin, steps) => {
      const rewriter = createRewriter(begin);
      const positions = new Map<number, { sequence: number; timestamp: number }>();
      let before: { sequence: number; timestamp: number; source: number } | undefined;
      let nowMs = 0;
      for (const { source, skip, jump } of steps) {
        nowMs += 20;
        const at = positions.get(source) ?? { sequence: source * 20_000, timestamp: source * 2 ** 31 };
        const same = before?.source === source;
        if (jump && !same) at.sequence += 7000;
        const gap = same ? 1 + skip : 1;
        at.sequence = (at.sequence + gap) & 0xffff;
        at.timestamp = (at.timestamp + gap * 160) >>> 0;
        positions.set(source, at);
        const out = rewriter.rewrite({ ssrc: source, ...at, marker: false }, 8000, nowMs)!;
        if (before) {
          expect((out.sequence - before.sequence) & 0xffff).toBe(gap);
          expect((out.timestamp - before.timestamp) >>> 0).toBe(gap * 160);
          expect(out.marker).toBe(!same);
        } else {
          expect(out).toEqual({ sequence: begin.sequence, timestamp: begin.timestamp, marker: true });
        }
        before = { sequence: out.sequence, timestamp: out.timestamp, source };
      }
    }),
  );
});

test('rewriter: disorder inside a source stays, what is far too late is dropped, a pause is time that passed', () => {
  const rewriter = createRewriter({ ssrc: 1, sequence: 100, timestamp: 1000 });
  const rewrite = (sequence: number, nowMs: number) =>
    rewriter.rewrite({ ssrc: 7, sequence, timestamp: sequence * 160, marker: false }, 8000, nowMs);
  expect(rewrite(500, 0)?.sequence).toBe(100);
  expect(rewrite(502, 20)?.sequence).toBe(102);
  expect(rewrite(501, 21)).toMatchObject({ sequence: 101, timestamp: 1160 });
  expect(rewrite(400, 22)).toBeUndefined();
  rewriter.interrupt();
  expect(rewrite(900, 1020)).toEqual({ sequence: 103, timestamp: 1000 + 2 * 160 + 8000, marker: true });
});

test('reports: a sender report from one side gives the other its round trip and our losses', () => {
  const wall = { nowMs: 1_700_000_000_000 };
  const session = (ssrc: number) => {
    const reception = createReception(8000);
    return {
      reception,
      rtcp: createRtcpSession({
        ssrc,
        cname: `c${ssrc}`,
        reception,
        wallClock: () => wall.nowMs,
        random: () => 0.5,
      }),
    };
  };
  const one = session(1);
  const two = session(2);
  for (let n = 0; n < 10; n++) {
    one.rtcp.sent(n * 160, 160, 8000, n * 20);
    if (n !== 4) two.reception.receive({ sequence: n, timestamp: n * 160, ssrc: 1 }, 160, n * 20);
  }
  const report = one.rtcp.report(200);
  expect(parseRtcp(report)).toMatchObject([
    { type: 'sender-report', packets: 10, octets: 1600, rtpTimestamp: 9 * 160 + 160 },
    { type: 'source-description', chunks: [{ ssrc: 1, cname: 'c1' }] },
  ]);
  expect(two.rtcp.receive(report, 1000)).toBe(true);
  const answer = two.rtcp.report(1500); // half a second of its own
  expect(parseRtcp(answer)?.[0]).toMatchObject({ type: 'receiver-report', reports: [{ cumulativeLost: 1 }] });
  wall.nowMs += 540;
  one.rtcp.receive(answer, 540);
  expect(one.rtcp.remote()?.lost).toBe(1);
  expect(one.rtcp.remote()?.roundTripMs).toBeCloseTo(40, 0);
  expect([one.rtcp.nextDelayMs(), one.rtcp.nextDelayMs()]).toEqual([2500, 5000]);
  expect(parseRtcp(one.rtcp.bye(600))?.map((packet) => packet.type)).toEqual([
    'receiver-report',
    'source-description',
    'bye',
  ]);
  expect(one.rtcp.receive(Buffer.from([1, 2, 3, 4]), 0)).toBe(false);
});
