import type { RouteCases } from './route-case.ts';

/** Reachability. */
export const reachCases: RouteCases = {
  'GET /reach': [{ least: 'guest' }],
  'GET /reach/numbers': [{ least: 'guest', request: () => ({ query: { numbers: '+351210000000,12' } }) }],
  'GET /reach/numbers/countries': [
    { least: 'guest', request: (make) => ({ query: { people: make.me.id } }) },
  ],
  'GET /reach/numbers/:e164/mentions': [
    { least: 'guest', request: () => ({ params: { e164: '+351210000000' } }) },
  ],
  'PUT /reach/me': [{ least: 'guest', request: () => ({ body: { state: 'free' } }) }],
};
