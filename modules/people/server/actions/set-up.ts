import { conflict, invalid, notFound } from '@liaison/core/contract';
import type { Language } from '../../contract/index.ts';
import { requireStrongPassword } from '../auth/password-strength.ts';
import type { Parts } from '../parts.ts';
import { createOrganisation } from './create-organisation.ts';
import { createPerson } from './create-person.ts';

export interface FirstOrganisation {
  readonly token: string;
  readonly organisation: { name: string; domain: string };
  readonly owner: { name: string; address: string; password: string; language: Language; timeZone: string };
}

/**
 * Creates the first organisation and its owner. Of several who hold the link at once one succeeds; when creating fails
 * the link still works.
 *
 * @throws Problem 409 `already-set-up`, 404 for a link that does not work, 400 `weak-password`.
 */
export async function setUp(parts: Parts, input: FirstOrganisation): Promise<void> {
  const { core, across, accounts, setupLinks } = parts;
  const { organisation, owner } = input;
  await requireNoOrganisation(parts);
  if (!(await setupLinks.isOpen(input.token))) throw notFound('This link');
  if (!owner.address.endsWith(`@${organisation.domain}`)) {
    throw invalid('The address does not belong to the domain.', [
      { path: 'body.owner.address', message: `It must end with @${organisation.domain}.` },
    ]);
  }
  requireStrongPassword(owner.password, [owner.name, owner.address, organisation.name]);
  if (!(await setupLinks.consume(input.token))) throw notFound('This link');
  try {
    const orgId = core.ids.next();
    const ownerId = core.ids.next();
    await accounts.open({ id: ownerId, address: owner.address, name: owner.name }, owner.password);
    await core.db.transaction(orgId, async (tx) => {
      await createOrganisation(
        core,
        tx,
        { ...organisation, languages: [owner.language], timeZone: owner.timeZone },
        ownerId,
      );
      // Everybody has a number from the first day: a telephone has no letters.
      const extension = await core.names.freeExtension(tx);
      await createPerson(core, tx, { ...owner, id: ownerId, role: 'owner', status: 'active', extension });
    });
  } catch (error) {
    if ((await across.countOrganisations()) === 0) await setupLinks.restore(input.token);
    throw error;
  }
}

/** @throws Problem 409 `already-set-up`. */
export async function requireNoOrganisation({ across }: Parts): Promise<void> {
  if ((await across.countOrganisations()) > 0) {
    throw conflict('already-set-up', 'An organisation is there already; sign in.');
  }
}
