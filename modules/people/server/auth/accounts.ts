import type { Library } from './library.ts';

export interface Passkey {
  readonly id: string;
  readonly name: string;
  readonly createdAt: Date;
  readonly synced: boolean;
}

export interface SessionRow {
  readonly id: string;
  readonly ip: string | null;
  readonly userAgent: string | null;
  readonly signedInAt: Date;
  readonly lastSeenAt: Date;
}

/** Credentials and sessions of persons, by their ids; the sign-in library's rows and nobody else's. */
export interface Accounts {
  /** Creates the account or corrects what is there, and sets the password; safe to repeat. */
  open(person: { id: string; address: string; name: string }, password: string): Promise<void>;
  /** Signs in with another address from now on; nothing happens where there is no account yet. Safe to repeat. */
  changeAddress(personId: string, address: string): Promise<void>;
  /** Whether this is the person's password; takes as long when she has none. */
  hasPassword(personId: string, password: string): Promise<boolean>;
  setPassword(personId: string, password: string): Promise<void>;
  /** Removes the authenticator app and all passkeys. */
  removeSecondFactors(personId: string): Promise<void>;
  /** Removes everything, sessions too. */
  close(personId: string): Promise<void>;
  passkeys(personId: string): Promise<Passkey[]>;
  renamePasskey(personId: string, passkeyId: string, name: string): Promise<boolean>;
  removePasskey(personId: string, passkeyId: string): Promise<boolean>;
  /** Newest use first. */
  sessions(personId: string): Promise<SessionRow[]>;
  /** Last use of any session, for those who have one. */
  lastUse(personIds: readonly string[]): Promise<Map<string, Date>>;
  /** Ends sessions and answers which: one, all, or all but one. */
  endSessions(personId: string, which: { id?: string; except?: string }): Promise<string[]>;
  /** Sessions that have expired by themselves, the oldest first; at most 1,000. */
  lapsedSessions(): Promise<{ id: string; personId: string }[]>;
  /** Deletes what has expired by itself: sessions a day later, so that their end can be told. */
  sweep(): Promise<void>;
}

export function createAccounts(library: Library): Accounts {
  const accounts: Accounts = {
    async open({ id, address, name }, password) {
      const { internalAdapter } = await library.context();
      if (await internalAdapter.findUserById(id)) {
        await internalAdapter.updateUser(id, { email: address, name });
      } else {
        await internalAdapter.createUser(
          { id, email: address, name, emailVerified: true },
          { method: 'admin' },
        );
      }
      await accounts.setPassword(id, password);
    },
    async changeAddress(personId, address) {
      await library.query('update "user" set email = $2 where id = $1 and email <> $2', [personId, address]);
    },
    async hasPassword(personId, password) {
      const { password: hasher } = await library.context();
      const [row] = await library.query<{ password: string | null }>(
        `select password from account where "userId" = $1 and "providerId" = 'credential'`,
        [personId],
      );
      if (!row?.password) {
        await hasher.hash(password);
        return false;
      }
      return hasher.verify({ hash: row.password, password });
    },
    async setPassword(personId, password) {
      const { internalAdapter, password: hasher } = await library.context();
      const hash = await hasher.hash(password);
      const accountsThere = await internalAdapter.findAccounts(personId);
      if (accountsThere.some((account) => account.providerId === 'credential')) {
        await internalAdapter.updatePassword(personId, hash);
      } else {
        await internalAdapter.createAccount({
          userId: personId,
          providerId: 'credential',
          accountId: personId,
          password: hash,
        });
      }
    },
    async removeSecondFactors(personId) {
      await library.query(
        `with a as (delete from "twoFactor" where "userId" = $1),
              b as (delete from passkey where "userId" = $1),
              c as (delete from verification where value = $1)
         update "user" set "twoFactorEnabled" = false where id = $1`,
        [personId],
      );
    },
    async close(personId) {
      await accounts.removeSecondFactors(personId);
      await library.query('delete from session where "userId" = $1', [personId]);
      await library.query('delete from account where "userId" = $1', [personId]);
      await library.query('delete from "user" where id = $1', [personId]);
    },
    async passkeys(personId) {
      const rows = await library.query<{
        id: string;
        name: string | null;
        createdAt: Date | null;
        backedUp: boolean;
      }>(
        'select id, name, "createdAt", "backedUp" from passkey where "userId" = $1 order by "createdAt" limit 100',
        [personId],
      );
      return rows.map((row) => ({
        id: row.id,
        name: row.name ?? '',
        createdAt: row.createdAt ?? new Date(0),
        synced: row.backedUp,
      }));
    },
    async renamePasskey(personId, passkeyId, name) {
      const rows = await library.query(
        'update passkey set name = $3 where id = $2 and "userId" = $1 returning id',
        [personId, passkeyId, name],
      );
      return rows.length > 0;
    },
    async removePasskey(personId, passkeyId) {
      const rows = await library.query('delete from passkey where id = $2 and "userId" = $1 returning id', [
        personId,
        passkeyId,
      ]);
      return rows.length > 0;
    },
    async sessions(personId) {
      const rows = await library.query<{
        id: string;
        ipAddress: string | null;
        userAgent: string | null;
        createdAt: Date;
        updatedAt: Date;
      }>(
        `select id, "ipAddress", "userAgent", "createdAt", "updatedAt" from session
         where "userId" = $1 and "expiresAt" > now() order by "updatedAt" desc, id limit 200`,
        [personId],
      );
      return rows.map((row) => ({
        id: row.id,
        ip: row.ipAddress,
        userAgent: row.userAgent,
        signedInAt: row.createdAt,
        lastSeenAt: row.updatedAt,
      }));
    },
    async lastUse(personIds) {
      if (personIds.length === 0) return new Map();
      const rows = await library.query<{ person_id: string; at: Date }>(
        'select "userId" as person_id, max("updatedAt") as at from session where "userId" = any($1) group by 1',
        [personIds],
      );
      return new Map(rows.map((row) => [row.person_id, row.at]));
    },
    async endSessions(personId, { id, except }) {
      const rows = await library.query<{ id: string }>(
        `delete from session where "userId" = $1 and ($2::text is null or id = $2) and ($3::text is null or id <> $3)
         returning id`,
        [personId, id ?? null, except ?? null],
      );
      // A browser that need not give a code is a kind of session too.
      if (id === undefined) await library.query('delete from verification where value = $1', [personId]);
      return rows.map((row) => row.id);
    },
    lapsedSessions: () =>
      library.query<{ id: string; personId: string }>(
        'select id, "userId" as "personId" from session where "expiresAt" < now() order by "expiresAt" limit 1000',
      ),
    async sweep() {
      await library.query(`delete from session where "expiresAt" < now() - interval '1 day'`);
      await library.query('delete from verification where "expiresAt" < now()');
    },
  };
  return accounts;
}
