import { createToken, hashToken } from '@liaison/core/secrets';
import type { Library } from './library.ts';

const identifier = 'liaison-setup';

/** The one-time link of the first start. It belongs to no organisation, because there is none yet; only its hash is kept. */
export interface SetupLinks {
  /** A new token; earlier ones stop working. */
  create(): Promise<string>;
  isOpen(token: string): Promise<boolean>;
  /** True for exactly one caller. */
  consume(token: string): Promise<boolean>;
  /** Gives a consumed one back, when what it was for did not come about. */
  restore(token: string): Promise<void>;
}

export function createSetupLinks(library: Library): SetupLinks {
  const keep = (token: string) =>
    library.query(
      `insert into verification (id, identifier, value, "expiresAt", "createdAt", "updatedAt")
       values (gen_random_uuid()::text, $1, $2, now() + interval '30 days', now(), now())`,
      [identifier, hashToken(token)],
    );
  return {
    async create() {
      const token = createToken();
      await library.query('delete from verification where identifier = $1', [identifier]);
      await keep(token);
      return token;
    },
    async isOpen(token) {
      const rows = await library.query(
        'select id from verification where identifier = $1 and value = $2 and "expiresAt" > now()',
        [identifier, hashToken(token)],
      );
      return rows.length > 0;
    },
    async consume(token) {
      const rows = await library.query(
        'delete from verification where identifier = $1 and value = $2 and "expiresAt" > now() returning id',
        [identifier, hashToken(token)],
      );
      return rows.length > 0;
    },
    async restore(token) {
      await keep(token);
    },
  };
}
