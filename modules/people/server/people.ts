import { invalid } from '@liaison/core/contract';
import type { People } from '../contract/index.ts';
import type { Parts } from './parts.ts';
import {
  findByExtension,
  findByNumber,
  findOrganisation,
  findSummaries,
  findSummary,
  findSummaryWhere,
  findWhole,
  personalSpaceOf,
} from './queries.ts';
import { searchPeople } from './search-people.ts';

/** The context under which a device's HA1 is sealed; see `create-device.ts`. */
export const ha1Context = (deviceId: string, algorithm: 'MD5' | 'SHA-256'): string =>
  `people.device:${deviceId}:${algorithm}`;

/** A quoted string of SIP may hold one (RFC 3261 §25.1); a text of PostgreSQL cannot, and nothing of ours is called so. */
const isName = (text: string): boolean => !text.includes('\0');

/** What other modules may ask. */
export function createPeopleAnswers({ core, across }: Parts): People {
  return {
    find: findSummary,
    findMany: findSummaries,
    findWhole,
    byAddress: (tx, address) =>
      findSummaryWhere(
        tx,
        `p.org_id = core.current_org() and (p.address = $1
           or p.id in (select a.person_id from people.alias a where a.org_id = core.current_org() and a.address = $1))`,
        address.trim().toLowerCase(),
      ),
    byExtension: (tx, extension) => findByExtension(tx, extension.trim()),
    byNumber: findByNumber,
    async search(tx, text, limit) {
      if (text.length > 200) throw invalid('This is too long to search for.');
      return searchPeople(tx, text, limit);
    },
    personalSpace: personalSpaceOf,
    organisation: findOrganisation,
    realmOf: async (tx) => (await findOrganisation(tx)).realm,
    organisationByRealm: async (realm) => (isName(realm) ? across.organisationByRealm(realm) : null),
    async sipCredentials(query) {
      if (query.username.length > 100 || query.realm.length > 253) return null;
      if (!isName(query.username) || !isName(query.realm)) return null;
      const device = await across.device(query);
      if (!device) return null;
      const { sealedHa1, ...whose } = device;
      return {
        ...whose,
        ha1: core.secrets.openText(sealedHa1, ha1Context(device.deviceId, query.algorithm)),
      };
    },
    async devicesById(tx, deviceIds) {
      if (deviceIds.length === 0) return new Map();
      if (deviceIds.length > 1000) throw invalid('At most 1,000 devices at once.');
      const rows = await tx.query<{ id: string; person_id: string; name: string }>(
        'select id, person_id, name from people.device where id = any($1::uuid[]) and revoked_at is null',
        [[...deviceIds]],
      );
      return new Map(rows.map((row) => [row.id, { personId: row.person_id, name: row.name }]));
    },
    async deviceSeen({ orgId, deviceId, address, userAgent }) {
      await core.db.transaction(orgId, (tx) =>
        tx.query(
          `update people.device set last_seen_at = now(), last_address = $2, user_agent = $3
           where id = $1 and revoked_at is null
             and (last_seen_at is null or last_seen_at < now() - interval '1 minute' or last_address is distinct from $2)`,
          [deviceId, address.slice(0, 100), userAgent.slice(0, 200)],
        ),
      );
    },
  };
}
