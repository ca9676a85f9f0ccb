import type { CalendarView } from '@liaison/calendar';
import { hangUpCall, startCall } from '@liaison/calls';
import type { Book } from '@liaison/contacts';
import { type Role, roles } from '@liaison/core/contract';
import type { FileTree } from '@liaison/files';
import type { NewsGroup } from '@liaison/notify';
import { goodPassword } from '@liaison/people/testing';
import { type Asked, createAsker } from './request.ts';
import { browserKeys } from './route-cases/notify.ts';
import type { Member, RunningSuite } from './suite.ts';

/** A picture of one pixel. */
export const onePixel = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

/** An organisation with one of everything that has an id. */
export interface World {
  readonly orgId: string;
  readonly domain: string;
  readonly by: Readonly<Record<Role, Member>>;
  /** Ids by what they are the id of; `<thing>-<role>` where each role has its own. */
  readonly ids: ReadonlyMap<string, string>;
  /** What the next line of an import or invitation is called, never the same twice. */
  unique(): string;
}

const extraPeople = ['subject', 'suspendee', 'leaver', 'removable', 'newcomer'] as const;

/** Makes the world by the suite's own routes, as its people would. */
export async function createWorld(running: RunningSuite, name: string): Promise<World> {
  const made = await running.organisation(name, [
    { name: 'Owner', extension: '5001', role: 'owner' },
    { name: 'Manager', extension: '5002', role: 'manager' },
    { name: 'Member', extension: '5003', role: 'member' },
    { name: 'Guest', extension: '5004', role: 'guest' },
    ...extraPeople.map((each, at) => ({ name: each, extension: `501${at}`, role: 'member' as const })),
  ]);
  const [owner, manager, member, guest] = made.members as [Member, Member, Member, Member];
  const by = { owner, manager, member, guest };
  const ids = new Map<string, string>();
  const asker = createAsker(running.url);
  let last = 0;
  const unique = () => `${name}-${++last}`;

  async function ask<Body>(who: Member, asked: Asked): Promise<Body> {
    const answer = await asker.ask({
      ...asked,
      path: `/api/v1${asked.path}`,
      headers: { cookie: who.cookie, origin: running.url, ...asked.headers },
    });
    if (answer.status >= 300) {
      throw new Error(`${asked.method} ${asked.path} by the ${who.role}: ${answer.status} ${answer.text}`);
    }
    return answer.json as Body;
  }
  const post = <Body = { id: string }>(who: Member, path: string, body?: unknown) =>
    ask<Body>(who, { method: 'POST', path, body });

  /** Calendars of the team, a room, and what takes place in them; the guest is invited to one. */
  async function addCalendars(): Promise<void> {
    const calendarsOf = async (who: Member) =>
      (await ask<{ rows: CalendarView[] }>(who, { method: 'GET', path: '/calendar/calendars' })).rows;
    const ofTeam = (await calendarsOf(member)).find((each) => each.spaceId === ids.get('team'));
    ids.set('calendar', ofTeam?.id ?? '');
    const more = { spaceId: ids.get('team'), kind: 'calendar', name: 'more' };
    ids.set('calendar-to-delete', (await post(member, '/calendar/calendars', more)).id);
    ids.set('room', (await post(owner, '/calendar/calendars', { ...more, kind: 'room' })).id);
    const times = {
      isAllDay: false,
      start: '2030-05-14T10:00',
      end: '2030-05-14T11:00',
      timeZone: 'Europe/Lisbon',
    };
    for (const each of ['event', 'event-to-change', 'event-to-delete']) {
      const made = await post(member, `/calendar/calendars/${ids.get('calendar')}/events`, {
        fields: { title: each, place: '', note: '', rule: null, times },
        mine: { isBusy: true, reminders: [], colour: null },
        invitees: each === 'event' ? [{ kind: 'person', personId: guest.id }] : [],
      });
      ids.set(each, made.id);
    }
    const own = (await calendarsOf(guest)).find(({ kind, isFirst }) => kind === 'personal' && isFirst);
    const { rows } = await ask<{ rows: { eventId: string }[] }>(guest, {
      method: 'GET',
      path: `/calendar/occurrences?from=2030-05-14T00:00:00Z&to=2030-05-15T00:00:00Z&calendars=${own?.id}`,
    });
    ids.set('invited-event', rows[0]?.eventId ?? '');
  }

  try {
    for (const [at, each] of extraPeople.entries()) ids.set(each, made.members[at + 4]!.id);
    for (const role of roles) ids.set(`person-${role}`, by[role].id);

    const team = await post(member, '/teams', {
      name: `Team of ${name}`,
      memberIds: [owner.id, manager.id, guest.id, ids.get('removable')],
    });
    ids.set('team', team.id);
    // What each role of the organisation may is asked beside each other: in the team all may write.
    await ask(member, {
      method: 'PUT',
      path: `/teams/${team.id}/members/${guest.id}`,
      body: { role: 'member' },
    });
    const conversation = await poll('the conversation of the team', async () => {
      const { rows } = await ask<{ rows: { id: string; kind: string }[] }>(member, {
        method: 'GET',
        path: '/chat/conversations',
      });
      return rows.find((row) => row.kind === 'team');
    });
    ids.set('conversation', conversation.id);
    const messages = `/chat/conversations/${conversation.id}/messages`;
    const say = (who: Member, body: string, attachmentIds: string[] = []) =>
      post(who, messages, { clientKey: running.test.core.ids.next(), body, attachmentIds });
    const upload = (who: Member) =>
      ask<{ id: string }>(who, {
        method: 'POST',
        path: `/chat/conversations/${conversation.id}/attachments?name=dot.png&type=image/png`,
        headers: { 'content-type': 'image/png' },
        body: onePixel,
      });
    for (const role of roles) {
      ids.set(`message-${role}`, (await say(by[role], `said by the ${role}`)).id);
      ids.set(`doomed-message-${role}`, (await say(by[role], 'to be taken back')).id);
      ids.set(`upload-${role}`, (await upload(by[role])).id);
    }
    const attached = await upload(member);
    ids.set('attachment', attached.id);
    await say(member, 'with a picture', [attached.id]);
    const direct = await post(owner, '/chat/direct', { personId: member.id });
    ids.set('direct', direct.id);
    await post(owner, `/chat/conversations/${direct.id}/messages`, {
      clientKey: running.test.core.ids.next(),
      body: 'between us',
    });

    await say(owner, `@[Member](person:${member.id}) look`);
    const { rows: told } = await poll('news of being mentioned', async () => {
      const page = await ask<{ rows: NewsGroup[] }>(member, { method: 'GET', path: '/notify/groups' });
      return page.rows.some(({ latest }) => latest.kind === 'chat.mention') && page;
    });
    const mentioned = told.find(({ latest }) => latest.kind === 'chat.mention') as NewsGroup;
    ids.set('news-group', mentioned.id);
    ids.set('news', mentioned.latest.id);

    for (const role of roles) {
      for (const each of ['subscription', 'subscription-to-end']) {
        const endpoint = `https://push.invalid/${unique()}`;
        const made = await post(by[role], '/notify/push/subscriptions', { endpoint, keys: browserKeys });
        ids.set(`${each}-${role}`, made.id);
      }
    }

    const { rows: trees } = await ask<{ rows: FileTree[] }>(member, { method: 'GET', path: '/files/trees' });
    const tree = trees.find(({ spaceId }) => spaceId === team.id) as FileTree;
    ids.set('tree', tree.id);
    const folder = async (name: string): Promise<string> =>
      (await post(member, `/files/nodes/${tree.rootId}/folders`, { name })).id;
    for (const each of ['folder', 'folder-to-trash', 'folder-to-restore', 'folder-to-delete']) {
      ids.set(each, await folder(each));
    }
    await post(member, '/files/trash', {
      nodeIds: [ids.get('folder-to-restore'), ids.get('folder-to-delete')],
    });
    const begin = (file: string, bytes: number) =>
      asker.ask({
        method: 'POST',
        path: '/api/v1/files/uploads',
        headers: {
          cookie: member.cookie,
          origin: running.url,
          'tus-resumable': '1.0.0',
          'upload-length': String(bytes),
          'upload-metadata': `folderId ${btoa(ids.get('folder') ?? '')},filename ${btoa(file)}`,
        },
      });
    await begin('empty.txt', 0);
    const { rows } = await ask<{ rows: { id: string }[] }>(member, {
      method: 'GET',
      path: `/files/nodes/${ids.get('folder')}/children`,
    });
    ids.set('file', rows[0]?.id ?? '');
    for (const each of ['link', 'link-to-end']) {
      const made = await post(member, `/files/nodes/${ids.get('folder')}/links`, { mode: 'read' });
      ids.set(`file-${each}`, made.id);
    }
    await ask(member, {
      method: 'PUT',
      path: `/files/nodes/${ids.get('folder')}/grants`,
      body: { principal: { kind: 'person', id: ids.get('subject') }, right: 'read', until: null },
    });
    const { grants } = await ask<{ grants: { id: string }[] }>(member, {
      method: 'GET',
      path: `/files/nodes/${ids.get('folder')}/readers`,
    });
    ids.set('file-grant', grants[0]?.id ?? '');
    for (const each of ['upload', 'upload-to-end']) {
      const begun = await begin('later.txt', 5);
      ids.set(`file-${each}`, String(begun.headers.location).split('/').at(-1) ?? '');
    }

    await addCalendars();
    const { rows: books } = await ask<{ rows: Book[] }>(member, { method: 'GET', path: '/contacts/books' });
    const book = books.find(({ spaceId }) => spaceId === team.id) as Book;
    ids.set('book', book.id);
    const card = async (name: string, kind = 'person'): Promise<string> =>
      (await post(member, `/contacts/books/${book.id}/cards`, { name, kind })).id;
    for (const what of ['', '-to-change', '-to-delete', '-to-restore', '-to-keep', '-to-merge', '-merged']) {
      ids.set(`contact${what}`, await card(`contact${what}`));
    }
    ids.set('company', await card('company', 'company'));
    await post(member, '/contacts/delete', { contactIds: [ids.get('contact-to-restore')] });
    const merged = await post<{ mergeId: string }>(member, '/contacts/merge', {
      keep: { id: ids.get('contact-merged'), version: 1 },
      others: [{ id: await card('another'), version: 1 }],
      card: { name: 'merged' },
    });
    ids.set('merge', merged.mergeId);

    for (const each of ['subject', ...roles.map((role) => `person-${role}`)]) {
      const { device } = await post<{ device: { id: string } }>(owner, '/devices', {
        name: 'telephone',
        personId: ids.get(each),
      });
      ids.set(each === 'subject' ? 'device' : each.replace('person', 'device'), device.id);
    }
    await ask(member, {
      method: 'PUT',
      path: `/people/${member.id}/photo`,
      headers: { 'content-type': 'image/png' },
      body: onePixel,
    });

    const invite = () =>
      post<{ invitation: { id: string; person: { id: string } } }>(owner, '/invitations', {
        name: 'Invited',
        address: `${unique()}@${made.domain}`,
      });
    ids.set('invitation', (await invite()).invitation.id);
    ids.set('invitee', (await invite()).invitation.person.id);

    for (const each of ['import', 'import-to-commit', 'import-to-cancel', 'import-done']) {
      const { id } = await ask<{ id: string }>(owner, {
        method: 'POST',
        path: '/imports?fileName=list.csv',
        headers: { 'content-type': 'text/csv' },
        body: `name,address\nImported,${unique()}@${made.domain}\nRefused,not an address\n`,
      });
      ids.set(each, id);
    }
    await post(owner, `/imports/${ids.get('import-done')}/commit`);
    await poll('the end of the import', async () => {
      const { state } = await ask<{ state: string }>(owner, {
        method: 'GET',
        path: `/imports/${ids.get('import-done')}`,
      });
      return state === 'done';
    });

    for (const role of roles) {
      const who = by[role];
      // A second browser, so that one can be signed out.
      await post(who, '/auth/sign-in', { address: who.address, password: goodPassword });
      const { sessions } = await ask<{ sessions: { id: string; current: boolean }[] }>(who, {
        method: 'GET',
        path: '/sessions',
      });
      ids.set(`session-${role}`, sessions.find((session) => !session.current)!.id);
    }

    const caller = await running.page(owner);
    const callee = await running.page(member);
    const { call } = await caller.command(startCall, { to: member.id });
    await caller.command(hangUpCall, { callId: call.id });
    await caller.until(() => caller.call(call.id)?.state === 'ended', 'the end of the call');
    // It answers for a while after its end, and then gives its lease back: a world stands still before it is looked at.
    const thing = { kind: 'call', id: call.id, orgId: made.orgId };
    await poll('the call to be given back', async () => !(await running.test.core.owned.ownerOf(thing)));
    ids.set('call', call.id);
    const capture = await post(owner, '/calls/admin/captures', {
      targetKind: 'person',
      targetId: member.id,
      minutes: 1,
    });
    await post(owner, `/calls/admin/captures/${capture.id}/end`);
    ids.set('capture', capture.id);
    caller.close();
    callee.close();
  } finally {
    asker.close();
  }
  return { orgId: made.orgId, domain: made.domain, by, ids, unique };
}

/** Asks again and again until there is an answer. */
export async function poll<T>(
  what: string,
  find: () => Promise<T | undefined | false>,
  deadlineMs = 15_000,
): Promise<T> {
  const end = Date.now() + deadlineMs;
  for (;;) {
    const found = await find();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > end) throw new Error(`it did not come to pass in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Resolves once nobody claims to be in one of these states. */
export const noClaims = (running: RunningSuite, kinds: readonly string[]): Promise<boolean> =>
  poll(`nobody has a claim of ${kinds}`, async () => {
    const claims = await running.test.testDb.admin('select from reach.claim where kind = any($1)', [kinds]);
    return claims.length === 0;
  });
