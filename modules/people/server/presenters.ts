import type { Core } from '@liaison/core/floor';
import type { Presenter } from '@liaison/core/live';
import { memberJoined, memberLeft, memberRoleChanged, seenAmong } from '@liaison/core/spaces';
import {
  organisationChanged,
  personChanged,
  personCreated,
  personErased,
  personRestored,
  personSuspended,
} from '../contract/index.ts';

/**
 * Pages hear that a person changed, by id and version, and ask for what they show of her. Guests' pages are told of those
 * whom they may see alone: neither that there is somebody else nor when she is made, changed or gone.
 */
export function registerPresenters(core: Core): void {
  /** Of these guests, those who may see a person. */
  async function guestsWhoSee(
    orgId: string,
    guests: readonly string[],
    personIds: readonly string[],
  ): Promise<(personId: string) => readonly string[]> {
    if (guests.length === 0 || personIds.length === 0) return () => [];
    const seen = await core.db.read(orgId, (tx) => seenAmong(tx, guests, [...new Set(personIds)]));
    return (personId) => guests.filter((guest) => seen.get(guest)?.has(personId));
  }

  for (const event of [personCreated, personChanged, personSuspended, personRestored, personErased]) {
    core.live.present(event, async (orgId, events, guests) => {
      const ids = events.map(({ payload }) => payload.personId);
      const whoSee = await guestsWhoSee(orgId, guests, ids);
      return events.map(({ payload: { personId, version } }) => ({
        data: { personId, version },
        guests: whoSee(personId),
      }));
    });
  }

  // Everybody is a member of the organisation; who is in a team or a conversation all of its members may know.
  const presentMember: Presenter<{ spaceId: string; personId: string }> = async (orgId, events, guests) => {
    const ofOrganisation = events.filter(({ payload }) => payload.spaceId === orgId);
    const ids = ofOrganisation.map(({ payload }) => payload.personId);
    const whoSee = await guestsWhoSee(orgId, guests, ids);
    return events.map(({ payload }) => ({
      data: payload,
      ...(payload.spaceId === orgId ? { guests: whoSee(payload.personId) } : {}),
    }));
  };
  core.live.present(memberJoined, presentMember);
  core.live.present(memberLeft, presentMember);
  core.live.present(memberRoleChanged, presentMember);

  core.live.present(organisationChanged, async (_orgId, events) => events.map(() => ({ data: {} })));
}
