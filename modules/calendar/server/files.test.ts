import type { TestClient } from '@liaison/core/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import * as api from '../contract/index.ts';
import type { Needs } from './actions/needs.ts';
import { runImport } from './import/run-import.ts';
import { personalData } from './index.ts';
import { type CalendarStage, openCalendarStage } from './testing/calendar-stage.ts';

let stage: CalendarStage;
beforeAll(async () => {
  stage = await openCalendarStage();
}, 60_000);
afterAll(() => stage?.close());

const day = (ahead: number): string =>
  new Date(Date.now() + ahead * 86_400_000).toISOString().slice(0, 10).replaceAll('-', '');
const event = (uid: string, ...lines: string[]): string =>
  ['BEGIN:VEVENT', `UID:${uid}`, `DTSTART:${day(1)}T100000Z`, 'DURATION:PT1H', ...lines, 'END:VEVENT'].join(
    '\r\n',
  );
const file = (...events: string[]): string =>
  ['BEGIN:VCALENDAR', 'VERSION:2.0', ...events, 'END:VCALENDAR', ''].join('\r\n');

async function send(who: TestClient, calendarId: string, content: string | Buffer) {
  const answer = await fetch(`${stage.url}/api/v1/calendar/calendars/${calendarId}/imports?fileName=a.ics`, {
    method: 'POST',
    headers: { ...who.headers, 'content-type': 'application/octet-stream' },
    body: new Uint8Array(Buffer.from(content)),
  });
  return { status: answer.status, body: (await answer.json()) as api.CalendarImport & { code?: string } };
}
const start = (who: TestClient, importId: string) =>
  who.call(api.startCalendarImport, { params: { importId } });
const stand = async (who: TestClient, importId: string) =>
  (await who.call(api.getCalendarImport, { params: { importId } })).body;
async function take(who: TestClient, calendarId: string, content: string): Promise<api.CalendarImport> {
  const { body } = await send(who, calendarId, content);
  await start(who, body.id);
  await stage.test.core.outbox.drain();
  await stage.test.core.jobs.drain();
  return stand(who, body.id);
}
const download = async (who: TestClient, path: string) => {
  const answer = await fetch(`${stage.url}/api/v1/calendar/${path}`, { headers: who.headers });
  return { status: answer.status, text: await answer.text() };
};
async function newCalendar(who: TestClient): Promise<string> {
  const { body } = await who.call(api.createCalendar, {
    body: { spaceId: null, kind: 'calendar', name: 'Files', colour: 0, capacity: null },
  });
  return body.id;
}

it('takes a file once, whoever sends it again, and what is newer in it; nobody else sees the import', async () => {
  const { alice, bob } = stage;
  const calendarId = await newCalendar(alice);
  const first = file(
    event('one', 'SUMMARY:Tides', 'SEQUENCE:1'),
    event('two', 'RRULE:FREQ=WEEKLY'),
    event('three', 'RRULE:FREQ=SECONDLY'),
  );
  const { body } = await send(alice, calendarId, first);
  expect(body).toMatchObject({ state: 'ready', total: 3, preview: [{ title: 'Tides' }, { isSeries: true }] });
  expect((await bob.call(api.getCalendarImport, { params: { importId: body.id } })).status).toBe(404);
  expect((await send(bob, calendarId, first)).status).toBe(404);
  expect((await send(stage.guest, (await stage.team(stage.guest)).id, first)).status).toBe(403);
  expect(await take(alice, calendarId, first)).toMatchObject({
    state: 'done',
    added: 2,
    faultCount: 1,
    faults: [{ line: 16, code: 'invalid' }],
  });
  expect(await take(alice, calendarId, first)).toMatchObject({ added: 0, changed: 0, unchanged: 2 });
  const older = file(event('one', 'SUMMARY:Old', 'SEQUENCE:0'));
  expect(await take(alice, calendarId, older)).toMatchObject({ unchanged: 1, changed: 0 });
  const newer = file(event('one', 'SUMMARY:New', 'SEQUENCE:2'));
  expect(await take(alice, calendarId, newer)).toMatchObject({ unchanged: 0, changed: 1 });
  const exported = await download(alice, `calendars/${calendarId}/export`);
  expect(exported.text).toContain('SUMMARY:New\r\n');
  // What went out comes back and changes nothing.
  expect(await take(alice, calendarId, exported.text)).toMatchObject({
    added: 0,
    changed: 0,
    unchanged: 2,
    faultCount: 0,
  });
  const { rows } = await stage.test.core.db.read(stage.orgId, (tx) =>
    stage.test.core.audit.list(tx, { limit: 2 }),
  );
  expect(rows).toMatchObject([
    { action: 'calendar.import-started', subjectId: calendarId, details: { total: 2, done: 0 } },
    { action: 'calendar.calendar-exported', subjectId: calendarId, personId: stage.people[0]!.id },
  ]);
});

