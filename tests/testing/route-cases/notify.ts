import type { Maker, RouteCases } from './route-case.ts';

const group = (make: Maker) => ({ params: { groupId: make.id('news-group') } });
const news = (make: Maker) => ({ params: { newsId: make.id('news') } });

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
};
