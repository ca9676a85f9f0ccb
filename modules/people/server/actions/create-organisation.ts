import type { Tx } from '@liaison/core/db';
import type { Core } from '@liaison/core/floor';
import type { Language } from '../../contract/index.ts';
import type { PeopleTables } from '../tables.ts';

/** Creates an organisation and its own space in a transaction of it (`tx.orgId` is its new id). */
export async function createOrganisation(
  core: Core,
  tx: Tx,
  input: { name: string; domain: string; languages: Language[]; timeZone: string },
  /** Who sets it up, before she is there to be signed in; nobody where the system does. */
  founderId: string | null = null,
): Promise<void> {
  const id = tx.orgId!;
  await core.names.reserve(tx, { kind: 'domain', name: input.domain, holderId: id });
  await tx
    .as<PeopleTables>()
    .insertInto('people.organisation')
    .values({
      id,
      org_id: id,
      name: input.name,
      domain: input.domain,
      realm: input.domain,
      languages: input.languages,
      time_zone: input.timeZone,
      home_site: core.settings.site.number,
    })
    .execute();
  await core.spaces.create(tx, { id, kind: 'organisation', name: input.name, members: [] });
  await core.audit.record(tx, { action: 'people.organisation-created', subjectId: id, personId: founderId });
}
