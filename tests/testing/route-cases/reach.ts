import type { RouteCases } from './route-case.ts';

/** Reachability. */
export const reachCases: RouteCases = {
  'GET /reach': [{ least: 'guest' }],
  'PUT /reach/me': [{ least: 'guest', request: () => ({ body: { state: 'free' } }) }],
};
