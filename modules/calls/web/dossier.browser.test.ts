import { randomUUID } from 'node:crypto';
import { expectAccessible } from '@liaison/ui/testing/expect';
import type { BrowserContext, WebSocketRoute } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type CallView, callChanged } from '../contract/index.ts';
import { type CallStage, openCallStage } from './testing/call-stage.ts';
import type { Actor } from './testing/stage.ts';
import type { TelephonePage } from './testing/telephone-page.ts';

let stage: CallStage;
let { ines, njeri, profile, tab } = {} as CallStage;

beforeAll(async () => {
  stage = await openCallStage();
  ({ ines, njeri, profile, tab } = stage);
  await haveSomethingInCommon();
}, 180_000);
afterEach(() => stage.endTest());
afterAll(() => stage?.close());

interface Row {
  readonly id: string;
  readonly kind: string;
  readonly rootId: string;
  readonly isFirst: boolean;
}
const rows = async (who: Actor, path: string) =>
  ((await stage.as(who, 'GET', path)) as { rows: readonly Row[] }).rows;

async function haveSomethingInCommon(): Promise<void> {
  await stage.as(ines, 'POST', '/teams', { kind: 'team', name: 'Port study', memberIds: [njeri.id] });
  const tree = (await rows(njeri, '/files/trees')).find(({ kind }) => kind === 'team')!;
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const sent = await fetch(`${stage.url}/api/v1/files/uploads`, {
    method: 'POST',
    headers: {
      origin: stage.url,
      cookie: njeri.cookie,
      'tus-resumable': '1.0.0',
      'upload-length': '9',
      'upload-metadata': `folderId ${base64(tree.rootId)},filename ${base64('Levels.txt')},filetype ${base64('text/plain')}`,
      'content-type': 'application/offset+octet-stream',
    },
    body: '1.40 m up',
  });
  expect(sent.status).toBe(201);
  const { id } = (await stage.as(njeri, 'POST', '/chat/direct', { personId: ines.id })) as Row;
  for (const body of ['The two series can’t be joined', 'Ask the pilot, +44 (0)1632 960-017']) {
    await stage.as(njeri, 'POST', `/chat/conversations/${id}/messages`, { clientKey: randomUUID(), body });
  }
  const calendar = (await rows(njeri, '/calendar/calendars')).find(
    ({ kind, isFirst }) => kind === 'personal' && isFirst,
  )!;
  const local = (days: number, hours: number) =>
    new Date(Date.now() + days * 86_400_000 + hours * 3_600_000).toISOString().slice(0, 16);
  await stage.as(njeri, 'POST', `/calendar/calendars/${calendar.id}/events`, {
    fields: {
      title: 'Port study review',
      place: 'Sala Douro',
      note: '',
      rule: null,
      times: { isAllDay: false, start: local(3, 0), end: local(3, 1), timeZone: 'UTC' },
    },
    mine: { isBusy: true, reminders: [], colour: null },
    invitees: [{ kind: 'person', personId: ines.id }],
  });
}

const fits = async ({ page }: TelephonePage, when: string): Promise<void> => {
  await expectAccessible(page, when);
  expect(await page.evaluate('document.documentElement.scrollWidth - window.innerWidth')).toBeLessThanOrEqual(
    0,
  );
};

test('before she answers she sees what she shares with the caller, and opens it while it goes on ringing', async () => {
  const [a, b] = (await stage.pages([njeri, ines])) as [TelephonePage, TelephonePage];
  await a.dial('Inês');
  await b.until('ringing-in');
  const dossier = b.page.getByRole('region', { name: 'Njeri Wambuto calls you' });
  await dossier.getByRole('link', { name: /Port study review Sala Douro/ }).waitFor();
  await dossier.getByRole('link', { name: /The two series can’t be joined/ }).waitFor();
  await dossier.getByText('You have not called each other yet.').waitFor();
  const file = dossier.getByRole('link', { name: 'Levels.txt' });
  await file.waitFor();
  await fits(b, 'ringing in');

  await file.click();
  await b.page.waitForURL('**/files/**');
  await b.page.getByText('1.40 m up').waitFor();
  await expect.poll(() => b.line()).toBe('ringing-in');
  await dossier.getByRole('button', { name: 'Answer', exact: true }).click();
  await b.until('call');
  await b.press('Hang up');
  await a.until('ended');

  // The same is on her page, and the call that was.
  await b.go(`/people/${njeri.id}`);
  const between = b.page.getByRole('region', { name: 'Between you' });
  for (const title of ['Appointments to come', 'Last words', 'Files you share', 'Last calls']) {
    await between.getByRole('heading', { name: title }).waitFor();
  }
  await between.getByRole('link', { name: /Levels\.txt Port study/ }).waitFor();
  await between.getByText(/Incoming, \d+ s/).waitFor();
  await between.getByRole('link', { name: /Port study review/ }).click();
  await b.page.waitForURL('**/calendar?**');
  await b.page.getByRole('heading', { name: 'Port study review' }).waitFor();
});

