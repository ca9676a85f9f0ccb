import type { RouteCases } from './route-case.ts';

/** One box: everybody may ask, and finds what she may read. */
export const searchCases: RouteCases = {
  'GET /search': [{ least: 'guest', request: () => ({ query: { q: 'port from:ines type:message' } }) }],
  'GET /search/kinds': [{ least: 'guest' }],
};
