import { createLog } from '@liaison/core/log';
import { afterEach, expect, it, vi } from 'vitest';
import { createCallMedia } from './call-media.ts';
import type { LegEvents } from './leg.ts';
import type { Agreed, MediaPool, Relay } from './media/media.ts';
import type { SipLeg } from './sip-leg.ts';
import { createWebLeg } from './web-leg.ts';

/** Who is asked what when pictures are wished for, and when people come together: with a relay that names whom the test says. */
const events: LegEvents = { answered() {}, refused() {}, hungUp() {}, held() {} };
const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** What was said to pages and telephones, in order. */
function scene(named: string[][] = []) {
  const said: string[] = [];
  const relay = {
    connect: async () => ({ renegotiate: named.shift() ?? [] }),
    close: async () => ({ ends: [] }),
    onLost() {},
    onKey() {},
    onPictureWanted() {},
  } as unknown as Relay;
  const media = createCallMedia({
    callId: 'call',
    pool: { createRelay: async () => relay } as unknown as MediaPool,
    log: createLog({ level: 'silent' }),
    failed: () => void said.push('failed'),
    sounded() {},
  });
  closing.push(() => media.close());
  const page = (id: string) =>
    createWebLeg({
      id,
      personId: id,
      connectionId: id,
      live: {
        signal(_to, signal, data) {
          const { agreed } = data as { agreed?: boolean };
          said.push(`${id} ${signal.name === 'calls.media' ? 'round' : `agreed ${agreed}`}`);
        },
      } as Parameters<typeof createWebLeg>[0]['live'],
      events,
    });
  const telephone = (id: string, answer: () => Promise<Agreed | null>, isSettled = true) =>
    ({
      id,
      kind: 'telephone',
      isSettled,
      connect: async () => void said.push(`${id} connect`),
      offerAnew: async (_relay: Relay, match: string) => {
        said.push(`${id} ${match}`);
        return answer();
      },
    }) as unknown as SipLeg;
  return { media, said, page, telephone };
}

const agrees = async (): Promise<Agreed> => ({ codec: 'PCMU', video: 'VP8' });
const keeps = async (): Promise<null> => null;

it.each([
  ['takes it: another round follows', agrees, ['t wished', 'page agreed true', 'page round']],
  ['keeps what it has', keeps, ['t wished', 'page agreed false']],
  ['cannot be asked', () => Promise.reject(new Error('gone')), ['t wished', 'page agreed false']],
])('a page that would show a picture is told when the telephone %s', async (_what, answer, expected) => {
  const { media, said, page, telephone } = scene();
  const a = page('page');
  await media.join(a, telephone('t', answer));
  said.length = 0;
  // Asked twice in a moment, the telephone hears of it once.
  await Promise.all([media.offerPicture(a), media.offerPicture(a)]);
  expect(said).toEqual(expected);
});

it('what a telephone says after it was handed over is not told to the page that it talked with', async () => {
  const { media, said, page, telephone } = scene();
  const a = page('page');
  let answer: (agreed: Agreed) => void = () => {};
  const slow = telephone('t', () => new Promise((resolve) => (answer = resolve)));
  await media.join(a, slow);
  const asked = media.offerPicture(a);
  await vi.waitFor(() => expect(said).toContain('t wished'), { timeout: 10_000 });
  await media.join(slow, telephone('u', keeps, false));
  said.length = 0;
  answer({ codec: 'PCMU', video: 'VP8' });
  await asked;
  expect(said).toEqual([]);
  await media.offerPicture(a);
  expect(said).toEqual(['page agreed false']);
});

it('whoever the relay names when two come together agrees anew, and the page after the telephone', async () => {
  const { media, said, page, telephone } = scene([['t', 'page'], ['page']]);
  await media.join(page('page'), telephone('t', agrees));
  await vi.waitFor(() => expect(said).toEqual(['t connect', 'page round', 't agreed', 'page round']), {
    timeout: 10_000,
  });
});

it('one that refuses ends nothing, and a telephone that offers anew is followed by the other one', async () => {
  const { media, said, telephone } = scene([['t'], ['t', 'u']]);
  const t = telephone('t', () => Promise.reject(new Error('gone')));
  await media.join(t, telephone('u', agrees));
  await vi.waitFor(() => expect(said).toEqual(['t connect', 'u connect', 't agreed']), { timeout: 10_000 });
  said.length = 0;
  await media.follow(t);
  expect(said).toEqual(['u agreed']);
});

it('a page that takes over from its telephone shows and sees pictures: whoever the relay names agrees anew', async () => {
  const { media, said, page, telephone } = scene([[], ['other', 'arriving']]);
  const [other, arriving] = [page('other'), page('arriving')];
  const desk = telephone('desk', keeps);
  await media.join(other, desk);
  said.length = 0;
  const replaced = media.replace(desk, arriving);
  expect(said).toEqual(['arriving round']);
  media.reported(arriving, media.lastRound(), 'connected');
  expect(await replaced).toBe(true);
  await vi.waitFor(() => expect(said).toEqual(['arriving round', 'other round', 'arriving round']), {
    timeout: 10_000,
  });
});
