import type { RouteCases } from './route-case.ts';

/** What is kept, and what is stuck. */
export const floorCases: RouteCases = {
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
