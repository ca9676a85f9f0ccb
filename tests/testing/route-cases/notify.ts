import { createECDH } from 'node:crypto';
import { usualTimes } from '@liaison/notify';
import type { Maker, RouteCases } from './route-case.ts';

const group = (make: Maker) => ({ params: { groupId: make.id('news-group') } });
const news = (make: Maker) => ({ params: { newsId: make.id('news') } });

/** A browser's, of which nobody knows the other half. */
export const browserKeys = {
  p256dh: createECDH('prime256v1').generateKeys().toString('base64url'),
  auth: 'A'.repeat(22),
};

/** News: everybody has her own, and asking for others' is asking for nothing. */
export const notifyCases: RouteCases = {
  'GET /notify/groups': [{ least: 'guest' }],
  'GET /notify/groups/:groupId/news': [{ least: 'guest', request: group }],
  'GET /notify/news/:newsId/digest': [{ least: 'guest', request: news }],
  'GET /notify/count': [{ least: 'guest' }],
  'POST /notify/read': [
    { what: 'some', least: 'guest', request: (make) => ({ body: { newsIds: [make.id('news')] } }) },
    { what: 'a group', least: 'guest', request: (make) => ({ body: { groupIds: [make.id('news-group')] } }) },
    { what: 'all', least: 'guest', request: () => ({ body: { allUntil: '2020-01-01T00:00:00Z' } }) },
  ],
  'GET /notify/preferences': [{ least: 'guest' }],
  'PUT /notify/preferences/kinds/:kind': [
    { least: 'guest', request: () => ({ params: { kind: 'chat.message' }, body: { when: 'digest' } }) },
  ],
  'PUT /notify/preferences/places': [
    {
      least: 'guest',
      request: (make) => ({
        body: {
          spaceId: make.id('team'),
          containerId: make.id('conversation'),
          kind: 'chat.message',
          when: 'digest',
        },
      }),
    },
  ],
  'GET /notify/may-tell': [
    {
      least: 'guest',
      request: (make) => ({
        query: { kind: 'chat.mention', spaceId: make.id('team'), containerId: make.id('conversation') },
      }),
    },
  ],
  'GET /notify/may-ring': [{ least: 'guest' }],
  'PUT /notify/preferences/times': [{ least: 'guest', request: () => ({ body: usualTimes }) }],
  'GET /notify/push': [{ least: 'guest' }],
  'POST /notify/push/subscriptions': [
    {
      least: 'guest',
      request: (make) => ({
        body: { endpoint: `https://push.example.org/${make.unique()}`, keys: browserKeys },
      }),
    },
  ],
  'POST /notify/push/subscriptions/:subscriptionId/test': [
    {
      least: 'guest',
      request: (make) => ({ params: { subscriptionId: make.id(`subscription-${make.me.role}`) } }),
    },
  ],
  'DELETE /notify/push/subscriptions/:subscriptionId': [
    {
      least: 'guest',
      request: (make) => ({ params: { subscriptionId: make.id(`subscription-to-end-${make.me.role}`) } }),
    },
  ],
};