test('all of it is asked for in one round: nothing of it waits for an answer to be asked', async () => {
  const [a] = (await stage.pages([njeri])) as [TelephonePage];
  const context = await profile(ines, { serviceWorkers: 'block' });
  const b = await tab(context);
  // Of the last ring nothing is left that could be shown without asking.
  const round = await holdAnswers(context);
  await a.dial('Inês');
  await b.until('ringing-in');
  const all = [
    `/calls?personId=${njeri.id}`,
    `/chat/with/${njeri.id}?`,
    `/files/with/${njeri.id}?`,
    `/calendar/with/${njeri.id}?`,
  ];
  await expect
    .poll(() => round.asked(), { timeout: 30_000 })
    .toEqual(expect.arrayContaining(all.map((path) => expect.stringContaining(path))));
  const dossier = b.page.getByRole('region', { name: 'Njeri Wambuto calls you' });
  await expect.poll(() => dossier.getByRole('link', { name: 'Levels.txt' }).count()).toBe(0);
  // What is asked for from now on is never answered.
  round.answer();
  await dossier.getByRole('link', { name: /Port study review Sala Douro/ }).waitFor();
  await dossier.getByRole('link', { name: /The two series can’t be joined/ }).waitFor();
  await dossier.getByRole('link', { name: 'Levels.txt' }).waitFor();
  await dossier
    .getByText(/^(?:You have not called each other yet\.|Incoming, .*)$/)
    .first()
    .waitFor();
  round.end();
  await a.press('Hang up');
  await b.until('idle');
});

/** What the page asks of the interface waits; `answer` lets those go that were asked until then, and holds all that follow. */
async function holdAnswers(
  context: BrowserContext,
): Promise<{ asked(): string[]; answer(): void; end(): void }> {
  const asked: string[] = [];
  const go = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  let isAnswered = false;
  await context.route('**/api/v1/**', async (route) => {
    const { pathname, search } = new URL(route.request().url());
    if (route.request().method() !== 'GET') return route.continue();
    if (isAnswered) {
      await ended.promise;
    } else {
      asked.push(`${pathname.replace('/api/v1', '')}${search}`);
      await go.promise;
    }
    await route.continue();
  });
  return {
    asked: () => asked,
    answer() {
      isAnswered = true;
      go.resolve();
    },
    // The route stays: taken away it would let go of what is held, beside who holds it.
    end: () => ended.resolve(),
  };
}

test('on a telephone’s screen it makes room for what was opened out of it', async () => {
  const [a] = (await stage.pages([njeri])) as [TelephonePage];
  const b = await tab(await profile(ines, { scheme: 'dark', size: { width: 390, height: 844 } }));
  await a.dial('Inês');
  await b.until('ringing-in');
  const dossier = b.page.getByRole('region', { name: 'Njeri Wambuto calls you' });
  const file = dossier.getByRole('link', { name: 'Levels.txt' });
  await file.waitFor();
  await fits(b, 'ringing in');
  await file.click();
  await b.page.getByText('1.40 m up').waitFor();
  await dossier.waitFor({ state: 'detached' });
  await expect.poll(() => b.line()).toBe('ringing-in');
  await a.press('Hang up');
  await b.until('idle');
  await b.go(`/people/${njeri.id}`);
  await b.page.getByRole('heading', { name: 'Files you share', exact: true }).waitFor();
  await fits(b, 'her page');
});

