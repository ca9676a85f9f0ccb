import type { Role } from '@liaison/core/contract';
import type { Db } from '@liaison/core/db';
import type { DigestAlgorithm } from '../contract/index.ts';

/** What must be known of a person before the organisation is: whether she may sign in, and as what. */
export interface Standing {
  readonly personId: string;
  readonly orgId: string;
  readonly status: string;
  readonly role: Role;
  readonly requireSecondFactor: boolean;
}

/**
 * Everything that people asks across organisations, and nothing else does: sign-in, one-time links and telephones
 * arrive before anybody knows whose they are.
 */
export interface AcrossOrganisations {
  countOrganisations(): Promise<number>;
  standingOf(personIds: readonly string[]): Promise<Map<string, Standing>>;
  /** What somebody signs in with now who writes an address that she had before; the address itself for all others. */
  addressNow(address: string): Promise<string>;
  /** An invitation that is open now, by the hash of its token. */
  openInvitation(tokenHash: string): Promise<{ id: string; orgId: string; personId: string } | null>;
  organisationByRealm(realm: string): Promise<{ orgId: string; realm: string } | null>;
  /** With `isUserhash` the name is a SHA-256 userhash in hex (RFC 7616 §3.4.4). */
  device(query: {
    realm: string;
    username: string;
    isUserhash?: boolean;
    algorithm: DigestAlgorithm;
  }): Promise<{
    sealedHa1: string;
    deviceId: string;
    personId: string;
    orgId: string;
  } | null>;
  /** The operator's link for somebody who can sign in no more, for a day; false when nobody active has the address. */
  inviteAgain(link: { invitationId: string; address: string; tokenHash: string }): Promise<boolean>;
}

/** Rows of a program before the column have none. */
const hasUserhash = `(d.userhash = $2 or (d.userhash is null
  and encode(sha256(convert_to(d.username || ':' || o.realm, 'UTF8')), 'hex') = $2))`;

/**
 * One probe for each person: a plan made for any number of them may read all members for every one instead, and with
 * thousands of pages open each look at their sessions would take seconds.
 */
export const standingStatement = `
  select p.id, p.org_id, p.status, m.role, o.require_second_factor
  from people.person p
  join people.organisation o on o.id = p.org_id
  cross join lateral
    (select role from core.member where space_id = p.org_id and person_id = p.id limit 1) m
  where p.id = any($1::uuid[])`;

export function createAcrossOrganisations(db: Db): AcrossOrganisations {
  return {
    countOrganisations: () =>
      db.system(async (tx) => {
        const [row] = await tx.query<{ count: number }>('select count(*) as count from people.organisation');
        return row?.count ?? 0;
      }),
    standingOf: (personIds) =>
      db.system(async (tx) => {
        const rows = await tx.query<{
          id: string;
          org_id: string;
          status: string;
          role: Role;
          require_second_factor: boolean;
        }>(standingStatement, [personIds]);
        return new Map(
          rows.map((row) => [
            row.id,
            {
              personId: row.id,
              orgId: row.org_id,
              status: row.status,
              role: row.role,
              requireSecondFactor: row.require_second_factor,
            },
          ]),
        );
      }),
    addressNow: (address) =>
      db.system(async (tx) => {
        const [row] = await tx.query<{ address: string }>(
          `select p.address from people.alias a join people.person p on p.id = a.person_id
           where a.address = $1 and p.status <> 'erased'`,
          [address],
        );
        return row?.address ?? address;
      }),
    openInvitation: (tokenHash) =>
      db.system(async (tx) => {
        const [row] = await tx.query<{ id: string; org_id: string; person_id: string }>(
          `select id, org_id, person_id from people.invitation
           where token_hash = $1 and accepted_at is null and revoked_at is null and expires_at > now()`,
          [tokenHash],
        );
        return row ? { id: row.id, orgId: row.org_id, personId: row.person_id } : null;
      }),
    organisationByRealm: (realm) =>
      db.system(async (tx) => {
        const [row] = await tx.query<{ id: string; realm: string }>(
          `select id, realm from people.organisation
           where realm = $1 or domain = $1 order by (realm = $1) desc limit 1`,
          [realm.toLowerCase()],
        );
        return row ? { orgId: row.id, realm: row.realm } : null;
      }),
    device: ({ realm, username, isUserhash = false, algorithm }) =>
      db.system(async (tx) => {
        const [row] = await tx.query<{ id: string; person_id: string; org_id: string; ha1: string }>(
          `select d.id, d.person_id, d.org_id, case $3 when 'MD5' then d.ha1_md5 else d.ha1_sha256 end as ha1
           from people.organisation o
           join people.device d on d.org_id = o.id and d.revoked_at is null and ${isUserhash ? hasUserhash : 'd.username = $2'}
           join people.person p on p.id = d.person_id and p.status = 'active'
           where o.realm = $1`,
          [realm.toLowerCase(), username, algorithm],
        );
        return row
          ? { sealedHa1: row.ha1, deviceId: row.id, personId: row.person_id, orgId: row.org_id }
          : null;
      }),
    inviteAgain: ({ invitationId, address, tokenHash }) =>
      db.system(async (tx) => {
        const made = await tx.query(
          `with person as (
             select id, org_id from people.person where address = $1 and status in ('active', 'invited')
           ), earlier as (
             update people.invitation i set revoked_at = now() from person
             where i.person_id = person.id and i.accepted_at is null and i.revoked_at is null
           )
           insert into people.invitation (id, org_id, person_id, purpose, token_hash, expires_at)
           select $2, org_id, id, 'renew', $3, now() + interval '1 day' from person returning id`,
          [address, invitationId, tokenHash],
        );
        return made.length > 0;
      }),
  };
}
