import { answerCall, hangUpCall, markCallsSeen, startCall, transferCall } from '@liaison/calls';
import { createOutgoing } from '@liaison/core/outgoing';
import { countNews, listNews, type NewsCount, type NewsGroup, subscribe } from '@liaison/notify';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type PushReceiver, type PushService, startPushService } from './testing/push-service.ts';
import { createAsker } from './testing/request.ts';
import { type Member, type RunningSuite, startSuite } from './testing/suite.ts';
import { poll } from './testing/world.ts';

/** The assembled suite and a push service: what reaches somebody whose page is closed. */
let running: RunningSuite;
let service: PushService;
let alice: Member;
let bob: Member;
let carol: Member;
let dora: Member;
beforeAll(async () => {
  service = await startPushService();
  running = await startSuite({
    outgoing: createOutgoing({ mayReach: (address) => address === '127.0.0.1' }),
    callTimes: { ringMs: 20_000, returnMs: 1000 },
  });
  [alice, bob, carol, dora] = (
    await running.organisation('harbour', [
      { name: 'Alice', extension: '4101' },
      { name: 'Bob', extension: '4102', language: 'es' },
      { name: 'Carol', extension: '4103' },
      { name: 'Dora', extension: '4104' },
    ])
  ).members as [Member, Member, Member, Member];
});
afterAll(async () => {
  await running?.close();
  await service?.close();
});

async function ask<Body>(
  who: Member,
  route: { method: string; path: string },
  body?: unknown,
): Promise<Body> {
  const asker = createAsker(running.url);
  try {
    const answer = await asker.ask({
      method: route.method,
      path: `/api/v1${route.path}`,
      headers: { cookie: who.cookie, origin: running.url },
      body,
    });
    if (answer.status >= 300)
      throw new Error(`${route.method} ${route.path}: ${answer.status} ${answer.text}`);
    return answer.json as Body;
  } finally {
    asker.close();
  }
}
async function browserOf(who: Member): Promise<PushReceiver> {
  const receiver = service.subscribe();
  await ask(who, subscribe, { endpoint: receiver.endpoint, keys: receiver.keys });
  return receiver;
}
const pushed = (receiver: PushReceiver, type: string) =>
  receiver.got.map(({ message }) => message).find((message) => message.type === type);

it('a call rings a closed page, which opens and takes it; who has none is offline', async () => {
  const page = await running.page(alice);
  const { call: nobody } = await page.command(startCall, { to: dora.extension });
  await page.until(() => page.call(nobody.id)?.reason === 'offline', 'that she cannot be reached');

  const receiver = await browserOf(bob);
  const { call } = await page.command(startCall, { to: bob.extension });
  const rings = await receiver.until(() => pushed(receiver, 'call'), 'the ringing');
  expect(rings).toMatchObject({ callId: call.id, title: 'Alice está llamando', answer: 'Contestar' });
  await expect.poll(() => page.call(call.id)).toMatchObject({ state: 'ringing', ringing: { pages: true } });
  const opened = await running.page(bob);
  await opened.command(answerCall, { callId: call.id });
  await page.until(() => page.call(call.id)?.state === 'connected', 'the answer');
  const stops = await receiver.until(() => pushed(receiver, 'withdraw'), 'that it rings no more');
  expect(stops).toMatchObject({ tags: [call.id] });
  await page.command(hangUpCall, { callId: call.id });
  opened.close();
  page.close();
});

it('a call is not handed to somebody whose page is closed', async () => {
  const receiver = await browserOf(dora);
  const [page, bobs] = await Promise.all([running.page(alice), running.page(bob)]);
  const { call } = await page.command(startCall, { to: bob.extension });
  await bobs.until(() => bobs.call(call.id)?.state === 'ringing', 'ringing');
  await bobs.command(answerCall, { callId: call.id });
  await page.until(() => page.call(call.id)?.state === 'connected', 'the answer');
  await expect(bobs.command(transferCall, { callId: call.id, to: dora.id })).rejects.toMatchObject({
    code: 'transfer-offline',
  });
  expect(pushed(receiver, 'call')).toBeUndefined();
  expect(page.call(call.id)?.state).toBe('connected');
  await page.command(hangUpCall, { callId: call.id });
  bobs.close();
  page.close();
});