test('somebody outside is known by her card, and a number that nobody knows can be kept', async () => {
  const [book] = (await rows(ines, '/contacts/books')).filter(({ kind }) => kind === 'personal');
  const card = (await stage.as(ines, 'POST', `/contacts/books/${book!.id}/cards`, {
    given: 'Zoë',
    family: 'Lefèvre',
    title: 'Pilot',
    organisation: 'Phares du Léman',
    numbers: [{ label: 'work', number: '+44 1632 960017' }],
    notes: 'Promised the chart for Friday.',
  })) as Row;
  const context = await profile(ines);
  const told = await hearsFromServer(context);
  const b = await tab(context);
  await told.ready;
  // No trunk brings a call in yet, so the page is told of one as the server would tell it.
  const rings = (peer: Partial<CallView['peer']>): void =>
    told.say({
      id: randomUUID(),
      direction: 'incoming',
      state: 'ringing',
      peer: { personId: null, name: '', address: null, extension: null, ...peer },
      mine: null,
      peerKind: null,
      ringing: { pages: true, telephones: 0 },
      heldByMe: false,
      heldByPeer: false,
      peerLost: false,
      startedAt: new Date().toISOString(),
      answeredAt: null,
      endedAt: null,
      reason: null,
    });
  rings({ name: 'Zoë Lefèvre', address: '+441632960017', contactId: card.id });
  await b.until('ringing-in');
  const known = b.page.getByRole('region', { name: 'Zoë Lefèvre calls you' });
  await known.getByText('Phares du Léman', { exact: true }).waitFor();
  await known.getByText('Promised the chart for Friday.', { exact: true }).waitFor();
  // Wherever somebody wrote her number, however it was spelled.
  await known.getByRole('heading', { name: 'Where +44 1632 960017 is mentioned' }).waitFor();
  await known.getByRole('link', { name: /Ask the pilot/ }).waitFor();
  await fits(b, 'a card rings');
  const link = known.getByRole('link', { name: 'Zoë Lefèvre Pilot, Phares du Léman', exact: true });
  await expect.poll(() => link.getAttribute('href')).toBe(`/contacts/${card.id}`);
  await known.getByRole('button', { name: 'Open the person’s page', exact: true }).click();
  await b.page.waitForURL(`**/contacts/${card.id}`);
  told.end();
  await b.until('idle');

  rings({ name: '+44 1632 960999', address: '+441632960999' });
  const unknown = b.page.getByRole('region', { name: '+44 1632 960999 calls you' });
  await unknown.getByText('This number is in none of your address books.').waitFor();
  expect(await unknown.getByRole('button', { name: 'Open the person’s page', exact: true }).count()).toBe(0);
  await unknown.getByRole('link', { name: 'Add', exact: true }).click();
  await b.page.waitForURL('**/contacts/new?**');
  await expect
    .poll(() => b.page.getByRole('textbox', { name: 'Telephone number', exact: true }).inputValue())
    .toMatch(/960999$/);
  told.end();
  await b.until('idle');
});

/** Says to the page what the server would say of a call; `ready` once the page has asked which calls there are. */
async function hearsFromServer(
  context: BrowserContext,
): Promise<{ ready: Promise<void>; say(call: CallView): void; end(): void }> {
  let socket: WebSocketRoute | undefined;
  let last: CallView | undefined;
  const { promise: ready, resolve } = Promise.withResolvers<void>();
  await context.routeWebSocket('**/api/v1/live', (route) => {
    socket = route;
    route.connectToServer().onMessage((message) => {
      route.send(message);
      if (/"t":"reply".*"calls":\[\]/.test(String(message))) resolve();
    });
  });
  const tell = (data: CallView): void =>
    socket?.send(JSON.stringify({ t: 'signal', name: callChanged.name, data }));
  return {
    ready,
    say(call) {
      last = call;
      tell(call);
    },
    end() {
      const at = new Date().toISOString();
      if (last) tell({ ...last, state: 'ended', endedAt: at, reason: 'cancelled' });
    },
  };
}
