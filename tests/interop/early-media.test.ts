import { createSocket, type Socket } from 'node:dgram';
import { buildRtp, encodeG711 } from '@liaison/rtp';
import { tone } from '@liaison/rtp/testing';
import type { InviteSession, UserAgent } from '@liaison/sip';
import { startTelephoneAgent } from '@liaison/sip/testing';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type LabTelephone, openTelephoneLab, type TelephoneLab } from '../testing/telephone-lab.ts';
import { plainBaresip, shown } from '../testing/telephone-rows.ts';

/**
 * A telephone that sounds before it is answered (183 with a description), as announcements and gateways do, and Debian's
 * baresip that calls it and hears that.
 */
let lab: TelephoneLab;
let alice: LabTelephone;
const early: {
  agent: UserAgent;
  socket: Socket;
  timer: NodeJS.Timeout | undefined;
  sessions: InviteSession[];
  description: string;
}[] = [];

beforeAll(async () => {
  lab = await openTelephoneLab({
    people: ['Alice', 'Bob', 'Carla'].map((name, at) => ({ name, extension: `410${at + 1}` })),
  });
  alice = await lab.telephone(lab.alice);
}, 60_000);
beforeEach(async () => {
  for (const each of early) each.sessions.length = 0;
});
afterAll(async () => {
  for (const { agent, socket, timer } of early) {
    clearInterval(timer);
    await agent.stop();
    socket.close();
  }
  await lab?.close();
});

/** Registers a telephone of Bob's that says 183 and a tone to every call, and does not answer by itself. */
async function announcer(hz: number) {
  const { username, secret } = await lab.running.telephone(lab.bob);
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const description = [
    ...['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 'c=IN IP4 127.0.0.1', 't=0 0'],
    ...[`m=audio ${socket.address().port} RTP/AVP 0`, 'a=rtpmap:0 PCMU/8000', 'a=sendrecv', ''],
  ].join('\r\n');
  const sound = encodeG711('PCMU', tone(hz, 1, 8000));
  const made = { socket, sessions: [] as InviteSession[], timer: undefined as NodeJS.Timeout | undefined };
  let sequence = 0;
  const line = await startTelephoneAgent({
    userAgent: 'Announcer',
    domain: lab.domain,
    port: lab.portOf('udp'),
    username,
    secret,
    invited(session) {
      made.sessions.push(session);
      const port = Number(/^m=audio (\d+) /m.exec(session.remoteOffer!)![1]);
      clearInterval(made.timer);
      made.timer = setInterval(() => {
        const at = (sequence * 160) % sound.length;
        const payload = sound.subarray(at, at + 160);
        socket.send(
          buildRtp({
            payloadType: 0,
            sequence: sequence & 0xffff,
            timestamp: sequence * 160,
            ssrc: hz,
            payload,
          }),
          port,
          '127.0.0.1',
        );
        sequence += 1;
      }, 20);
      session.on = { cancelled: () => clearInterval(made.timer), ended: () => clearInterval(made.timer) };
      session.progress(description);
    },
  });
  await line.register();
  const telephone = Object.assign(made, { agent: line.agent, description });
  early.push(telephone);
  return telephone;
}

it('is heard by the caller while it rings, and goes on when it answers', async () => {
  const bob = await announcer(880);
  const from = alice.events.length;
  await alice.dial(lab.addressOf(lab.bob));
  await alice.waitFor('CALL_PROGRESS', { from, deadlineMs: 15_000 });
  await expect.poll(() => alice.heard(880), { timeout: 15_000 }).toBeGreaterThan(0.5);
  expect(alice.events.slice(from).map(({ type }) => type)).not.toContain('CALL_ESTABLISHED');
  expect(await lab.stateOf(lab.bob)).toBe('ringing');
  const samples = await alice.samplesHeard();
  await bob.sessions[0]!.accept(bob.description);
  await alice.waitFor('CALL_ESTABLISHED', { from });
  await expect.poll(() => alice.heardSince(880, samples), { timeout: 15_000 }).toBeGreaterThan(0.5);
  await alice.hangup();
  await alice.waitFor('CALL_CLOSED', { from });
  await expect.poll(() => lab.stateOf(lab.bob), { timeout: 10_000 }).toBe('free');
  await shown({ ...plainBaresip, sound: 'one way', also: ['calls', 'early media'] });
});

it('of several that ring the first one is heard; another may answer, and is heard then', async () => {
  const desk = await lab.telephone(lab.bob, { hz: 1320 });
  const from = alice.events.length;
  const samples = await alice.samplesHeard();
  await alice.dial(lab.addressOf(lab.bob));
  await desk.waitFor('CALL_INCOMING');
  await expect.poll(() => alice.heardSince(880, samples), { timeout: 15_000 }).toBeGreaterThan(0.5);
  await desk.accept();
  await alice.waitFor('CALL_ESTABLISHED', { from });
  const answered = await alice.samplesHeard();
  await expect.poll(() => alice.heardSince(1320, answered), { timeout: 15_000 }).toBeGreaterThan(0.5);
  await expect.poll(() => early[0]!.sessions[0]!.state, { timeout: 10_000 }).toBe('ended');
  await alice.hangup();
});

it('is heard by who waits for a transfer, too', async () => {
  const carla = lab.members[2]!;
  const handsOver = await lab.telephone(carla, { hz: 1320, answerMode: 'auto' });
  const from = alice.events.length;
  let samples = await alice.samplesHeard();
  await alice.dial(lab.addressOf(carla));
  await alice.waitFor('CALL_ESTABLISHED', { from });
  await expect.poll(() => alice.heardSince(1320, samples), { timeout: 15_000 }).toBeGreaterThan(0.5);
  samples = await alice.samplesHeard();
  await handsOver.command('transfer', lab.addressOf(lab.bob));
  await expect.poll(() => early[0]!.sessions[0]?.state, { timeout: 15_000 }).toBe('early');
  await expect.poll(() => alice.heardSince(880, samples), { timeout: 15_000 }).toBeGreaterThan(0.5);
  expect(early[0]!.sessions[0]!.state).toBe('early');
  await early[0]!.sessions[0]!.accept(early[0]!.description);
  samples = await alice.samplesHeard();
  await expect.poll(() => alice.heardSince(880, samples), { timeout: 15_000 }).toBeGreaterThan(0.5);
  await alice.hangup();
  await alice.waitFor('CALL_CLOSED', { from });
});
