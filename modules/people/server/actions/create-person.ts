import { notFound, Problem, type Role } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import type { Core } from '@liaison/core/floor';
import { type Language, type PhoneNumber, personCreated } from '../../contract/index.ts';
import { writeWords } from '../found-by.ts';
import { sortNameOf } from '../person-rows.ts';
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
  const [made] = await createPeople(core, tx, [input]);
  if (made instanceof Problem) throw made;
  return made!;
}

/**
 * Creates several, in few round trips; each is made whole or not at all.
 *
 * @returns for each, in the order given, the id, or why there is none (as `createPerson` throws it).
 */
export async function createPeople(
  core: Core,
  tx: Tx,
  inputs: readonly NewPerson[],
): Promise<(string | Problem)[]> {
  const orgId = tx.orgId!;
  const drafts = inputs.map((input) => ({
    ...input,
    id: input.id ?? core.ids.next(),
    extension: input.extension ?? null,
    numbers: input.numbers ?? [],
    teamIds: [...new Set(input.teamIds ?? [])],
    personalSpaceId: core.ids.next(),
    refusal: null as Problem | null,
  }));
  const refused = await refusedBefore(core, tx, drafts);
  for (const draft of drafts) draft.refusal = refused(draft);
  await reserveNames(core, tx, drafts);
  const made = drafts.filter((draft) => draft.refusal === null);
  if (made.length > 0) {
    const organisation = await findOrganisation(tx);
    await tx
      .as<PeopleTables>()
      .insertInto('people.person')
      .values(
        made.map((draft) => ({
          id: draft.id,
          org_id: orgId,
          address: draft.address,
          name: draft.name,
          sort_name: sortNameOf(draft.name),
          extension: draft.extension,
          title: draft.title ?? null,
          office: draft.office ?? null,
          time_zone: draft.timeZone ?? organisation.timeZone,
          language: draft.language ?? organisation.languages[0]!,
          bio: null,
          photo: null,
          status: draft.status,
          personal_space_id: draft.personalSpaceId,
          home_site: core.settings.site.number,
          joined_at: draft.status === 'active' ? new Date() : null,
        })),
      )
      .execute();
    // Together: what does not wait for the other shares round trips.
    await allSettled([
      insertNumbers(tx, made),
      writeWords(tx, made),
      ...made.flatMap((draft) => [
        core.spaces.create(tx, {
          id: draft.personalSpaceId,
          kind: 'personal',
          name: draft.name,
          members: [{ personId: draft.id, role: 'manager' }],
        }),
        core.spaces.setMember(tx, orgId, draft.id, draft.role),
        ...draft.teamIds.map((teamId) => core.spaces.setMember(tx, teamId, draft.id, 'member')),
      ]),
    ]);
    for (const { id } of made) core.outbox.emit(tx, personCreated, { orgId, personId: id, version: 1 });
  }
  return drafts.map((draft) => draft.refusal ?? draft.id);
}

type Draft = Pick<NewPerson, 'name' | 'address'> & {
  readonly id: string;
  readonly extension: string | null;
  readonly numbers: readonly PhoneNumber[];
  readonly teamIds: readonly string[];
  refusal: Problem | null;
};

const domainOf = ({ address }: Pick<NewPerson, 'address'>): string =>
  address.slice(address.lastIndexOf('@') + 1);

const foreignDomain = (domain: string): Problem =>
  new Problem(400, 'foreign-domain', 'The address must end with a domain of your organisation.', {
    errors: [{ path: 'body.address', message: `@${domain} is not a domain of this organisation.` }],
  });

/** @throws Problem 400 `foreign-domain` unless the address ends with a domain of the transaction's organisation. */
export async function requireOwnDomain(core: Core, tx: Tx, address: string): Promise<void> {
  const name = domainOf({ address });
  if ((await core.names.holder(tx, { kind: 'domain', name })) !== tx.orgId) throw foreignDomain(name);
}

/**
 * Addresses belong to domains of the organisation: otherwise one organisation could take another's, and learn which
 * are in use. Teams are there, and are teams.
 */
async function refusedBefore(
  core: Core,
  tx: Tx,
  drafts: readonly Draft[],
): Promise<(draft: Draft) => Problem | null> {
  const domains = new Map<string, boolean>();
  for (const name of new Set(drafts.map(domainOf))) {
    domains.set(name, (await core.names.holder(tx, { kind: 'domain', name })) === tx.orgId);
  }
  const teams = new Map<string, boolean>();
  for (const teamId of new Set(drafts.flatMap((draft) => draft.teamIds))) {
    const team = await core.spaces.find(tx, teamId);
    teams.set(teamId, team?.kind === 'team' || team?.kind === 'group');
  }
  return (draft) => {
    const domain = domainOf(draft);
    if (!domains.get(domain)) {
      return foreignDomain(domain);
    }
    return draft.teamIds.every((teamId) => teams.get(teamId)) ? null : notFound('This team');
  };
}

/**
 * Takes addresses, then extensions, each sorted: two who take the same ones cannot wait for each other. Whoever gets
 * one of the two only gives it back.
 */
async function reserveNames(core: Core, tx: Tx, drafts: readonly Draft[]): Promise<void> {
  const by = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
  const take = (kind: 'address' | 'extension', sorted: readonly Draft[]) =>
    allSettled(
      sorted.map(async (draft) => {
        try {
          await core.names.reserve(tx, { kind, name: draft[kind]!, holderId: draft.id });
        } catch (error) {
          // What a list may do wrong; a failing database is not the list's fault.
          if (!(error instanceof Problem) || error.status >= 500) throw error;
          draft.refusal = error;
        }
      }),
    );
  const addresses = drafts.filter((draft) => draft.refusal === null);
  await take(
    'address',
    addresses.toSorted((a, b) => by(a.address, b.address)),
  );
  const extensions = addresses.filter((draft) => draft.refusal === null && draft.extension !== null);
  await take(
    'extension',
    extensions.toSorted((a, b) => by(a.extension!, b.extension!)),
  );
  for (const draft of extensions) {
    if (draft.refusal === null) continue;
    await core.names.release(tx, { kind: 'address', name: draft.address, holderId: draft.id });
  }
}

/** The numbers of people who have none yet. */
async function insertNumbers(tx: Tx, drafts: readonly Draft[]): Promise<void> {
  const numbers = drafts.flatMap((draft) =>
    draft.numbers.map(({ e164, label }, position) => ({ person_id: draft.id, e164, label, position })),
  );
  if (numbers.length === 0) return;
  await tx.query(
    `insert into people.number (org_id, person_id, e164, label, position)
     select core.current_org(), n.person_id, n.e164, n.label, n.position
     from jsonb_to_recordset($1::jsonb) as n(person_id uuid, e164 text, label text, position smallint)`,
    [JSON.stringify(numbers)],
  );
}

/** Waits for all, so that nothing runs on in a transaction that is given up; then throws what failed first. */
async function allSettled(started: readonly Promise<unknown>[]): Promise<void> {
  for (const outcome of await Promise.allSettled(started)) {
    if (outcome.status === 'rejected') throw outcome.reason;
  }
}
