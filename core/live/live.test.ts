import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { z } from 'zod';
import {
  defineCommand,
  defineEvent,
  defineSignal,
  type FromServer,
  idSchema,
  liveClose,
  Problem,
} from '../contract/index.ts';
import { createTestCore, type TestCore, type TestPerson } from '../testing/index.ts';

const said = defineEvent({
  name: 'test.thing-said',
  version: 1,
  stream: 'spaceId',
  payload: z.object({ spaceId: idSchema, n: z.number() }),
});
const waved = defineSignal({ name: 'test.waved', data: z.object({ hand: z.string() }) });
const add = defineCommand({
  name: 'test.add',
  params: z.object({ a: z.number(), b: z.number() }),
  result: z.object({ sum: z.number() }),
});

let test: TestCore;
let url: string;
let orgId: string;
let people: TestPerson[];
const open: WebSocket[] = [];

beforeEach(async () => {
  test = await createTestCore();
  test.core.live.command(add, async (_context, { a, b }) => {
    if (a < 0) throw new Problem(409, 'negative', 'Only what can be counted.');
    return { sum: a + b };
  });
  await test.core.live.start();
  url = await test.listen();
  ({ orgId, people } = await test.organisation());
});
afterEach(async () => {
  for (const socket of open.splice(0)) socket.terminate();
  await test.close();
});

interface Page {
  readonly socket: WebSocket;
  readonly got: FromServer[];
  send(message: unknown): void;
  until<T>(find: () => T | undefined | false, what: string): Promise<T>;
}

