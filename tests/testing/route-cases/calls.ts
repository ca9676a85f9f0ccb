import { one, type RouteCases } from './route-case.ts';

/** Calls. */
export const callsCases: RouteCases = {
  'GET /calls': [{ least: 'guest', request: (make) => ({ query: { personId: make.id('person-member') } }) }],
  'GET /calls/missed': [{ least: 'guest' }],
  'POST /calls/seen': [{ least: 'guest' }],
  // It is of two others, and over.
  'POST /calls/:id/decline': [{ least: 'guest', request: one('call'), status: 404 }],
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
};
