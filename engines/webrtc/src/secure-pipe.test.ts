import { afterEach, expect, test } from 'vitest';
import { buildRtcp, buildRtp, parseRtp } from '../../rtp/src/index.ts';
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
