import type { Core } from '@liaison/core/floor';
import type { People } from '@liaison/people';
import { telephonesOf } from './registrations.ts';

/** A person's registered telephones, and the domain that those who call are shown in. */
export interface FoundTelephones {
  readonly telephones: Awaited<ReturnType<typeof telephonesOf>>;
  readonly realm: string;
}
export type FindTelephones = (orgId: string, personId: string) => Promise<FoundTelephones>;

/** Reads beside others that read at the same moment. */
export const createFindTelephones =
  ({ core: { db }, people }: { core: Pick<Core, 'db'>; people: Pick<People, 'realmOf'> }): FindTelephones =>
  (orgId, personId) =>
    db.shared(() =>
      db.read(orgId, async (tx) => {
        const [telephones, realm] = await Promise.all([telephonesOf(tx, personId), people.realmOf(tx)]);
        return { telephones, realm };
      }),
    );