async function page(person: TestPerson, positions: Record<string, number> | null = {}): Promise<Page> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/api/v1/live`, {
    headers: { cookie: `test=${person.sessionId}`, origin: url },
  });
  open.push(socket);
  const got: FromServer[] = [];
  socket.on('message', (data) => got.push(JSON.parse(String(data))));
  await once(socket, 'open');
  const made: Page = {
    socket,
    got,
    send: (message) => socket.send(JSON.stringify(message)),
    async until(find, what) {
      const end = Date.now() + 5000;
      for (;;) {
        const found = find();
        if (found) return found;
        if (Date.now() > end) throw new Error(`never came: ${what}; got ${JSON.stringify(got)}`);
        await pause(5);
      }
    },
  };
  if (positions) {
    made.send({ t: 'hello', v: 1, positions });
    await made.until(() => got.find((each) => each.t === 'welcome'), 'welcome');
  }
  return made;
}

const space = (members: TestPerson[]) =>
  test.core.db.transaction(orgId, async (tx) => {
    const made = await test.core.spaces.create(tx, {
      kind: 'team',
      name: 'x',
      members: members.map(({ id }) => ({ personId: id, role: 'member' })),
    });
    return made.id;
  });
const say = (spaceId: string, n: number) =>
  test.core.db.transaction(orgId, async (tx) => test.core.outbox.emit(tx, said, { spaceId, n }));
const numbers = (got: FromServer[]) =>
  got
    .filter((each) => each.t === 'event' && each.name === said.name)
    .map((each) => (each.t === 'event' ? (each.data as { n: number }).n : 0));
const positionOf = (got: FromServer[], spaceId: string): number => {
  const welcome = got.find((each) => each.t === 'welcome');
  return welcome?.t === 'welcome' ? (welcome.positions[spaceId] ?? 0) : 0;
};

describe('the live socket', () => {
  it('gives events of my spaces in order, and nothing of others', async () => {
    const ours = await space([people[0]!, people[1]!]);
    const theirs = await space([people[2]!]);
    const alice = await page(people[0]!);
    for (let n = 1; n <= 5; n++) {
      await say(theirs, 100 + n);
      await say(ours, n);
    }
    await alice.until(() => numbers(alice.got).length >= 5, 'five events');
    expect(numbers(alice.got)).toEqual([1, 2, 3, 4, 5]);
  });

  it('sends its pages to other processes when this one drains, but for those that are kept, and lets none in', async () => {
    const keeps = new Set<string>();
    test.core.live.keepWhileDraining(async (ids) => new Set(ids.filter((id) => keeps.has(id))));
    const [alice, bob] = [await page(people[0]!), await page(people[1]!)];
    const welcome = alice.got.find((each) => each.t === 'welcome');
    keeps.add(welcome?.t === 'welcome' ? welcome.connectionId : '');
    const bobLeft = once(bob.socket, 'close');
    test.core.live.drain(200);
    expect((await bobLeft)[0]).toBe(1012);
    await expect(page(people[1]!)).rejects.toThrow(/503/);
    alice.send({ t: 'ping' });
    await alice.until(() => alice.got.some((each) => each.t === 'pong'), 'an answer to the one who is kept');
    const aliceLeft = once(alice.socket, 'close');
    keeps.clear();
    expect((await aliceLeft)[0]).toBe(1012);
  });

  it('resumes where a page left off: nothing twice, nothing missing, while more is written', async () => {
    const ours = await space([people[0]!]);
    const first = await page(people[0]!);
    await say(ours, 1);
    await first.until(() => numbers(first.got).length === 1, 'the first event');
    const last = first.got.filter((each) => each.t === 'event' && each.space === ours).at(-1);
    first.socket.terminate();
    for (let n = 2; n <= 30; n++) await say(ours, n);
    const writing = (async () => {
      for (let n = 31; n <= 60; n++) await say(ours, n);
    })();
    const again = await page(people[0]!, { [ours]: last?.t === 'event' ? last.seq : 0 });
    await writing;
    await again.until(() => numbers(again.got).length >= 59, 'the rest');
    expect(numbers(again.got)).toEqual(Array.from({ length: 59 }, (_, at) => at + 2));
  });

  it('says resync where too much was missed', async () => {
    const ours = await space([people[0]!]);
    await test.core.db.transaction(orgId, async (tx) => {
      for (let n = 1; n <= 600; n++) test.core.outbox.emit(tx, said, { spaceId: ours, n });
    });
    const alice = await page(people[0]!, { [ours]: 1 });
    await alice.until(() => alice.got.find((each) => each.t === 'resync' && each.space === ours), 'resync');
    const before = numbers(alice.got).length;
    await say(ours, 601);
    await alice.until(() => numbers(alice.got).includes(601), 'what comes after');
    expect(numbers(alice.got).length).toBe(before + 1);
  });

  it('says resync to a page that claims to know more than there is', async () => {
    const ours = await space([people[0]!]);
    const alice = await page(people[0]!, { [ours]: 1_000_000 });
    await alice.until(() => alice.got.find((each) => each.t === 'resync' && each.space === ours), 'resync');
  });

  it('follows who joins a space and who leaves it', async () => {
    const ours = await space([people[1]!]);
    const alice = await page(people[0]!);
    const change = (work: 'setMember' | 'removeMember') =>
      test.core.db.transaction(orgId, (tx) =>
        work === 'setMember'
          ? test.core.spaces.setMember(tx, ours, people[0]!.id, 'member')
          : test.core.spaces.removeMember(tx, ours, people[0]!.id),
      );
    await change('setMember');
    await alice.until(() => alice.got.find((each) => each.t === 'joined' && each.space === ours), 'joined');
    await say(ours, 1);
    await alice.until(() => numbers(alice.got).includes(1), 'an event');
    await change('removeMember');
    await alice.until(() => alice.got.find((each) => each.t === 'left' && each.space === ours), 'left');
    const bob = await page(people[1]!);
    await say(ours, 2);
    await bob.until(() => numbers(bob.got).includes(2), 'the event for who stayed');
    expect(numbers(alice.got)).toEqual([1]);
  });

  it('shows an event that is for some only as hidden to the others', async () => {
    const ours = await space([people[0]!, people[1]!]);
    test.core.live.present(said, async (_orgId, events) =>
      events.map((event) => ({ data: { n: event.payload.n }, only: [people[1]!.id] })),
    );
    const alice = await page(people[0]!);
    const bob = await page(people[1]!);
    await say(ours, 7);
    await bob.until(() => numbers(bob.got).includes(7), 'the event');
    await alice.until(
      () => alice.got.find((each) => each.t === 'event' && each.name === 'core.hidden'),
      'hidden',
    );
    expect(JSON.stringify(alice.got)).not.toContain('"n":7');
  });

  it('sends signals to people, spaces and organisations, and to nobody else', async () => {
    const ours = await space([people[0]!]);
    const other = await test.organisation();
    const alice = await page(people[0]!);
    const bob = await page(people[1]!);
    const stranger = await page(other.people[0]!);
    test.core.live.signal({ personIds: [people[0]!.id] }, waved, { hand: 'person' });
    test.core.live.signal({ spaceId: ours }, waved, { hand: 'space' });
    test.core.live.signal({ orgId }, waved, { hand: 'organisation' });
    const hands = (got: FromServer[]) =>
      got.flatMap((each) => (each.t === 'signal' ? [(each.data as { hand: string }).hand] : []));
    await bob.until(() => hands(bob.got).length > 0, 'the signal to all');
    await alice.until(() => hands(alice.got).length === 3, 'three signals');
    expect(hands(alice.got)).toEqual(['person', 'space', 'organisation']);
    expect(hands(bob.got)).toEqual(['organisation']);
    expect(hands(stranger.got)).toEqual([]);
  });

  it('leaves guests out where it is told to, and reaches single pages of its own', async () => {
    const { orgId: there, people: these } = await test.organisation(['owner', 'guest']);
    const [owner, guest] = [await page(these[0]!), await page(these[1]!)];
    const guestsPage = test.core.live.connections().find(({ actor }) => actor.role === 'guest')!;
    test.core.live.signal({ orgId: there, guests: false }, waved, { hand: 'members' });
    test.core.live.signalHere([guestsPage.id, 'nobody'], waved, [{ hand: 'one' }, { hand: 'two' }]);
    test.core.live.signal({ orgId: there }, waved, { hand: 'all' });
    const hands = (got: FromServer[]) =>
      got.flatMap((each) => (each.t === 'signal' ? [(each.data as { hand: string }).hand] : []));
    await owner.until(() => hands(owner.got).length === 2, 'what is for the owner');
    await guest.until(() => hands(guest.got).includes('all'), 'what is for all');
    expect([hands(owner.got), hands(guest.got)]).toEqual([
      ['members', 'all'],
      ['one', 'two', 'all'],
    ]);
  });

  it('sends several signals at once, each on its own and in their order', async () => {
    const alice = await page(people[0]!);
    const other = await page(people[1]!);
    const list = Array.from({ length: 450 }, (_, n) => ({ hand: `${n}` }));
    test.core.live.signalAll({ personIds: [people[0]!.id] }, waved, list);
    const heard = () =>
      alice.got.flatMap((each) => (each.t === 'signal' && each.name === waved.name ? [each.data] : []));
    await alice.until(() => heard().length === list.length, 'all signals');
    expect(heard()).toEqual(list);
    expect(other.got.filter((each) => each.t === 'signal')).toEqual([]);
  });

  it('answers commands, refuses bad ones, and goes on', async () => {
    const alice = await page(people[0]!);
    alice.send({ t: 'command', id: 1, name: 'test.add', params: { a: 2, b: 3 } });
    alice.send({ t: 'command', id: 2, name: 'test.add', params: { a: { $gt: 1 }, b: 3 } });
    alice.send({ t: 'command', id: 3, name: 'test.add', params: { a: -1, b: 3 } });
    alice.send({ t: 'command', id: 4, name: 'test.nothing', params: {} });
    const replies = () => alice.got.filter((each) => each.t === 'reply');
    await alice.until(() => replies().length === 4, 'four replies');
    const byId = new Map(replies().map((each) => [each.t === 'reply' ? each.id : 0, each]));
    expect(byId.get(1)).toEqual({ t: 'reply', id: 1, result: { sum: 5 } });
    expect(byId.get(2)).toMatchObject({ error: { code: 'invalid', status: 400 } });
    expect(byId.get(3)).toMatchObject({ error: { code: 'negative', status: 409 } });
    expect(byId.get(4)).toMatchObject({ error: { code: 'unknown-command' } });
  });

  it.each([
    ['what is no JSON', '{"t":'],
    ['what is no message', '{"t":"drop tables"}'],
    ['positions that are no numbers', '{"t":"hello","v":1,"positions":{"x":"y"}}'],
  ])('closes on %s', async (_what, text) => {
    const alice = await page(people[0]!, null);
    alice.socket.send(text);
    const [code] = (await once(alice.socket, 'close')) as [number];
    expect(code).toBe(liveClose.badMessage);
  });

  it('works on so many commands of a page at once, and on as many again afterwards', async () => {
    const wait = defineCommand({ name: 'test.wait', params: z.object({}), result: z.object({}) });
    let go: () => void = () => {};
    let gate = Promise.resolve();
    test.core.live.command(wait, async () => {
      await gate;
      return {};
    });
    const alice = await page(people[0]!);
    const replies = () =>
      alice.got.flatMap((each) => (each.t === 'reply' ? [each.error?.status ?? 200] : []));
    for (let round = 1; round <= 2; round++) {
      gate = new Promise((resolve) => {
        go = resolve;
      });
      for (let n = 0; n < 40; n++)
        alice.send({ t: 'command', id: round * 100 + n, name: wait.name, params: {} });
      await alice.until(() => replies().filter((status) => status === 429).length === round * 8, 'refusals');
      go();
      await alice.until(() => replies().length === round * 40, 'all replies');
    }
  });

  it('closes on a message beyond the bound, and on a page of another age', async () => {
    const big = await page(people[0]!);
    big.socket.send('x'.repeat(300_000));
    expect(((await once(big.socket, 'close')) as [number])[0]).toBe(1009);
    const old = await page(people[0]!, null);
    old.send({ t: 'hello', v: 99, positions: {} });
    expect(((await once(old.socket, 'close')) as [number])[0]).toBe(liveClose.reload);
  });

  it('lets nobody in without a session, from another site, or past the bound of pages', async () => {
    const refused = async (headers: Record<string, string>) => {
      const socket = new WebSocket(`${url.replace('http', 'ws')}/api/v1/live`, { headers });
      const [, answer] = (await once(socket, 'unexpected-response')) as [unknown, { statusCode: number }];
      socket.on('error', () => {});
      socket.terminate();
      return answer.statusCode;
    };
    const cookie = `test=${people[0]!.sessionId}`;
    expect(await refused({ origin: url })).toBe(401);
    expect(await refused({ cookie, origin: 'https://elsewhere.example' })).toBe(403);
    expect(await refused({ cookie })).toBe(403);
    for (let n = 0; n < 40; n++) await page(people[0]!, null);
    const last = await page(people[0]!, null);
    expect(((await once(last.socket, 'close')) as [number])[0]).toBe(liveClose.tooMany);
  });

  it('cuts a revoked session, also when nobody says so', async () => {
    const alice = await page(people[0]!);
    test.core.live.cut({ sessionId: people[0]!.sessionId });
    expect(((await once(alice.socket, 'close')) as [number])[0]).toBe(liveClose.signedOut);
    const bob = await page(people[1]!);
    test.core.http.authenticateWith(async () => null);
    const started = Date.now();
    expect(((await once(bob.socket, 'close')) as [number])[0]).toBe(liveClose.signedOut);
    expect(Date.now() - started).toBeLessThan(5000);
  });

  it('is not held up by a page that never reads', async () => {
    const ours = await space([people[0]!, people[1]!]);
    const deaf = await page(people[0]!);
    (deaf.socket as unknown as { _socket: { pause(): void } })._socket.pause();
    const bob = await page(people[1]!);
    const filler = 'x'.repeat(60_000);
    test.core.live.present(said, async (_orgId, events) =>
      events.map((event) => ({ data: { n: event.payload.n, filler } })),
    );
    for (let n = 1; n <= 150; n++) await say(ours, n);
    await bob.until(() => numbers(bob.got).length === 150, 'all events');
    const end = Date.now() + 5000;
    while (test.core.live.connections().some((each) => each.actor.personId === people[0]!.id)) {
      if (Date.now() > end) throw new Error('the deaf page is still held');
      await pause(20);
    }
  });
});

it('the position of a welcome is the head of the stream', async () => {
  const ours = await space([people[0]!]);
  await say(ours, 1);
  const alice = await page(people[0]!);
  // One for joining, one for what was said.
  expect(positionOf(alice.got, ours)).toBe(2);
});