it('a call that nobody took is news until she has looked at her missed calls, and is pushed', async () => {
  const receiver = await browserOf(carol);
  const page = await running.page(alice);
  const { call } = await page.command(startCall, { to: carol.extension });
  await receiver.until(() => pushed(receiver, 'call'), 'the ringing');
  await page.command(hangUpCall, { callId: call.id });
  const missed = await receiver.until(() => pushed(receiver, 'news'), 'that she missed it');
  expect(missed).toMatchObject({ kind: 'calls.missed', title: 'Missed call from Alice', needsMe: 1 });
  const { rows } = await ask<{ rows: NewsGroup[] }>(carol, listNews);
  expect(rows).toMatchObject([{ needsMe: 1, latest: { kind: 'calls.missed', personId: alice.id } }]);
  await ask(carol, markCallsSeen);
  await poll('that it is read', async () => (await ask<NewsCount>(carol, countNews)).unread === 0);
  await receiver.until(
    () => receiver.got.some(({ message }) => (message.tags as string[] | undefined)?.[0] === missed.tag),
    'that it is withdrawn',
  );
  page.close();
});

it('who is added to a team, given a file, invited and answered is told of it, each once', async () => {
  const newsOf = async (who: Member) => {
    const { rows } = await ask<{ rows: NewsGroup[] }>(who, listNews);
    return rows.filter(({ unread }) => unread > 0).map(({ latest }) => [latest.kind, latest.title]);
  };
  const told = (who: Member, kind: string, title: string) =>
    poll(`${kind} ${title}`, async () =>
      (await newsOf(who)).some(([each, name]) => each === kind && name === title),
    );
  const post = <Body = { id: string }>(who: Member, path: string, body: unknown, method = 'POST') =>
    ask<Body>(who, { method, path }, body);

  const team = await post(alice, '/teams', { name: 'Pilots', memberIds: [bob.id] });
  await told(bob, 'people.added-to-team', 'Pilots');

  const { rows: trees } = await ask<{ rows: { spaceId: string; rootId: string }[] }>(alice, {
    method: 'GET',
    path: '/files/trees',
  });
  const tree = trees.find(({ spaceId }) => spaceId !== team.id);
  const folder = await post(alice, `/files/nodes/${tree?.rootId}/folders`, { name: 'Charts' });
  const share = (right: string) =>
    post(
      alice,
      `/files/nodes/${folder.id}/grants`,
      { principal: { kind: 'person', id: bob.id }, right, until: null },
      'PUT',
    );
  await share('read');
  await share('write');
  await told(bob, 'files.shared', 'Charts');

  const { rows: calendars } = await ask<{ rows: { id: string; kind: string }[] }>(alice, {
    method: 'GET',
    path: '/calendar/calendars',
  });
  const own = calendars.find(({ kind }) => kind === 'personal');
  const meeting = await post(alice, `/calendar/calendars/${own?.id}/events`, {
    fields: {
      title: 'Low water',
      place: 'Quay 3',
      note: '',
      rule: null,
      times: { isAllDay: false, start: '2030-05-14T10:00', end: '2030-05-14T11:00', timeZone: 'UTC' },
    },
    mine: { isBusy: true, reminders: [], colour: null },
    invitees: [{ kind: 'person', personId: bob.id }],
  });
  await told(bob, 'calendar.invited', 'Low water');
  expect((await newsOf(bob)).filter(([kind]) => kind === 'files.shared')).toHaveLength(1);
  expect(await newsOf(carol)).toEqual([]);
  expect((await newsOf(alice)).filter(([kind]) => kind !== 'calls.missed')).toEqual([]);

  const { rows: occurrences } = await ask<{ rows: { eventId: string }[] }>(bob, {
    method: 'GET',
    path: '/calendar/occurrences?from=2030-05-14T00:00:00Z&to=2030-05-15T00:00:00Z',
  });
  await post(bob, `/calendar/events/${occurrences[0]?.eventId}/answer`, { answer: 'yes', word: null }, 'PUT');
  await told(alice, 'calendar.answered', 'Low water');
  await poll('that the invitation is read', async () =>
    (await newsOf(bob)).every(([kind]) => kind !== 'calendar.invited'),
  );
  // Off, it is told, though the appointment is not there any more.
  await post<undefined>(alice, `/calendar/events/${meeting.id}/delete`, { scope: 'all', at: null });
  await told(bob, 'calendar.cancelled', 'Low water');

  // What is taken back is gone.
  const { grants } = await ask<{ grants: { id: string }[] }>(alice, {
    method: 'GET',
    path: `/files/nodes/${folder.id}/readers`,
  });
  await ask(alice, { method: 'DELETE', path: `/files/nodes/${folder.id}/grants/${grants[0]?.id}` });
  expect((await newsOf(bob)).map(([kind]) => kind)).toEqual(['calendar.cancelled', 'people.added-to-team']);
});
