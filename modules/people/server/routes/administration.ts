import type { PersonActor } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import {
  changeAddress as addressRoute,
  changeOrganisation as changeOrganisationRoute,
  erasePerson as eraseRoute,
  assignExtension as extensionRoute,
  getOrganisation,
  listAudit,
  restorePerson as restoreRoute,
  changeRole as roleRoute,
  suspendPerson as suspendRoute,
} from '../../contract/index.ts';
import { requireAdministrator } from '../access.ts';
import { assignExtension } from '../actions/assign-extension.ts';
import { changeAddress } from '../actions/change-address.ts';
import { changeOrganisation } from '../actions/change-organisation.ts';
import { changeRole } from '../actions/change-role.ts';
import { erasePerson } from '../actions/erase-person.ts';
import { restorePerson } from '../actions/restore-person.ts';
import { suspendPerson } from '../actions/suspend-person.ts';
import type { Parts } from '../parts.ts';
import { findOrganisation, wholePerson } from '../queries.ts';

export function registerAdministrationRoutes(parts: Parts): void {
  const { core } = parts;

  /** Runs an action on a person and answers how she is then. */
  const onPerson = (actor: PersonActor, personId: string, action: (tx: Tx) => Promise<void>) =>
    core.db.transaction(actor.orgId, async (tx) => {
      await action(tx);
      return wholePerson(tx, personId);
    });

  core.http.route(roleRoute, ({ actor, params, body }) =>
    onPerson(actor, params.id, (tx) => changeRole(parts, tx, actor, params.id, body.role)),
  );
  core.http.route(suspendRoute, ({ actor, params }) =>
    onPerson(actor, params.id, (tx) => suspendPerson(parts, tx, actor, params.id)),
  );
  core.http.route(restoreRoute, ({ actor, params }) =>
    onPerson(actor, params.id, (tx) => restorePerson(parts, tx, actor, params.id)),
  );
  core.http.route(extensionRoute, ({ actor, params, body }) =>
    onPerson(actor, params.id, (tx) => assignExtension(parts, tx, actor, params.id, body.extension)),
  );
  core.http.route(addressRoute, async ({ actor, params, body }) => {
    const person = await onPerson(actor, params.id, (tx) =>
      changeAddress(parts, tx, actor, params.id, body.address),
    );
    await parts.accounts.changeAddress(person.id, person.address);
    return person;
  });
  core.http.route(eraseRoute, async ({ actor, params, body }) => {
    await core.db.transaction(actor.orgId, (tx) => erasePerson(parts, tx, actor, params.id, body.address));
    return undefined;
  });

  core.http.route(getOrganisation, ({ actor }) => core.db.read(actor.orgId, findOrganisation));
  core.http.route(changeOrganisationRoute, ({ actor, body }) =>
    core.db.transaction(actor.orgId, async (tx) => {
      await changeOrganisation(parts, tx, actor, body);
      return findOrganisation(tx);
    }),
  );

  core.http.route(listAudit, ({ actor, query }) =>
    core.db.read(actor.orgId, async (tx) => {
      requireAdministrator(actor);
      const { cursor, limit, action, personId } = query;
      const page = await core.audit.list(tx, {
        limit,
        ...(cursor === undefined ? {} : { cursor }),
        ...(action === undefined ? {} : { action }),
        ...(personId === undefined ? {} : { personId }),
      });
      return {
        rows: page.rows.map(({ requestId, at, ...entry }) => ({
          ...entry,
          at: at.toISOString(),
          bySystem: entry.personId === null && requestId === null,
        })),
        next: page.next,
      };
    }),
  );
}
