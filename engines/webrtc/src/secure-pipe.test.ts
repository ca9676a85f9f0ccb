import { createSocket } from 'node:dgram';
import { buildRtcp, buildRtp, parseRtp } from '@liaison/rtp';
import { afterEach, expect, test } from 'vitest';
import { advertised } from './candidates.ts';
import { createSecurePipe, type PipeState, type SecurePipe, type SecurePipeOptions } from './index.ts';

const opened: SecurePipe[] = [];
afterEach(() => {
  for (const pipe of opened.splice(0)) pipe.close();
});

function pipe(name: string, more: Partial<SecurePipeOptions> = {}) {
  const rtp: Buffer[] = [];
  const rtcp: Buffer[] = [];
  const states: PipeState[] = [];
  const errors: unknown[] = [];
  const made = createSecurePipe({
    name,
    bind: '127.0.0.1',
    onRtp: (packet) => rtp.push(packet),
    onRtcp: (packet) => rtcp.push(packet),
    onState: (state) => states.push(state),
    onError: (error) => errors.push(error),
    ...more,
  });
  opened.push(made);
  return { pipe: made, rtp, rtcp, states, errors };
}

async function until(holds: () => boolean, what: string, deadlineMs = 10_000) {
  const end = Date.now() + deadlineMs;
  while (!holds()) {
    if (Date.now() > end) throw new Error(`Not in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** The answerer knows no candidate of the offerer, as with a browser that hides its addresses. */
async function connected(more: Partial<SecurePipeOptions> = {}) {
  const offerer = pipe('offerer', more);
  const answerer = pipe('answerer', more);
  const offer = await offerer.pipe.offer();
  const answer = await answerer.pipe.answer({ ...offer, candidates: [] });
  return { offerer, answerer, offer, answer };
}

const packet = (sequence: number, ssrc = 7) =>
  buildRtp({
    payloadType: 0,
    sequence,
    timestamp: sequence * 160,
    ssrc,
    payload: Buffer.alloc(160, sequence),
  });

test('two pipes of one process carry RTP of any payload type and RTCP both ways', async () => {
  const { offerer, answerer, answer } = await connected();
  expect(answer.candidates.every((candidate) => candidate.address === '127.0.0.1')).toBe(true);
  offerer.pipe.accept(answer);
  await until(
    () => offerer.pipe.state === 'connected' && answerer.pipe.state === 'connected',
    'both connected',
  );
  for (let sequence = 1; sequence <= 50; sequence++) {
    expect(offerer.pipe.send(packet(sequence))).toBe(true);
    expect(answerer.pipe.send(packet(sequence, 9))).toBe(true);
  }
  offerer.pipe.send(buildRtcp([{ type: 'receiver-report', ssrc: 7, reports: [] }]));
  await until(() => answerer.rtp.length === 50 && offerer.rtp.length === 50, '50 packets each way');
  await until(() => answerer.rtcp.length === 1, 'the report');
  expect(parseRtp(answerer.rtp[9]!)).toMatchObject({ sequence: 10, ssrc: 7, payloadType: 0 });
  expect(offerer.errors.concat(answerer.errors)).toEqual([]);
});

async function together(more: Partial<SecurePipeOptions> = {}) {
  const made = await connected(more);
  made.offerer.pipe.accept(made.answer);
  await until(
    () => made.offerer.pipe.state === 'connected' && made.answerer.pipe.state === 'connected',
    'both connected',
  );
  return made;
}

async function freePort() {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(resolve));
  return port;
}

test('pipes share one port, and what is advertised is in the candidates first', async () => {
  const sharedPort = await freePort();
  const more = { udp: { sharedPort } };
  const answerers: { offerer: ReturnType<typeof pipe>; answerer: ReturnType<typeof pipe> }[] = [];
  for (let index = 0; index < 3; index++) {
    const offerer = pipe(`offerer ${index}`);
    const answerer = pipe(`answerer ${index}`, { ...more, advertise: '203.0.113.5' });
    const offer = await offerer.pipe.offer();
    const answer = await answerer.pipe.answer({ ...offer, candidates: [] });
    expect(answer.candidates.map(({ address, port }) => `${address}:${port}`)).toEqual([
      `203.0.113.5:${sharedPort}`,
      `127.0.0.1:${sharedPort}`,
    ]);
    offerer.pipe.accept(answer);
    answerers.push({ offerer, answerer });
  }
  // Both ends: what an offerer sends before its own handshake is over is not sent.
  await until(
    () =>
      answerers.every(
        ({ offerer, answerer }) => offerer.pipe.state === 'connected' && answerer.pipe.state === 'connected',
      ),
    'all connected',
  );
  answerers.forEach(({ offerer }, index) => {
    offerer.pipe.send(packet(1, index));
  });
  await until(() => answerers.every(({ answerer }) => answerer.rtp.length === 1), 'a packet each');
  expect(answerers.map(({ answerer }) => parseRtp(answerer.rtp[0]!)?.ssrc)).toEqual([0, 1, 2]);
});

test('a handler that throws loses its packet, not the process', async () => {
  const errors: unknown[] = [];
  let thrown = 0;
  const broken = () => {
    thrown += 1;
    throw new Error('handler');
  };
  const { offerer, answerer } = await connected({
    onRtp: broken,
    onState: broken,
    onError: (error) => {
      errors.push(error);
      throw error;
    },
  }).then(async (made) => {
    made.offerer.pipe.accept(made.answer);
    await until(() => made.offerer.pipe.state === 'connected', 'connected');
    await until(() => made.answerer.pipe.state === 'connected', 'connected');
    return made;
  });
  offerer.pipe.send(packet(1));
  await until(() => thrown > 0 && errors.length >= thrown, 'the error is told');
  expect(answerer.pipe.state).toBe('connected');
});

test('closed twice: nothing is sent or told any more', async () => {
  const { offerer, answerer } = await together();
  const states = [...offerer.states];
  offerer.pipe.close();
  offerer.pipe.close();
  expect(offerer.pipe.send(packet(1))).toBe(false);
  answerer.pipe.send(packet(1));
  answerer.pipe.close();
  expect(offerer.states).toEqual(states);
  expect(offerer.rtp).toEqual([]);
});

test('a sequence number that jumps back is refused by SRTP, not thrown', async () => {
  const { offerer, answerer } = await together();
  expect(offerer.pipe.send(packet(40_000))).toBe(true);
  expect(offerer.pipe.send(packet(30_000))).toBe(false);
  expect(offerer.pipe.send(packet(40_001))).toBe(true);
  await until(
    () => answerer.rtp.some((received) => parseRtp(received)?.sequence === 40_001),
    'the next is received',
  );
});

test('what is too short, or is not RTP, is dropped on both sides', async () => {
  const { offerer, answerer } = await together();
  for (const length of [0, 1, 7, 11]) offerer.pipe.send(Buffer.alloc(length, 0x80));
  offerer.pipe.send(Buffer.alloc(40, 0xff));
  offerer.pipe.send(packet(1));
  await until(() => answerer.rtp.some((received) => parseRtp(received)?.sequence === 1), 'the true one');
});

test('a flood is dropped before any work is done for it', async () => {
  const { offerer, answerer } = await together();
  let sequence = 0;
  await until(() => {
    for (let burst = 0; burst < 200; burst++) offerer.pipe.send(packet(sequence++));
    return answerer.pipe.flooded > 0;
  }, 'dropped');
  expect(answerer.pipe.state).toBe('connected');
});

test('another certificate than the announced one never connects', async () => {
  const { offerer, answerer, answer } = await connected();
  const stranger = await pipe('stranger').pipe.offer();
  offerer.pipe.accept({ ...answer, fingerprint: stranger.fingerprint });
  await until(() => offerer.pipe.state === 'failed' || answerer.pipe.state === 'failed', 'refused');
  expect(offerer.states).not.toContain('connected');
  expect(offerer.pipe.send(packet(1))).toBe(false);
});

test('pipes that never connect are closed without a trace', async () => {
  const remote = await pipe('remote').pipe.offer();
  for (let round = 0; round < 50; round++) {
    const one = pipe(`round ${round}`);
    await one.pipe.answer({ ...remote, candidates: [] });
    one.pipe.close();
    expect(one.pipe.state).toBe('closed');
    expect(one.errors).toEqual([]);
  }
});

test('candidates: the advertised address first, the real ones after it, names never', () => {
  const host = (address: string) => ({ foundation: '1', priority: 1, address, port: 9, type: 'host' });
  const list = (advertise?: string) =>
    advertised([host('10.0.0.1'), host('x.local'), host('192.0.2.1')], advertise).map(
      ({ address }) => address,
    );
  expect(list()).toEqual(['10.0.0.1', '192.0.2.1']);
  expect(list('192.0.2.1')).toEqual(['192.0.2.1', '10.0.0.1']);
  expect(list('203.0.113.5')).toEqual(['203.0.113.5', '10.0.0.1', '192.0.2.1']);
});
