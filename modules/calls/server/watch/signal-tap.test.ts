import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import type { Captures } from './captures.ts';
import { createSignalTap } from './signal-tap.ts';
import type { TraceEntry, TraceStore } from './trace-store.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const silent = { child: () => silent, warn() {} };
function tapOf() {
  const kept: TraceEntry[] = [];
  const store = { add: (entry: TraceEntry) => void kept.push(entry) } as unknown as TraceStore;
  const captures = { observe: () => false } as unknown as Captures;
  const tap = createSignalTap({
    core: { log: silent } as unknown as Parameters<typeof createSignalTap>[0]['core'],
    store,
    captures,
  });
  return { tap, kept };
}

it('remembers whose a SIP call is, and lets go of the call itself', async () => {
  const { tap, kept } = tapOf();
  const forgotten = (() => {
    const call = { id: 'call', orgId: 'org', legs: Array(1000).fill('what a call holds') };
    tap.follow('one@harbour.example', call, { personId: 'alice', deviceId: 'desk' });
    return new WeakRef(call);
  })();
  // What was made in this turn stays until it is over.
  await new Promise((resolve) => setImmediate(resolve));
  collect();
  expect(forgotten.deref()).toBeUndefined();

  const endpoint = { address: '192.0.2.7', port: 5060 };
  const flow = { id: 'f', protocol: 'udp', local: endpoint, remote: endpoint };
  const bytes = Buffer.from(
    'BYE sip:a SIP/2.0\r\nCall-ID: one@harbour.example\r\nCSeq: 2 BYE\r\nContent-Length: 0\r\n\r\n',
  );
  tap.observer({ direction: 'in', flow, bytes, timeMs: 0 } as unknown as Parameters<typeof tap.observer>[0]);
  expect(kept).toMatchObject([{ callId: 'call', orgId: 'org', lane: 'telephone:alice:desk', kind: 'sip' }]);
});
