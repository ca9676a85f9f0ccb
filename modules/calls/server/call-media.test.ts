import { createLog } from '@liaison/core/log';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createCallMedia } from './call-media.ts';
import type { LegEvents } from './leg.ts';
import type { MediaPool, Relay } from './media/media.ts';
import { defaultPausesMs } from './round-retries.ts';
import { createWebLeg } from './web-leg.ts';

/** Two pages whose network lets nothing through, with a clock turned by hand; the relay agrees and hears nobody. */
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const events: LegEvents = { answered() {}, refused() {}, hungUp() {}, held() {} };

async function relayed() {
  const asked: Record<string, number[]> = { a: [], b: [] };
  let failed = 0;
  const page = (id: string) =>
    createWebLeg({
      id,
      personId: id,
      connectionId: id,
      live: {
        signal(to, signal, data) {
          const round = data as { round?: number };
          if (signal.name === 'calls.media' && 'connectionId' in to)
            asked[to.connectionId]!.push(round.round!);
        },
      } as Parameters<typeof createWebLeg>[0]['live'],
      events,
    });
  const relay = {
    connect: async () => ({ renegotiate: [] }),
    close: async () => ({ ends: [] }),
    onLost() {},
    onKey() {},
    onPictureWanted() {},
  } as unknown as Relay;
  const media = createCallMedia({
    callId: 'call',
    pool: { createRelay: async () => relay } as unknown as MediaPool,
    log: createLog({ level: 'silent' }),
    failed: () => {
      failed += 1;
      media.close();
    },
    sounded() {},
  });
  const [a, b] = [page('a'), page('b')];
  await media.join(a, b);
  media.reported(a, 1, 'failed');
  await vi.waitFor(() => expect(asked.b).toHaveLength(1), { timeout: 10_000 });
  return { media, a, b, asked, failed: () => failed };
}

const newest = (rounds: number[]) => rounds.at(-1)!;

it('asks a page that cannot be heard again with growing pauses, then ends the call for both', async () => {
  const { media, a, asked, failed } = await relayed();
  const first = asked.a!.length;
  for (const [at, pauseMs] of defaultPausesMs.entries()) {
    media.reported(a, newest(asked.a!), 'failed');
    if (pauseMs > 0) {
      await vi.advanceTimersByTimeAsync(pauseMs - 1);
      expect(asked.a).toHaveLength(first + at);
      await vi.advanceTimersByTimeAsync(1);
    }
    expect(asked.a).toHaveLength(first + at + 1);
    expect(failed()).toBe(0);
  }
  media.reported(a, newest(asked.a!), 'failed');
  expect(failed()).toBe(1);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked.a).toHaveLength(first + defaultPausesMs.length);
});

it('counts anew after sound, and for a page that took over', async () => {
  const { media, a, asked, failed } = await relayed();
  for (let i = 0; i < 3; i++) {
    media.reported(a, newest(asked.a!), 'failed');
    await vi.advanceTimersByTimeAsync(20_000);
    media.reported(a, newest(asked.a!), 'connected');
    media.reported(a, newest(asked.a!), 'failed');
    await vi.advanceTimersByTimeAsync(20_000);
    media.rejoin(a);
  }
  expect(failed()).toBe(0);
  media.close();
});

it('asks nobody any more once the call is over, or somebody else was asked meanwhile', async () => {
  const { media, a, asked } = await relayed();
  media.reported(a, newest(asked.a!), 'failed');
  media.reported(a, newest(asked.a!), 'failed');
  media.rejoin(a);
  const rounds = asked.a!.length;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked.a).toHaveLength(rounds);
  media.reported(a, newest(asked.a!), 'failed');
  media.close();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked.a!.length).toBeLessThanOrEqual(rounds + 1);
});