it('gives an appointment with who comes to those who may read it, and does not let a file change a meeting', async () => {
  const { alice, bob, carol } = stage;
  const calendarId = await newCalendar(alice);
  const made = await alice.call(api.createEvent, {
    params: { calendarId },
    body: {
      fields: {
        title: 'Review',
        place: '',
        note: '',
        rule: null,
        times: {
          isAllDay: false,
          start: '2031-05-14T10:00',
          end: '2031-05-14T11:00',
          timeZone: 'Europe/Lisbon',
        },
      },
      mine: { isBusy: true, reminders: [10], colour: null },
      invitees: [{ kind: 'person', personId: stage.people[1]!.id }],
    },
  });
  const path = `events/${made.body.id}/export`;
  const { text } = await download(alice, path);
  expect(text.replaceAll('\r\n ', '')).toContain(`PARTSTAT=NEEDS-ACTION:mailto:${stage.people[1]!.id}@`);
  expect(text).toContain('TRIGGER:-PT10M');
  expect(text).toContain('TZID:Europe/Lisbon');
  for (const who of [bob, carol]) {
    expect((await download(who, path)).status).toBe(404);
    expect((await download(who, `calendars/${calendarId}/export`)).status).toBe(404);
  }
  expect(await take(alice, calendarId, text)).toMatchObject({ unchanged: 1, faultCount: 0 });
  const other = text.replace('SUMMARY:Review', 'SUMMARY:Other');
  expect(await take(alice, calendarId, other)).toMatchObject({ changed: 0, faults: [{ code: 'meeting' }] });
});

it('goes on where it was killed or stopped, and two workers take nothing twice', async () => {
  const { core } = stage.test;
  const { alice } = stage;
  const calendarId = await newCalendar(alice);
  const { body } = await send(
    alice,
    calendarId,
    file(...Array.from({ length: 120 }, (_, at) => event(`n${at}`))),
  );
  const running = async (who: TestClient) =>
    (await who.call(api.listRunningCalendarImports)).body.rows.map(({ id }) => id);
  expect(await running(alice)).toEqual([]);
  await start(alice, body.id);
  // Whoever comes back to the page finds it, and nobody else does.
  expect([await running(alice), await running(stage.bob)]).toEqual([[body.id], []]);
  const needs: Needs = {
    emit: core.outbox.emit,
    spaces: core.spaces,
    audit: core.audit,
    site: 1,
    nextId: () => core.ids.next(),
    now: () => new Date(),
  };
  const job = { orgId: stage.orgId, importId: body.id, personId: stage.people[0]!.id };
  let asked = 0;
  const dying = {
    get aborted() {
      asked += 1;
      return asked > 70;
    },
  } as AbortSignal;
  await runImport({ core, needs }, job, { signal: dying, attempt: 1 });
  expect(await stand(alice, body.id)).toMatchObject({ state: 'running', done: 50, added: 50 });
  const { signal } = new AbortController();
  const params = { importId: body.id };
  expect((await alice.call(api.stopCalendarImport, { params })).body.state).toBe('stopped');
  await runImport({ core, needs }, job, { signal, attempt: 1 });
  expect((await stand(alice, body.id)).done).toBe(50);
  await start(alice, body.id);
  await Promise.all([1, 2].map(() => runImport({ core, needs }, job, { signal, attempt: 1 })));
  expect(await stand(alice, body.id)).toMatchObject({ state: 'done', done: 120, added: 120 });
  expect(await running(alice)).toEqual([]);
  expect((await start(alice, body.id)).body.code).toBe('calendar-import-over');
});

it('asks before each batch whether it may and shall go on', async () => {
  const { test } = stage;
  const { core } = test;
  const bobId = stage.people[1]!.id;
  const { id: calendarId, spaceId } = await stage.team(stage.bob);
  const needs: Needs = {
    emit: core.outbox.emit,
    spaces: core.spaces,
    audit: core.audit,
    site: 1,
    nextId: () => core.ids.next(),
    now: () => new Date(),
  };
  const { signal } = new AbortController();
  /** After the job has begun and before it writes anything. */
  const runWith = async (importId: string, meanwhile: () => Promise<unknown>) => {
    const blobs: typeof core.blobs = {
      ...core.blobs,
      async open(...args) {
        await meanwhile();
        return core.blobs.open(...args);
      },
    };
    const job = { orgId: stage.orgId, importId, personId: bobId };
    await runImport({ core: { ...core, blobs }, needs }, job, { signal, attempt: 1 });
    return stand(stage.bob, importId);
  };
  const begun = async () => {
    const { body } = await send(stage.bob, calendarId, file(event('begun')));
    await start(stage.bob, body.id);
    return body.id;
  };
  const stopped = await begun();
  const params = { importId: stopped };
  expect(await runWith(stopped, () => stage.bob.call(api.stopCalendarImport, { params }))).toMatchObject({
    state: 'stopped',
    done: 0,
    added: 0,
  });

  const role = (is: 'guest' | 'member') =>
    core.db.transaction(stage.orgId, (tx) => core.spaces.setMember(tx, spaceId, bobId, is));
  expect(await runWith(await begun(), () => role('guest'))).toMatchObject({
    state: 'failed',
    done: 0,
    added: 0,
  });
  await role('member');
});

