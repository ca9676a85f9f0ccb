import { createTestCore, type TestCore } from '@liaison/core/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { captureLimits } from '../../contract/watch.ts';
import { migrations } from '../index.ts';
import type { WatchedPackets } from '../media/media.ts';
import type { RunningCapture } from './across-organisations.ts';
import { capturedPackets, createHeaderCaptures } from './header-captures.ts';
import { createPcapng } from './pcapng.ts';

let test: TestCore;
let orgId: string;
beforeAll(async () => {
  test = await createTestCore({ sources: [migrations] });
  ({ orgId } = await test.organisation(['owner']));
});
afterAll(() => test.close());

async function capture(packets = 0): Promise<RunningCapture> {
  const { ids } = test.core;
  const [id, targetId] = [ids.next(), ids.next()];
  await test.testDb.admin(
    `insert into calls.capture (id, org_id, started_by, target_kind, target_id, until, rtp_headers, packets)
     values ($1, $2, $3, 'call', $3, now() + interval '1 minute', true, $4)`,
    [id, orgId, targetId, packets],
  );
  const none = new Set<string>();
  const untilMs = Date.now() + 60_000;
  return {
    id,
    orgId,
    targetKind: 'call',
    targetId,
    untilMs,
    rtpHeaders: true,
    flowIds: none,
    sipCallIds: none,
  };
}
const rowOf = async ({ id }: RunningCapture) =>
  (await test.testDb.admin('select packets, truncated from calls.capture where id = $1', [id]))[0];

const header = Buffer.from('800000070000046000000009', 'hex');
const local = { address: '192.0.2.1', port: 20_000 };
const remote = { address: '192.0.2.7', port: 4000 };
const seen = (count: number): WatchedPackets => ({
  packets: Array.from({ length: count }, (_, at) => ({
    // Not in the order in which they were sent: of two ends, each is.
    atMs: 1_778_747_400_000 + 20 * (count - at) + 0.5,
    end: at === 0 ? 'nowhere' : 'telephone',
    what: 'audio' as const,
    direction: at % 2 === 0 ? ('in' as const) : ('out' as const),
    bytes: 172,
    header: header.toString('base64'),
  })),
  places: [{ end: 'telephone', what: 'audio', local, remote }],
  missed: 0,
});

it('keeps the headers of a call that is relayed here, in the order of time, as packets cut short', async () => {
  const running = await capture();
  const elsewhere = await capture();
  const direct = await capture();
  const calls = new Map([
    [running.targetId, 'relay'],
    [direct.targetId, 'direct'],
  ]);
  const headers = createHeaderCaptures({
    core: test.core,
    captures: { running: [running, elsewhere, direct, { ...running, untilMs: 0 }] },
    callHere(callId) {
      const path = calls.get(callId);
      return path === undefined
        ? undefined
        : { inspect: () => ({ path }), relay: async () => ({ headers: async () => seen(5) }) };
    },
  });
  await headers.look();
  expect(await rowOf(running)).toEqual({ packets: 4, truncated: false });
  expect([await rowOf(elsewhere), await rowOf(direct)]).toEqual(
    Array(2).fill({ packets: 0, truncated: false }),
  );
  const packets = await test.core.db.read(orgId, (tx) => capturedPackets(tx, running.id));
  expect(packets.map(({ atMs }) => atMs)).toEqual(
    [20.5, 40.5, 60.5, 80.5].map((ms) => 1_778_747_400_000 + ms),
  );

  const file = Buffer.concat([...createPcapng([], 'note', packets)]);
  const first = file.indexOf(header) - 28;
  // Its whole length is said by IP, UDP and the block; nothing follows the header.
  expect([file.readUInt16BE(first + 2), file.readUInt16BE(first + 24)]).toEqual([200, 180]);
  expect([file.readUInt32LE(first - 8), file.readUInt32LE(first - 4)]).toEqual([40, 200]);
  expect([file.readUInt16BE(first + 20), file.readUInt16BE(first + 22)]).toEqual([4000, 20_000]);
  const micros = (BigInt(file.readUInt32LE(first - 16)) << 32n) | BigInt(file.readUInt32LE(first - 12));
  expect(micros).toBe(1_778_747_400_020_500n);
});

it('keeps so many of a capture and says that there were more; an ended one takes none', async () => {
  const full = await capture(captureLimits.packets - 3);
  const ended = await capture();
  await test.testDb.admin('update calls.capture set ended_at = now() where id = $1', [ended.id]);
  const headers = createHeaderCaptures({
    core: test.core,
    captures: { running: [full, ended] },
    callHere: () => ({
      inspect: () => ({ path: 'relay' }),
      relay: async () => ({ headers: async () => seen(6) }),
    }),
  });
  await headers.look();
  await headers.look();
  expect(await rowOf(full)).toEqual({ packets: captureLimits.packets, truncated: true });
  expect(await rowOf(ended)).toEqual({ packets: 0, truncated: false });
});
