import { defineEvent, idSchema } from '@liaison/core/contract';
import { z } from 'zod';

/** `orgId` is the organisation's own space: these events join its order. `version` rises with every change of the row. */
const ofPerson = z.object({ orgId: idSchema, personId: idSchema, version: z.number().int() });

export const personCreated = defineEvent({
  name: 'people.person-created',
  version: 1,
  stream: 'orgId',
  payload: ofPerson,
});
/** Name, photo, title, office, time zone, language, numbers, extension, role: whatever a face shows. */
export const personChanged = defineEvent({
  name: 'people.person-changed',
  version: 1,
  stream: 'orgId',
  payload: ofPerson,
});
/** Somebody has another address; the one before still reaches her. Told beside `person-changed`. */
export const addressChanged = defineEvent({
  name: 'people.address-changed',
  version: 1,
  stream: 'orgId',
  payload: z.object({ orgId: idSchema, personId: idSchema }),
});
/** Sessions and devices of this person are cut; told again as `person-restored` when it ends. */
export const personSuspended = defineEvent({
  name: 'people.person-suspended',
  version: 1,
  stream: 'orgId',
  payload: ofPerson,
});
export const personRestored = defineEvent({
  name: 'people.person-restored',
  version: 1,
  stream: 'orgId',
  payload: ofPerson,
});
/** The person's data is gone or anonymous; each module erases its own by `personal-data`. */
export const personErased = defineEvent({
  name: 'people.person-erased',
  version: 1,
  stream: 'orgId',
  payload: ofPerson,
});
export const organisationChanged = defineEvent({
  name: 'people.organisation-changed',
  version: 1,
  stream: 'orgId',
  payload: z.object({ orgId: idSchema }),
});

/** In the person's own space, so that nobody else's page hears of it. */
export const sessionRevoked = defineEvent({
  name: 'people.session-revoked',
  version: 1,
  stream: 'personalSpaceId',
  payload: z.object({ personalSpaceId: idSchema, personId: idSchema, sessionId: idSchema }),
});
const ofDevice = z.object({ personalSpaceId: idSchema, personId: idSchema, deviceId: idSchema });
export const deviceCreated = defineEvent({
  name: 'people.device-created',
  version: 1,
  stream: 'personalSpaceId',
  payload: ofDevice,
});
/** The device's secret is worthless from now on: whoever holds a flow or a registration of it ends it. */
export const deviceRevoked = defineEvent({
  name: 'people.device-revoked',
  version: 1,
  stream: 'personalSpaceId',
  payload: ofDevice,
});

const ofTeam = z.object({ spaceId: idSchema, kind: z.enum(['team', 'group']) });
/** A team or group was made; its members are told by `core.member-joined` in the same space. */
export const teamCreated = defineEvent({
  name: 'people.team-created',
  version: 1,
  stream: 'spaceId',
  payload: ofTeam,
});
/** Renamed, archived or taken back into use. */
export const teamChanged = defineEvent({
  name: 'people.team-changed',
  version: 1,
  stream: 'spaceId',
  payload: ofTeam,
});
/** A list is kept and waits to be checked; a job does it. */
export const importUploaded = defineEvent({
  name: 'people.import-uploaded',
  version: 1,
  stream: 'personalSpaceId',
  payload: z.object({ personalSpaceId: idSchema, importId: idSchema }),
});
/** The people of an import are to be created; a job does it. */
export const importCommitted = defineEvent({
  name: 'people.import-committed',
  version: 1,
  stream: 'personalSpaceId',
  payload: z.object({ personalSpaceId: idSchema, importId: idSchema }),
});
/** Progress of an import, in the order of its owner's personal space. */
export const importProgressed = defineEvent({
  name: 'people.import-progressed',
  version: 1,
  stream: 'personalSpaceId',
  payload: z.object({
    personalSpaceId: idSchema,
    importId: idSchema,
    /** Whether lines are checked or people created; created where it is not said. */
    phase: z.enum(['checking', 'creating']).optional(),
    done: z.number().int(),
    total: z.number().int(),
    finished: z.boolean(),
  }),
});
