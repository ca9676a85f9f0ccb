import type { Role } from '@liaison/core/contract';
import { goodPassword } from '@liaison/people/testing';
import type { Member } from './suite.ts';
import { onePixel } from './world.ts';

/** What a request is made of; `params` and `query` by name. */
export interface Input {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Body of a `raw` route. */
  readonly bytes?: Buffer;
}

export interface Maker {
  /** The id of something of the world; see `world.ts` for the names. */
  id(name: string): string;
  /** A fresh uuid that names nothing (a client's own key). */
  key(): string;
  /** A fresh word. */
  unique(): string;
  readonly domain: string;
  readonly me: Member;
}

/** One way to use a route, and the least role in the organisation that may. `nobody`: without being signed in. */
export interface RouteCase {
  readonly what?: string;
  readonly least: Role | 'nobody';
  readonly request?: (make: Maker) => Input;
  /** What the least role is answered, where it is a refusal of another kind (a wrong password). */
  readonly status?: number;
}

const someDays = { from: '2031-05-13T00:00:00Z', to: '2031-05-16T00:00:00Z' };
const anAppointment = {
  fields: {
    title: 'Tide tables',
    place: '',
    note: '',
    rule: null,
    times: { isAllDay: false, start: '2031-05-14T10:00', end: '2031-05-14T11:00', timeZone: 'Europe/Lisbon' },
  },
  mine: { isBusy: true, reminders: [], colour: null },
};
const one = (name: string) => (make: Maker) => ({ params: { id: make.id(name) } });
const own = (thing: string) => (make: Maker) => ({ params: { id: make.id(`${thing}-${make.me.role}`) } });
const message = (make: Maker) => ({ params: { messageId: make.id(`message-${make.me.role}`) } });
const conversation = (make: Maker) => ({ params: { conversationId: make.id('conversation') } });
const node = (name: string) => (make: Maker) => ({ params: { nodeId: make.id(name) } });
const card = (name: string) => (make: Maker) => ({ params: { contactId: make.id(name) } });
const book = (make: Maker) => ({ params: { bookId: make.id('book') } });
const fileUpload = (name: string) => (make: Maker) => ({ params: { uploadId: make.id(`file-${name}`) } });
const password = () => ({ body: { password: 'not the password' } });
const passkey = { id: 'AAAA', rawId: 'AAAA', type: 'public-key', response: {} };
const token = 'x'.repeat(43);
const linked = (make: Maker) => ({ params: { token, nodeId: make.id('folder') } });
const linkedUpload = (make: Maker) => ({ params: { token, uploadId: make.id('file-upload') } });

/**
 * Every route of the suite, in an order in which each still finds what it needs. A route that is missing here fails
 * the tests by name: say who may use it.
 */
