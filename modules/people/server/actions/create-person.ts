import { notFound, Problem, type Role } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import type { Core } from '@liaison/core/floor';
import { type Language, type PhoneNumber, personCreated } from '../../contract/index.ts';
import { indexPerson, sortNameOf, writeNumbers } from '../person-rows.ts';
import { findOrganisation } from '../queries.ts';
import type { PeopleTables } from '../tables.ts';

export interface NewPerson {
  readonly id?: string;
  readonly name: string;
  readonly address: string;
  readonly role: Role;
  readonly status: 'active' | 'invited';
  readonly extension?: string | null;
  readonly title?: string | null;
  readonly office?: string | null;
  readonly language?: Language | undefined;
  readonly timeZone?: string | undefined;
  readonly numbers?: readonly PhoneNumber[];
  /** Teams and groups to join as a member. */
  readonly teamIds?: readonly string[];
}

/**
 * Creates a person with her own space and her place in the organisation. Whether the actor may is asked before.
 *
 * @throws Problem 400 for an address of somebody else's domain, 409 `name-taken` for an address or extension that somebody has, 404 for a team that is not there.
 */
export async function createPerson(core: Core, tx: Tx, input: NewPerson): Promise<string> {
  const orgId = tx.orgId!;
  const id = input.id ?? core.ids.next();
  const extension = input.extension ?? null;
  await requireOwnDomain(core, tx, input.address);
  // Sorted by kind (address before extension), so that two who take both cannot wait for each other.
  await core.names.reserve(tx, { kind: 'address', name: input.address, holderId: id });
  if (extension !== null) await core.names.reserve(tx, { kind: 'extension', name: extension, holderId: id });
  const organisation = await findOrganisation(tx);
  const personalSpaceId = core.ids.next();
  await tx
    .as<PeopleTables>()
    .insertInto('people.person')
    .values({
      id,
      org_id: orgId,
      address: input.address,
      name: input.name,
      sort_name: sortNameOf(input.name),
      extension,
      title: input.title ?? null,
      office: input.office ?? null,
      time_zone: input.timeZone ?? organisation.timeZone,
      language: input.language ?? organisation.languages[0]!,
      bio: null,
      photo: null,
      status: input.status,
      personal_space_id: personalSpaceId,
      home_site: core.settings.site.number,
      joined_at: input.status === 'active' ? new Date() : null,
    })
    .execute();
  if (input.numbers?.length) await writeNumbers(tx, id, input.numbers);
  await indexPerson(tx, id);
  await core.spaces.create(tx, {
    id: personalSpaceId,
    kind: 'personal',
    name: input.name,
    members: [{ personId: id, role: 'manager' }],
  });
  await core.spaces.setMember(tx, orgId, id, input.role);
  for (const teamId of new Set(input.teamIds ?? [])) {
    const team = await core.spaces.find(tx, teamId);
    if (!team || (team.kind !== 'team' && team.kind !== 'group')) throw notFound('This team');
    await core.spaces.setMember(tx, teamId, id, 'member');
  }
  core.outbox.emit(tx, personCreated, { orgId, personId: id, version: 1 });
  return id;
}

/**
 * Addresses belong to domains of the organisation: otherwise one organisation could take another's, and learn which
 * are in use.
 *
 * @throws Problem 400 `foreign-domain`.
 */
async function requireOwnDomain(core: Core, tx: Tx, address: string): Promise<void> {
  const domain = address.slice(address.lastIndexOf('@') + 1);
  if ((await core.names.holder(tx, { kind: 'domain', name: domain })) === tx.orgId) return;
  throw new Problem(400, 'foreign-domain', 'The address must end with a domain of your organisation.', {
    errors: [{ path: 'body.address', message: `@${domain} is not a domain of this organisation.` }],
  });
}
