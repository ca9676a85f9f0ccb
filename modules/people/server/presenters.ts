import type { Core } from '@liaison/core/floor';
import {
  organisationChanged,
  personChanged,
  personCreated,
  personErased,
  personRestored,
  personSuspended,
} from '../contract/index.ts';

/**
 * Pages hear that a person changed, by id and version, and ask for what they show of her: guests are told no more than
 * they may see.
 */
export function registerPresenters(core: Core): void {
  for (const event of [personCreated, personChanged, personSuspended, personRestored, personErased]) {
    core.live.present(event, async (_orgId, events) =>
      events.map(({ payload }) => ({ data: { personId: payload.personId, version: payload.version } })),
    );
  }
  core.live.present(organisationChanged, async (_orgId, events) => events.map(() => ({ data: {} })));
}
