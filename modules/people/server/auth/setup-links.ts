import { createToken, hashToken } from '@liaison/core/secrets';
import type { Library } from './library.ts';

const identifier = 'liaison-setup';
const maxOpenLinks = 16;

/** The one-time link of the first start. It belongs to no organisation, because there is none yet; only its hash is kept. */
export interface SetupLinks {
  /** A new token. The newest few work: several processes start together, and each prints a link of its own. */
  create(): Promise<string>;
  isOpen(token: string): Promise<boolean>;
  /** True for exactly one caller, whichever token it has; with it all tokens end. */
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
      await keep(token);
      await library.query(
        `delete from verification where identifier = $1 and id not in (
           select id from verification where identifier = $1 order by "createdAt" desc, id limit $2)`,
        [identifier, maxOpenLinks],
      );
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
        // Of two who hold different tokens the second one waits here for the first, and then finds no row left.
        `delete from verification where identifier = $1 and exists (
           select 1 from verification mine where mine.identifier = $1 and mine.value = $2 and mine."expiresAt" > now())
         returning id`,
        [identifier, hashToken(token)],
      );
      return rows.length > 0;
    },
    async restore(token) {
      await keep(token);
    },
  };
}
