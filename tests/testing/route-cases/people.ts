import { goodPassword } from '@liaison/people/testing';
import { onePixel } from '../world.ts';
import { one, own, type RouteCases, token } from './route-case.ts';

const password = () => ({ body: { password: 'not the password' } });
const passkey = { id: 'AAAA', rawId: 'AAAA', type: 'public-key', response: {} };

export const peopleCases: RouteCases = {
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
};
