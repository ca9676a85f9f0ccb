import type { PersonActor } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import { type Language, type Organisation, organisationChanged } from '../../contract/index.ts';
import { requireAdministrator, requireOwner } from '../access.ts';
import type { Parts } from '../parts.ts';
import { findOrganisation } from '../queries.ts';
import type { PeopleTables } from '../tables.ts';

export interface OrganisationChange {
  readonly name?: string | undefined;
  readonly domain?: string | undefined;
  readonly languages?: Language[] | undefined;
  readonly timeZone?: string | undefined;
  readonly requireSecondFactor?: boolean | undefined;
  readonly teamMakers?: Organisation['teamMakers'] | undefined;
}

/** Changes settings. A new domain is for new addresses: those that exist, the realm and the old domain stay ours. */
export async function changeOrganisation(
  { core }: Parts,
  tx: Tx,
  actor: PersonActor,
  change: OrganisationChange,
): Promise<void> {
  requireAdministrator(actor);
  const before = await findOrganisation(tx);
  const { name, domain, languages, timeZone, requireSecondFactor, teamMakers } = change;
  const sensitive =
    (domain !== undefined && domain !== before.domain) ||
    (requireSecondFactor !== undefined && requireSecondFactor !== before.requireSecondFactor);
  if (sensitive) requireOwner(actor);
  if (domain !== undefined)
    await core.names.reserve(tx, { kind: 'domain', name: domain, holderId: before.id });
  const columns = {
    ...(name === undefined ? {} : { name }),
    ...(domain === undefined ? {} : { domain }),
    ...(languages === undefined ? {} : { languages: [...new Set(languages)] }),
    ...(timeZone === undefined ? {} : { time_zone: timeZone }),
    ...(requireSecondFactor === undefined ? {} : { require_second_factor: requireSecondFactor }),
    ...(teamMakers === undefined ? {} : { team_makers: teamMakers }),
  };
  if (Object.keys(columns).length === 0) return;
  await tx
    .as<PeopleTables>()
    .updateTable('people.organisation')
    .set(columns)
    .where('id', '=', before.id)
    .execute();
  if (name !== undefined) await core.spaces.rename(tx, before.id, name);
  core.outbox.emit(tx, organisationChanged, { orgId: before.id });
  await core.audit.record(tx, {
    action: 'people.organisation-changed',
    subjectId: before.id,
    details: { settings: Object.keys(columns) },
  });
}