export const routeCases: Readonly<Record<string, readonly RouteCase[]>> = {
  // What the page asks before anybody is signed in.
  'GET /session': [{ least: 'nobody' }],
  'POST /auth/sign-in': [
    {
      least: 'nobody',
      request: (make) => ({ body: { address: `nobody@${make.domain}`, password: goodPassword } }),
      status: 401,
    },
  ],
  'POST /auth/second-factor': [
    { least: 'nobody', request: () => ({ body: { kind: 'totp', code: '123456' } }), status: 401 },
  ],
  'POST /auth/passkey/options': [{ least: 'nobody' }],
  'POST /auth/passkey': [{ least: 'nobody', request: () => ({ body: { response: passkey } }), status: 401 }],
  'POST /auth/sign-out': [{ least: 'nobody' }],
  'POST /setup/check': [{ least: 'nobody', request: () => ({ body: { token } }), status: 409 }],
  'POST /setup': [
    {
      least: 'nobody',
      request: (make) => ({
        body: {
          token,
          organisation: { name: 'Another', domain: 'another.example' },
          owner: {
            name: 'Somebody',
            address: `${make.unique()}@another.example`,
            password: goodPassword,
            language: 'en',
            timeZone: 'UTC',
          },
        },
      }),
      status: 409,
    },
  ],
  'POST /invitations/open': [{ least: 'nobody', request: () => ({ body: { token } }), status: 404 }],
  'POST /invitations/accept': [
    {
      least: 'nobody',
      request: () => ({ body: { token, name: 'Somebody', password: goodPassword } }),
      status: 404,
    },
  ],

  // One's own keys.
  'GET /security': [{ least: 'guest' }],
  'POST /security/password': [
    {
      least: 'guest',
      request: () => ({ body: { current: 'not the password', next: goodPassword } }),
      status: 401,
    },
  ],
  'POST /security/totp': [{ least: 'guest', request: password, status: 401 }],
  'POST /security/totp/confirm': [
    { least: 'guest', request: () => ({ body: { code: '123456' } }), status: 409 },
  ],
  'POST /security/totp/disable': [{ least: 'guest', request: password, status: 401 }],
  'POST /security/recovery-codes': [{ least: 'guest', request: password, status: 401 }],
  'POST /security/passkeys/options': [{ least: 'guest' }],
  'POST /security/passkeys': [
    { least: 'guest', request: () => ({ body: { name: 'key', response: passkey } }), status: 400 },
  ],
  'PATCH /security/passkeys/:id': [
    { least: 'guest', request: () => ({ params: { id: 'none' }, body: { name: 'key' } }), status: 404 },
  ],
  'DELETE /security/passkeys/:id': [
    { least: 'guest', request: () => ({ params: { id: 'none' } }), status: 404 },
  ],

  // The directory.
  'GET /people': [{ least: 'guest', request: (make) => ({ query: { teamId: make.id('team') } }) }],
  'GET /people/counts': [{ least: 'guest' }],
  'GET /people/search': [{ least: 'guest', request: () => ({ query: { text: 'member' } }) }],
  'POST /people/by-ids': [
    {
      least: 'guest',
      request: (make) => ({ body: { ids: [make.id('person-member'), make.id('person-owner')] } }),
    },
  ],
  'GET /people/:id': [
    { least: 'guest', request: one('person-member') },
    { what: 'with whom a guest shares nothing', least: 'member', request: one('subject') },
  ],
  'PATCH /people/:id': [
    {
      least: 'guest',
      request: (make) => ({ params: { id: make.id(`person-${make.me.role}`) }, body: { title: 'Title' } }),
    },
    {
      what: 'of somebody else',
      least: 'manager',
      request: (make) => ({ params: { id: make.id('subject') }, body: { title: 'Title' } }),
    },
  ],
  'PUT /people/:id/photo': [
    { least: 'guest', request: (make) => ({ ...own('person')(make), bytes: onePixel }) },
    {
      what: 'of somebody else',
      least: 'manager',
      request: (make) => ({ ...one('subject')(make), bytes: onePixel }),
    },
  ],
  'GET /people/:id/photo': [{ least: 'guest', request: one('person-member') }],
  'DELETE /people/:id/photo': [
    { least: 'guest', request: own('person') },
    { what: 'of somebody else', least: 'manager', request: one('subject') },
  ],

  // Inviting.
  'POST /invitations': [
    {
      least: 'manager',
      request: (make) => ({
        body: {
          name: 'Invited',
          address: `${make.unique()}@${make.domain}`,
          teamIds: [make.id('team')],
        },
      }),
    },
    {
      what: 'a manager',
      least: 'owner',
      request: (make) => ({
        body: { name: 'Invited', address: `${make.unique()}@${make.domain}`, role: 'manager' },
      }),
    },
  ],
  'POST /people/:id/invitation': [
    { least: 'manager', request: one('invitee') },
    { what: 'of a manager', least: 'owner', request: one('person-manager') },
  ],
  'GET /free-extension': [{ least: 'manager' }],
  'GET /invitations': [{ least: 'manager' }],
  'DELETE /invitations/:id': [{ least: 'manager', request: one('invitation') }],
  'POST /imports': [
    {
      least: 'manager',
      request: (make) => ({ bytes: Buffer.from(`name,address\nX,${make.unique()}@${make.domain}\n`) }),
    },
  ],
  'GET /imports/:id': [{ least: 'manager', request: one('import') }],
  'GET /imports/:id/refused': [{ least: 'manager', request: one('import') }],
  'GET /imports/:id/rows': [{ least: 'manager', request: one('import') }],
  'POST /imports/:id/links': [{ least: 'manager', request: one('import-done') }],
  'POST /imports/:id/commit': [{ least: 'manager', request: one('import-to-commit') }],
  'DELETE /imports/:id': [{ least: 'manager', request: one('import-to-cancel') }],

  // Administration.
  'PUT /people/:id/role': [
    {
      least: 'manager',
      request: (make) => ({ params: { id: make.id('subject') }, body: { role: 'member' } }),
    },
    {
      what: 'to manager',
      least: 'owner',
      request: (make) => ({ params: { id: make.id('newcomer') }, body: { role: 'manager' } }),
    },
    {
      what: 'of an owner',
      least: 'owner',
      request: (make) => ({ params: { id: make.id('person-owner') }, body: { role: 'owner' } }),
    },
  ],
  'POST /people/:id/suspend': [
    { least: 'manager', request: one('suspendee') },
    { what: 'a manager', least: 'owner', request: one('newcomer') },
  ],
  'POST /people/:id/restore': [
    { least: 'manager', request: one('suspendee') },
    { what: 'a manager', least: 'owner', request: one('newcomer') },
  ],
  'PUT /people/:id/address': [
    {
      least: 'manager',
      request: (make) => ({
        params: { id: make.id('subject') },
        body: { address: `${make.unique()}@${make.domain}` },
      }),
    },
    {
      what: 'of an owner',
      least: 'owner',
      request: (make) => ({
        params: { id: make.id('newcomer') },
        body: { address: `${make.unique()}@${make.domain}` },
      }),
    },
  ],
  'PUT /people/:id/extension': [
    {
      least: 'manager',
      request: (make) => ({ params: { id: make.id('subject') }, body: { extension: '5777' } }),
    },
  ],
  'POST /people/:id/revoke-sessions': [
    { least: 'manager', request: one('subject') },
    { what: 'of an owner', least: 'owner', request: one('newcomer') },
  ],
  'POST /people/:id/erase': [
    {
      least: 'manager',
      request: (make) => ({ params: { id: make.id('leaver') }, body: { address: `leaver@${make.domain}` } }),
    },
  ],
  'GET /organisation': [{ least: 'guest' }],
  'PATCH /organisation': [
    { least: 'manager', request: () => ({ body: { name: 'Another name' } }) },
    { what: 'domain', least: 'owner', request: (make) => ({ body: { domain: `new.${make.domain}` } }) },
  ],
  'GET /audit': [{ least: 'manager', request: (make) => ({ query: { personId: make.id('subject') } }) }],

  // Teams: the member made this one and manages it.
  'GET /teams': [{ least: 'guest' }],
  'POST /teams': [
    {
      least: 'member',
      request: (make) => ({
        body: { name: make.unique(), memberIds: [make.id('person-owner'), make.id('subject')] },
      }),
    },
    {
      what: 'a group',
      least: 'manager',
      request: (make) => ({ body: { kind: 'group', name: make.unique(), memberIds: [] } }),
    },
  ],
  'GET /teams/:id': [{ least: 'guest', request: one('team') }],
  'PATCH /teams/:id': [
    {
      least: 'member',
      request: (make) => ({ params: { id: make.id('team') }, body: { name: make.unique() } }),
    },
  ],
  'GET /teams/:id/members': [{ least: 'guest', request: one('team') }],
  'PUT /teams/:id/members/:personId': [
    {
      least: 'member',
      request: (make) => ({
        params: { id: make.id('team'), personId: make.id('subject') },
        body: { role: 'member' },
      }),
    },
  ],
  'DELETE /teams/:id/members/:personId': [
    {
      least: 'member',
      request: (make) => ({ params: { id: make.id('team'), personId: make.id('removable') } }),
    },
  ],

  // One's own browsers and telephones.
  'GET /sessions': [{ least: 'guest' }],
  'DELETE /sessions/:id': [{ least: 'guest', request: own('session') }],
  'POST /sessions/revoke-others': [{ least: 'guest' }],
  'GET /devices': [
    { least: 'guest' },
    {
      what: 'of somebody else',
      least: 'manager',
      request: (make) => ({ query: { personId: make.id('subject') } }),
    },
  ],
  'POST /devices': [
    { least: 'guest', request: () => ({ body: { name: 'telephone' } }) },
    {
      what: 'of somebody else',
      least: 'manager',
      request: (make) => ({ body: { name: 'telephone', personId: make.id('subject') } }),
    },
  ],
  'DELETE /devices/:id': [
    { least: 'guest', request: own('device') },
    { what: 'of somebody else', least: 'manager', request: one('device') },
  ],

  // Reachability.
  'GET /reach': [{ least: 'guest' }],
  'PUT /reach/me': [{ least: 'guest', request: () => ({ body: { state: 'free' } }) }],

  // Chat, in the team's conversation, in which all four are.
  'GET /chat/conversations': [{ least: 'guest' }],
  'GET /chat/conversations/:conversationId': [{ least: 'guest', request: conversation }],
  'POST /chat/direct': [{ least: 'member', request: (make) => ({ body: { personId: make.id('subject') } }) }],
  'GET /chat/conversations/:conversationId/messages': [{ least: 'guest', request: conversation }],
  'GET /chat/messages/:messageId/thread': [{ least: 'guest', request: message }],
  'POST /chat/conversations/:conversationId/messages': [
    {
      least: 'guest',
      request: (make) => ({
        ...conversation(make),
        body: {
          clientKey: make.key(),
          body: 'with everything',
          threadId: make.id('message-member'),
          attachmentIds: [make.id(`upload-${make.me.role}`)],
        },
      }),
    },
  ],
  'PATCH /chat/messages/:messageId': [
    { least: 'guest', request: (make) => ({ ...message(make), body: { body: 'said better' } }) },
  ],
  'GET /chat/messages/:messageId/versions': [{ least: 'guest', request: message }],
  'PUT /chat/messages/:messageId/reactions': [
    { least: 'guest', request: (make) => ({ ...message(make), body: { emoji: '👍', on: true } }) },
  ],
  'PUT /chat/conversations/:conversationId/read': [
    { least: 'guest', request: (make) => ({ ...conversation(make), body: { seq: 1 } }) },
  ],
  'GET /chat/search': [
    {
      least: 'guest',
      request: (make) => ({ query: { q: 'said', conversationId: make.id('conversation') } }),
    },
  ],
  'GET /chat/conversations/:conversationId/attachments': [{ least: 'guest', request: conversation }],
  'POST /chat/conversations/:conversationId/attachments': [
    {
      least: 'guest',
      request: (make) => ({
        ...conversation(make),
        query: { name: 'dot.png', type: 'image/png' },
        bytes: onePixel,
      }),
    },
  ],
  'GET /chat/attachments/:attachmentId': [
    { least: 'guest', request: (make) => ({ params: { attachmentId: make.id('attachment') } }) },
  ],
  'GET /chat/attachments/:attachmentId/preview': [
    { least: 'guest', request: (make) => ({ params: { attachmentId: make.id('attachment') } }) },
  ],
  'DELETE /chat/messages/:messageId': [
    {
      least: 'guest',
      request: (make) => ({ params: { messageId: make.id(`doomed-message-${make.me.role}`) } }),
    },
  ],

  // Calendars, in the team's, of which all four are members.
  'GET /calendar/calendars': [{ least: 'guest' }],
  'POST /calendar/calendars': [
    {
      least: 'guest',
      request: (make) => ({ body: { spaceId: make.id('team'), kind: 'calendar', name: make.unique() } }),
    },
    {
      what: 'a room',
      least: 'manager',
      request: (make) => ({ body: { spaceId: null, kind: 'room', name: make.unique() } }),
    },
  ],
  'PATCH /calendar/calendars/:calendarId': [
    {
      least: 'guest',
      request: (make) => ({ params: { calendarId: make.id('calendar') }, body: { colour: 3 } }),
    },
  ],
  'DELETE /calendar/calendars/:calendarId': [
    { least: 'guest', request: (make) => ({ params: { calendarId: make.id('calendar-to-delete') } }) },
  ],
  'GET /calendar/occurrences': [
    {
      least: 'guest',
      request: (make) => ({ query: { ...someDays, calendars: make.id('calendar') } }),
    },
  ],
  'GET /calendar/busy': [
    { least: 'guest', request: (make) => ({ query: { ...someDays, ids: make.id('person-member') } }) },
  ],
  'POST /calendar/find-times': [
    {
      least: 'guest',
      request: (make) => ({
        body: {
          ...someDays,
          personIds: [make.id('person-member')],
          calendarIds: [make.id('room')],
          minutes: 30,
        },
      }),
    },
  ],
  'POST /calendar/calendars/:calendarId/events': [
    {
      least: 'guest',
      request: (make) => ({
        params: { calendarId: make.id('calendar') },
        body: {
          ...anAppointment,
          invitees: [{ kind: 'person', personId: make.id('person-member') }],
        },
      }),
    },
    {
      what: 'with a room',
      least: 'member',
      request: (make) => ({
        params: { calendarId: make.id('calendar') },
        body: { ...anAppointment, invitees: [{ kind: 'resource', calendarId: make.id('room') }] },
      }),
    },
  ],
  'GET /calendar/events/:eventId': [
    { least: 'guest', request: (make) => ({ params: { eventId: make.id('event') } }) },
  ],
  'PATCH /calendar/events/:eventId': [
    {
      least: 'guest',
      request: (make) => ({
        params: { eventId: make.id('event-to-change') },
        body: {
          scope: 'all',
          at: null,
          version: 1,
          fields: { title: 'changed' },
          calendarId: make.id('calendar'),
          invitees: [{ kind: 'person', personId: make.id('person-member') }],
        },
      }),
    },
    {
      what: 'with a room, against an old version',
      least: 'guest',
      status: 409,
      request: (make) => ({
        params: { eventId: make.id('event') },
        body: {
          scope: 'all',
          at: null,
          version: 1000,
          fields: {},
          invitees: [{ kind: 'resource', calendarId: make.id('room') }],
        },
      }),
    },
  ],
  'POST /calendar/events/:eventId/delete': [
    {
      least: 'guest',
      request: (make) => ({
        params: { eventId: make.id('event-to-delete') },
        body: { scope: 'all', at: null },
      }),
    },
  ],
  'PUT /calendar/events/:eventId/answer': [
    {
      least: 'guest',
      request: (make) => ({ params: { eventId: make.id('invited-event') }, body: { answer: 'yes' } }),
    },
  ],
  'PUT /calendar/events/:eventId/mine': [
    {
      least: 'guest',
      request: (make) => ({
        params: { eventId: make.id('invited-event') },
        body: { isBusy: true, reminders: [5], colour: 1 },
      }),
    },
  ],
  'GET /calendar/working-hours': [{ least: 'guest' }],
  'PUT /calendar/working-hours': [
    {
      least: 'guest',
      request: () => ({ body: { days: [1, 2, 3], fromMinute: 500, toMinute: 900 } }),
    },
  ],

  // Files, in the team's, of which all four are members.
  'GET /files/trees': [{ least: 'guest' }],
  'GET /files/nodes/:nodeId': [{ least: 'guest', request: node('folder') }],
  'GET /files/nodes/:nodeId/children': [{ least: 'guest', request: node('folder') }],
  'POST /files/nodes/:nodeId/folders': [
    { least: 'guest', request: (make) => ({ ...node('folder')(make), body: { name: make.unique() } }) },
  ],
  'PATCH /files/nodes/:nodeId': [
    { least: 'guest', request: (make) => ({ ...node('file')(make), body: { name: make.unique() } }) },
  ],
  'POST /files/move': [
    {
      least: 'guest',
      request: (make) => ({ body: { nodeIds: [make.id('file')], folderId: make.id('folder') } }),
    },
  ],
  'POST /files/copy': [
    {
      least: 'guest',
      request: (make) => ({ body: { nodeIds: [make.id('file')], folderId: make.id('folder') } }),
    },
  ],
  'POST /files/trash': [
    { least: 'guest', request: (make) => ({ body: { nodeIds: [make.id('folder-to-trash')] } }) },
  ],
  'POST /files/restore': [
    { least: 'guest', request: (make) => ({ body: { nodeIds: [make.id('folder-to-restore')] } }) },
  ],
  'POST /files/delete': [
    { least: 'guest', request: (make) => ({ body: { nodeIds: [make.id('folder-to-delete')] } }) },
  ],
  'GET /files/trees/:treeId/trash': [
    { least: 'guest', request: (make) => ({ params: { treeId: make.id('tree') } }) },
  ],
  'PUT /files/nodes/:nodeId/star': [
    { least: 'guest', request: (make) => ({ ...node('file')(make), body: { on: true } }) },
  ],
  'GET /files/starred': [{ least: 'guest' }],
  'GET /files/search': [
    { least: 'guest', request: (make) => ({ query: { q: 'folder', treeId: make.id('tree') } }) },
  ],
  'GET /files/nodes/:nodeId/versions': [{ least: 'guest', request: node('file') }],
  'POST /files/nodes/:nodeId/versions': [
    { least: 'guest', request: (make) => ({ ...node('file')(make), body: { number: 1 } }) },
  ],
  'GET /files/nodes/:nodeId/content': [{ least: 'guest', request: node('file') }],
  // What is in the world's file is no picture and no sound.
  'GET /files/nodes/:nodeId/preview': [{ least: 'guest', request: node('file'), status: 404 }],
  'GET /files/nodes/:nodeId/media': [{ least: 'guest', request: node('file'), status: 404 }],
  'GET /files/nodes/:nodeId/zip': [{ least: 'guest', request: node('folder') }],
  // Without the headers of tus nothing is looked at; what they do is in the module's own tests.
  'POST /files/uploads': [{ least: 'guest', request: () => ({ bytes: onePixel }), status: 412 }],
  'GET /files/uploads/:uploadId': [{ least: 'member', request: fileUpload('upload') }],
  'PATCH /files/uploads/:uploadId': [
    {
      least: 'guest',
      request: (make) => ({ ...fileUpload('upload')(make), bytes: onePixel }),
      status: 412,
    },
  ],
  'DELETE /files/uploads/:uploadId': [{ least: 'member', request: fileUpload('upload-to-end') }],
  // The member made the team, and so manages what is in it.
  'GET /files/nodes/:nodeId/readers': [{ least: 'guest', request: node('folder') }],
  'PUT /files/nodes/:nodeId/grants': [
    {
      least: 'member',
      request: (make) => ({
        ...node('folder')(make),
        body: { principal: { kind: 'person', id: make.id('removable') }, right: 'read', until: null },
      }),
    },
  ],
  'DELETE /files/nodes/:nodeId/grants/:grantId': [
    {
      least: 'member',
      request: (make) => ({ params: { nodeId: make.id('folder'), grantId: make.id('file-grant') } }),
    },
  ],
  'GET /files/shared': [{ least: 'guest' }],
  'POST /files/nodes/:nodeId/links': [
    { least: 'member', request: (make) => ({ ...node('folder')(make), body: { mode: 'read' } }) },
  ],
  'GET /files/nodes/:nodeId/links': [{ least: 'member', request: node('folder') }],
  'GET /files/trees/:treeId/links': [
    { least: 'member', request: (make) => ({ params: { treeId: make.id('tree') } }) },
  ],
  'DELETE /files/links/:linkId': [
    { least: 'member', request: (make) => ({ params: { linkId: make.id('file-link-to-end') } }) },
  ],
  // Strangers; what a link that is one gives them is in the module's own tests.
  'POST /l/:token/open': [{ least: 'nobody', request: () => ({ params: { token }, body: {} }), status: 404 }],
  'GET /l/:token': [{ least: 'nobody', request: () => ({ params: { token } }), status: 404 }],
  'GET /l/:token/nodes/:nodeId/children': [{ least: 'nobody', request: linked, status: 404 }],
  'GET /l/:token/nodes/:nodeId/content': [{ least: 'nobody', request: linked, status: 404 }],
  'GET /l/:token/sent': [{ least: 'nobody', request: () => ({ params: { token } }), status: 404 }],
  'POST /l/:token/uploads': [
    { least: 'nobody', request: () => ({ params: { token }, bytes: onePixel }), status: 412 },
  ],
  'GET /l/:token/uploads/:uploadId': [{ least: 'nobody', request: linkedUpload, status: 404 }],
  'PATCH /l/:token/uploads/:uploadId': [
    { least: 'nobody', request: (make) => ({ ...linkedUpload(make), bytes: onePixel }), status: 412 },
  ],
  'DELETE /l/:token/uploads/:uploadId': [{ least: 'nobody', request: linkedUpload, status: 404 }],

  // Contacts, in the team's book, which guests read.
  'GET /contacts/books': [{ least: 'guest' }],
  'GET /contacts/labels': [{ least: 'guest', request: (make) => ({ query: { bookId: make.id('book') } }) }],
  'GET /contacts/cards': [
    {
      least: 'guest',
      request: (make) => ({
        query: { bookId: make.id('book'), companyId: make.id('company'), text: 'contact' },
      }),
    },
  ],
  'POST /contacts/books/:bookId/cards': [
    {
      least: 'guest',
      request: (make) => ({ ...book(make), body: { name: make.unique(), companyId: make.id('company') } }),
    },
  ],
  'GET /contacts/cards/:contactId': [{ least: 'guest', request: card('contact') }],
  'PUT /contacts/cards/:contactId': [
    {
      least: 'guest',
      request: (make) => ({
        ...card('contact-to-change')(make),
        body: { name: make.unique(), companyId: make.id('company'), version: 1 },
      }),
    },
  ],
  'POST /contacts/delete': [
    { least: 'guest', request: (make) => ({ body: { contactIds: [make.id('contact-to-delete')] } }) },
  ],
  'POST /contacts/restore': [
    { least: 'guest', request: (make) => ({ body: { contactIds: [make.id('contact-to-restore')] } }) },
  ],
  'PUT /contacts/cards/:contactId/photo': [
    { least: 'guest', request: (make) => ({ ...card('contact')(make), bytes: onePixel }) },
  ],
  'GET /contacts/cards/:contactId/photo': [{ least: 'guest', request: card('contact') }],
  'DELETE /contacts/cards/:contactId/photo': [{ least: 'guest', request: card('contact') }],
  'GET /contacts/names': [{ least: 'guest', request: () => ({ query: { numbers: '+441632960017' } }) }],
  'GET /contacts/birthdays': [
    { least: 'guest', request: () => ({ query: { from: '2027-01-01', days: '30' } }) },
  ],
  'GET /contacts/books/:bookId/duplicates': [{ least: 'guest', request: book }],
  'POST /contacts/merge': [
    {
      least: 'guest',
      request: (make) => ({
        body: {
          keep: { id: make.id('contact-to-keep'), version: 1 },
          others: [{ id: make.id('contact-to-merge'), version: 1 }],
          card: { name: 'merged', companyId: make.id('company') },
        },
      }),
    },
  ],
  'POST /contacts/merges/:mergeId/undo': [
    { least: 'guest', request: (make) => ({ params: { mergeId: make.id('merge') } }) },
  ],

  'POST /contacts/books/:bookId/imports': [
    {
      least: 'guest',
      request: (make) => ({
        ...book(make),
        query: { fileName: 'a.vcf' },
        bytes: Buffer.from('BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Somebody\r\nEND:VCARD\r\n'),
      }),
    },
  ],
  // Somebody's own, which nobody else sees.
  'GET /contacts/imports/:importId': [
    { least: 'guest', request: (make) => ({ params: { importId: make.key() } }), status: 404 },
  ],
  'POST /contacts/imports/:importId/start': [
    { least: 'guest', request: (make) => ({ params: { importId: make.key() }, body: {} }), status: 404 },
  ],
  'POST /contacts/imports/:importId/stop': [
    { least: 'guest', request: (make) => ({ params: { importId: make.key() } }), status: 404 },
  ],
  'GET /contacts/books/:bookId/export': [{ least: 'guest', request: book }],
  'GET /contacts/cards/:contactId/vcard': [{ least: 'guest', request: card('contact') }],

  // Calls.
  'GET /calls': [{ least: 'guest', request: (make) => ({ query: { personId: make.id('person-member') } }) }],
  'GET /calls/missed': [{ least: 'guest' }],
  'POST /calls/seen': [{ least: 'guest' }],
  'GET /calls/settings': [{ least: 'guest' }],
  'PUT /calls/settings': [{ least: 'guest', request: () => ({ body: { callWaiting: true } }) }],
  'GET /calls/telephones': [{ least: 'guest' }],
  'GET /calls/sip-settings': [{ least: 'guest' }],

  'GET /calls/admin/registrations': [
    { least: 'manager', request: (make) => ({ query: { text: make.unique(), offset: '0' } }) },
  ],
  'POST /calls/admin/registrations/drop': [
    { least: 'manager', request: (make) => ({ body: { deviceId: make.id('device-member') } }) },
    {
      what: 'of an owner',
      least: 'owner',
      request: (make) => ({ body: { deviceId: make.id('device-owner') } }),
    },
  ],
  'POST /calls/admin/registrations/ask': [
    // It is not registered.
    { least: 'manager', request: (make) => ({ body: { deviceId: make.id('device-member') } }), status: 404 },
  ],
  'GET /calls/admin/calls': [
    {
      least: 'manager',
      request: (make) => ({ query: { only: 'all', personId: make.id('person-member') } }),
    },
  ],
  'GET /calls/admin/calls/:id/trace': [{ least: 'manager', request: one('call') }],
  'POST /calls/admin/calls/:id/end': [
    // It is over.
    { least: 'manager', request: one('call'), status: 409 },
  ],
  'GET /calls/admin/captures': [{ least: 'manager' }],
  'POST /calls/admin/captures': [
    {
      least: 'manager',
      request: (make) => ({
        body: { targetKind: 'person', targetId: make.id('person-member'), minutes: 1 },
      }),
    },
    {
      what: 'of a device of an owner',
      least: 'owner',
      request: (make) => ({
        body: { targetKind: 'device', targetId: make.id('device-owner'), minutes: 1 },
      }),
    },
  ],
  'POST /calls/admin/captures/:id/end': [{ least: 'manager', request: one('capture') }],
  'GET /calls/admin/captures/:id/file': [{ least: 'manager', request: one('capture') }],

  // What is kept, and what is stuck.
  'GET /personal-data/mine': [{ least: 'guest' }],
  'GET /personal-data/retention': [{ least: 'guest' }],
  'GET /upkeep/parked': [{ least: 'manager' }],
  'GET /sites/installation': [{ least: 'manager' }],
  'POST /upkeep/parked/resume': [
    {
      least: 'manager',
      request: (make) => ({
        body: { id: `reaction_chat.index-words_${make.id('team')}_1`, how: 'retry' },
      }),
      // Nothing is stuck there.
      status: 404,
    },
  ],
};
