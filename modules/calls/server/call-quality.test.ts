import { expect, it } from 'vitest';
import { callQualityOf, qualityFor } from './call-quality.ts';
import type { EndReport } from './media/media.ts';

const end = (name: string, quality: EndReport['quality'], durationMs = 1000) =>
  ({ end: name, kind: 'rtp', state: 'closed', held: false, durationMs, quality }) as unknown as EndReport;
const stream = (loss: number, mos: number) => ({ loss, jitterMs: 3, mos });

it('takes the last end of each leg that talked', () => {
  const report = {
    ends: [
      end('a', { said: stream(0.5, 1) }, 10),
      end('other', { said: stream(1, 1) }),
      end('a', { said: stream(0, 4.4) }, 20),
      end('b', undefined),
    ],
  };
  expect(callQualityOf(report, { caller: 'a', callee: 'b' })).toEqual({
    caller: { durationMs: 20, said: stream(0, 4.4) },
  });
  expect(callQualityOf(report, { caller: 'b', callee: undefined })).toBeUndefined();
});

it('tells each side the worst that was measured on the way, in its own words', () => {
  const quality = {
    caller: { durationMs: 1, said: stream(0, 4.4), heard: stream(0.2, 2.2) },
    callee: { durationMs: 1, said: stream(0.01, 4.2), heard: stream(0.02, 4) },
  };
  expect(qualityFor(quality, 'caller')).toEqual({ theirs: stream(0.2, 2.2), mine: stream(0.02, 4) });
  expect(qualityFor(quality, 'callee')).toEqual({ theirs: stream(0.02, 4), mine: stream(0.2, 2.2) });
  expect(qualityFor({ caller: quality.caller }, 'callee')).toEqual({
    theirs: stream(0, 4.4),
    mine: stream(0.2, 2.2),
  });
  expect(qualityFor({}, 'caller')).toEqual({ theirs: null, mine: null });
});