it('leaves what is somebody’s own of an appointment, and whose it is, to them', async () => {
  const { alice, bob } = stage;
  const { id: calendarId } = await stage.team(alice);
  await take(bob, calendarId, file(event('shared', 'SUMMARY:Old', 'SEQUENCE:1')));
  const row = async () => {
    const rows = await stage.test.core.db.read(stage.orgId, (tx) =>
      tx.query<{ id: string; title: string; organiser_id: string; colour: number | null }>(
        `select id, title, organiser_id, colour from calendar.event where uid = 'shared'`,
      ),
    );
    return rows[0]!;
  };
  const eventId = (await row()).id;
  const coloured = await bob.call(api.changeMine, {
    params: { eventId },
    body: { isBusy: true, reminders: [], colour: 3 },
  });
  expect(coloured.status).toBe(200);
  const newer = file(event('shared', 'SUMMARY:New', 'SEQUENCE:2'));
  expect(await take(alice, calendarId, newer)).toMatchObject({ changed: 1 });
  expect(await row()).toEqual({ id: eventId, title: 'New', organiser_id: stage.people[1]!.id, colour: 3 });
});

it('ends with series that take place too often, keeps a file until all of it is taken, and what runs however many follow', async () => {
  const { alice } = stage;
  const sql = <Row extends Record<string, unknown>>(text: string, values: unknown[]) =>
    stage.test.core.db.transaction(stage.orgId, (tx) => tx.query<Row>(text, values));
  const calendarId = await newCalendar(alice);
  const { body } = await send(
    alice,
    calendarId,
    file(event('once'), event('daily', 'RRULE:FREQ=DAILY;COUNT=20')),
  );
  await sql('update calendar.import set times = 199990 where id = $1', [body.id]);
  await start(alice, body.id);
  const kept = async () =>
    (
      await sql<{ file_sha256: string | null }>('select file_sha256 from calendar.import where id = $1', [
        body.id,
      ])
    )[0];
  expect((await kept())?.file_sha256).toMatch(/^[0-9a-f]{64}$/);
  for (let more = 0; more < 21; more += 1) await send(alice, calendarId, file(event(`more ${more}`)));
  expect(await stand(alice, body.id)).toMatchObject({ state: 'running' });
  await stage.test.core.outbox.drain();
  await stage.test.core.jobs.drain();
  expect(await stand(alice, body.id)).toMatchObject({ added: 1, faults: [{ line: 8, code: 'many' }] });
  expect(await kept()).toEqual({ file_sha256: null });
});

it('does not fill a room, which is booked by inviting it', async () => {
  const room = await stage.alice.call(api.createCalendar, {
    body: { spaceId: null, kind: 'room', name: 'Pilot room', colour: 0, capacity: null },
  });
  const { status, body } = await send(stage.alice, room.body.id, file(event('room')));
  expect({ status, code: body.code }).toEqual({ status: 409, code: 'calendar-thing' });
});

it('refuses what is no such file, and what is too large', async () => {
  const { id } = await stage.mine(stage.alice);
  for (const content of ['', 'hello', Buffer.from('PK\x03\x04\0\0')]) {
    const { status, body } = await send(stage.alice, id, content);
    expect({ status, code: body.code }).toEqual({ status: 415, code: 'calendar-file-unreadable' });
  }
  expect((await send(stage.alice, id, Buffer.alloc(api.maxImportBytes + 1, 'x'))).status).toBe(413);
});

