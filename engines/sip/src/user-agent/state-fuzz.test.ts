import { expect, test } from 'vitest';
import { poll } from '../../testing/poll.ts';
import { startRawPeer } from '../../testing/raw-peer.ts';
import { exampleSdp, startPhone } from '../../testing/registrar-fixture.ts';
import { createManualClock, type IncomingSubscription, type InviteSession } from '../index.ts';

/*
 * Requests in any order, inside dialogs that are, were and never were: whatever comes, nothing is thrown, each session and
 * subscription ends once, and after `stop` no timer is left. `SIP_FUZZ_SEED` repeats a run, `SIP_FUZZ_COUNT` lengthens it.
 */
const seed = Number(process.env.SIP_FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 32));
const count = Number(process.env.SIP_FUZZ_COUNT ?? 1500);

/** mulberry32. */
function createRandom(start: number): (below: number) => number {
  let state = start;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

test(`${count} requests in any order from seed ${seed}`, async () => {
  process.stderr.write(`SIP_FUZZ_SEED=${seed}\n`);
  const random = createRandom(seed);
  const pick = <T>(values: readonly T[]): T => values[random(values.length)]!;
  const clock = createManualClock();
  const errors: string[] = [];
  const ends = new Map<string, number>();
  const ended = (id: string) => void ends.set(id, (ends.get(id) ?? 0) + 1);
  const sessions: InviteSession[] = [];
  const subscriptions: IncomingSubscription[] = [];

  const { agent, port } = await startPhone(
    (session) => {
      sessions.push(session);
      session.on = {
        cancelled: () => ended(session.id),
        rejected: () => ended(session.id),
        ended: () => ended(session.id),
        reinvited: async (offer) => offer,
        offerRequested: async () => exampleSdp(),
        info: () => {},
        referred: (referral) => {
          if (random(2) === 0) return referral.accept();
          return referral.reject(pick([403, 603]));
        },
      };
      if (random(2) === 0) session.ring();
      if (random(2) === 0) session.progress(exampleSdp());
      if (random(3) > 0) session.accept(exampleSdp()).catch(() => {});
    },
    {
      clock,
      log: (level, message, fields) => {
        if (level === 'error') errors.push(`${message} ${JSON.stringify(fields)}`);
      },
      eventPackages: ['dialog'],
      handlers: {
        subscribe(subscription) {
          subscriptions.push(subscription);
          subscription.on = { ended: () => ended(subscription.id) };
          const body = () => ({ contentType: 'text/plain', content: 'x' });
          if (random(4) > 0) subscription.accept(body, { isPending: random(3) === 0 });
          else if (random(2) === 0) subscription.reject(403);
        },
        refer: (referral) => (random(2) === 0 ? referral.accept() : undefined),
      },
    },
  );
  const peer = await startRawPeer(port);
  const tags = ['', 'unknown'];
  let seen = 0;

  function answerSome(): void {
    for (; seen < peer.received.length; seen++) {
      const message = peer.received[seen]!;
      if (message.kind === 'request') {
        if (message.method !== 'ACK' && random(4) > 0) {
          peer.answer(message, pick([200, 200, 481, 491, 422, 500, 100, 401]), {
            ...(random(2) === 0 && { sdp: exampleSdp() }),
            headers: [['session-expires', pick(['90', '1800;refresher=uas', 'x'])]],
          });
        }
      } else if (message.toTag && !tags.includes(message.toTag)) {
        tags.push(message.toTag);
        if (tags.length > 12) tags.splice(2, 1);
      }
    }
  }

  const methods =
    'INVITE INVITE SUBSCRIBE SUBSCRIBE REFER PRACK PRACK UPDATE UPDATE ACK BYE CANCEL NOTIFY INFO OPTIONS';
  /** Some seeds come to fewer: those go on for longer. */
  const isEnough = () => sessions.length > 20 && subscriptions.length > 20;
  for (let round = 0; round < count || (!isEnough() && round < 2 * count); round++) {
    const method = pick(methods.split(' '));
    const toTag = pick(tags);
    peer.request(method, {
      callId: `call-${(round >> 4) + random(6)}`,
      cseq: 1 + random(12),
      fromTag: pick(['peer', 'peer', 'other']),
      ...(toTag !== '' && random(2) > 0 && { toTag }),
      ...(random(3) === 0 && { branch: `z9hG4bK${random(40)}` }),
      ...(random(2) === 0 && { sdp: exampleSdp(random(9) * 2) }),
      headers: [
        ...(random(2) === 0
          ? [['supported', pick(['100rel, timer', 'timer', '100rel'])] as [string, string]]
          : []),
        ...(random(6) === 0
          ? [['require', pick(['100rel', 'timer', 'replaces', 'x'])] as [string, string]]
          : []),
        ...(random(2) === 0
          ? [
              ['session-expires', pick(['90', '60', '1800;refresher=uac', '99999999999', 'x'])] as [
                string,
                string,
              ],
            ]
          : []),
        ['event', pick(['dialog', 'dialog', 'dialog', 'refer', 'refer;id=2', 'x', ''])],
        ['rack', pick([`${1 + random(9)} 1 INVITE`, 'x', '1 1 1 1', `${2 ** 40} 1 INVITE`])],
        [
          'refer-to',
          pick(['<sip:a@h>', '<sip:a@h?Replaces=a%3Bto-tag%3Db%3Bfrom-tag%3Dc>', 'x', '<tel:+1>']),
        ],
        ['subscription-state', pick(['active', 'terminated', ''])],
        ...(random(8) === 0
          ? [
              ['replaces', `call-${(round >> 4) + random(6)};to-tag=${toTag};from-tag=peer`] as [
                string,
                string,
              ],
            ]
          : []),
        ...(random(3) === 0 ? [['expires', pick(['0', '60', '3600', 'x'])] as [string, string]] : []),
      ],
    });
    if (random(4) === 0) await clock.advanceAsync(pick([0, 500, 4_000, 40_000]));
    if (random(3) === 0) answerSome();
    if (random(20) === 0) pick(subscriptions)?.changed();
    if (random(40) === 0) pick(subscriptions)?.terminate('noresource');
    if (random(40) === 0)
      pick(sessions)
        ?.bye()
        .catch(() => {});
    if (random(40) === 0)
      pick(sessions)
        ?.refer({ target: { uri: sessions[0]!.requested!, params: new Map() } })
        .catch(() => {});
    if (random(40) === 0)
      pick(sessions)
        ?.update(exampleSdp())
        .catch(() => {});
  }
  // A good caller is served after all that.
  answerSome();
  peer.request('OPTIONS', { callId: 'good', branch: 'z9hG4bKgood' });
  await poll('the answer', () =>
    peer.received.some(({ callId, kind }) => callId === 'good' && kind === 'response'),
  );
  const stopped = agent.stop();
  await stopped;
  await peer.close();
  expect(errors).toEqual([]);
  expect([...ends.values()].filter((times) => times !== 1)).toEqual([]);
  expect(sessions.length).toBeGreaterThan(20);
  expect(subscriptions.length).toBeGreaterThan(20);
  expect(sessions.every(({ state }) => state === 'ended')).toBe(true);
  expect(clock.pending).toBe(0);
}, 120_000);