it('shows a program what the owner of its link sees, or taken times alone, until the link or the right ends', async () => {
  const { alice, bob } = stage;
  const calendarId = await newCalendar(alice);
  await take(
    alice,
    calendarId,
    file(event('secret-uid', 'SUMMARY:Surgery', 'LOCATION:Porto', 'ATTENDEE:mailto:x@elsewhere.example')),
  );
  const make = async (who: TestClient, detail: api.FeedDetail) =>
    who.call(api.createFeed, { params: { calendarId }, body: { detail, name: 'Phone' } });
  expect((await make(bob, 'all')).status).toBe(404);
  const [all, busy, his] = [await make(alice, 'all'), await make(alice, 'busy'), await make(bob, 'busy')];
  const read = async (feed: { body: api.Feed }, headers: Record<string, string> = {}) => {
    const answer = await fetch(`${stage.url}${feed.body.path}`, { headers });
    return { status: answer.status, etag: answer.headers.get('etag') ?? '', text: await answer.text() };
  };
  const whole = await read(all);
  expect(whole.text).toContain('SUMMARY:Surgery');
  expect(whole.text).not.toContain('elsewhere.example');
  for (const feed of [busy, his]) {
    const { text } = await read(feed);
    expect(text).toContain('SUMMARY:Taken');
    expect(text).not.toMatch(/Surgery|Porto|secret-uid/);
  }
  expect((await read(all)).etag).toBe(whole.etag);
  expect(await read(all, { 'if-none-match': `W/${whole.etag}` })).toMatchObject({ status: 304, text: '' });
  await take(alice, calendarId, file(event('another', 'SUMMARY:Lunch')));
  expect(await read(all, { 'if-none-match': whole.etag })).toMatchObject({ status: 200 });

  const rows = await stage.test.core.db.read(stage.orgId, (tx) =>
    tx.query<{ row: string }>('select to_jsonb(f)::text as row from calendar.feed f'),
  );
  const secret = all.body.path.split('/')[4] as string;
  expect(rows.some(({ row }) => row.includes(secret))).toBe(false);
  expect((await bob.call(api.listFeeds)).body.rows.map(({ id }) => id)).toEqual([his.body.id]);
  const feedId = all.body.id;
  expect((await bob.call(api.revokeFeed, { params: { feedId } })).status).toBe(404);
  expect((await alice.call(api.revokeFeed, { params: { feedId } })).status).toBeLessThan(300);
  expect((await read(all)).status).toBe(404);
  await alice.call(api.deleteCalendar, { params: { calendarId } });
  expect((await read(his)).status).toBe(404);
  expect((await read(busy)).status).toBe(404);
});

it('ends links and imports of who is erased', async () => {
  const { id } = await stage.mine(stage.carol);
  await stage.carol.call(api.createFeed, { params: { calendarId: id }, body: { detail: 'all' } });
  await send(stage.carol, id, file(event('mine')));
  const personId = stage.people[2]!.id;
  const left = await stage.test.core.db.transaction(stage.orgId, async (tx) => {
    await personalData.erase(tx, personId);
    return tx.query(
      `select 1 from calendar.feed where person_id = $1 union all select 1 from calendar.import where person_id = $1`,
      [personId],
    );
  });
  expect(left).toEqual([]);
});

it('a series that goes on otherwise comes in as two, goes out as two and comes back as it is', async () => {
  const { alice } = stage;
  const calendarId = await newCalendar(alice);
  const changed = [
    'BEGIN:VEVENT',
    'UID:watch',
    `RECURRENCE-ID;RANGE=THISANDFUTURE:${day(15)}T100000Z`,
    `DTSTART:${day(15)}T140000Z`,
    'DURATION:PT2H',
    'SUMMARY:Late watch',
    'END:VEVENT',
  ].join('\r\n');
  const both = file(event('watch', 'SUMMARY:Watch', 'RRULE:FREQ=WEEKLY;COUNT=5'), changed);
  expect(await take(alice, calendarId, both)).toMatchObject({ total: 1, added: 1, faultCount: 0 });
  const seen = async (of: string): Promise<string[]> => {
    const from = new Date().toISOString();
    const to = new Date(Date.now() + 50 * 86_400_000).toISOString();
    const { body } = await alice.call(api.listOccurrences, { query: { from, to, calendars: of } });
    return body.rows.map(({ title, startsAt, endsAt }) => `${title} ${startsAt} ${endsAt}`);
  };
  const here = await seen(calendarId);
  expect(here.map((each) => each.replace(/ 2.*T(\d\d).*$/, ' $1'))).toEqual([
    'Watch 11',
    'Watch 11',
    'Late watch 16',
    'Late watch 16',
    'Late watch 16',
  ]);
  expect(await take(alice, calendarId, both)).toMatchObject({ added: 0, changed: 0, unchanged: 1 });
  const { text } = await download(alice, `calendars/${calendarId}/export`);
  expect(text.match(/^BEGIN:VEVENT/gm)).toHaveLength(2);
  expect(text).toContain('RELATED-TO;RELTYPE=SIBLING:watch');
  expect(await take(alice, calendarId, text)).toMatchObject({ added: 0, changed: 0, unchanged: 2 });
  const elsewhere = await newCalendar(alice);
  expect(await take(alice, elsewhere, text)).toMatchObject({ added: 2, faultCount: 0 });
  expect(await seen(elsewhere)).toEqual(here);
});
