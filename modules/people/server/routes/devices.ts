import type { Tx } from '@liaison/core/db';
import {
  createDevice as createRoute,
  type Device,
  listDevices,
  revokeDevice as revokeRoute,
} from '../../contract/index.ts';
import { personFor } from '../access.ts';
import { createDevice } from '../actions/create-device.ts';
import { revokeDevice } from '../actions/revoke-device.ts';
import { originOf } from '../auth/library.ts';
import type { Parts } from '../parts.ts';
import { provisioningOf, transportsOf } from '../provisioning.ts';
import { findOrganisation } from '../queries.ts';
import type { PeopleTables } from '../tables.ts';

export async function devicesOf(tx: Tx, personId: string): Promise<Device[]> {
  const rows = await tx
    .as<PeopleTables>()
    .selectFrom('people.device')
    .selectAll()
    .where('person_id', '=', personId)
    .where('revoked_at', 'is', null)
    .orderBy('id')
    .execute();
  return rows.map((row) => ({
    id: row.id,
    personId: row.person_id,
    kind: row.kind,
    name: row.name,
    username: row.username,
    createdAt: row.created_at.toISOString(),
    lastSeenAt: row.last_seen_at?.toISOString() ?? null,
    lastAddress: row.last_address,
    userAgent: row.user_agent,
  }));
}

export function registerDeviceRoutes(parts: Parts): void {
  const { core } = parts;

  core.http.route(listDevices, ({ actor, query }) =>
    core.db.read(actor.orgId, async (tx) => {
      const personId = query.personId ?? actor.personId;
      await personFor(tx, actor, personId, personId === actor.personId ? 'read' : 'manage');
      return { devices: await devicesOf(tx, personId) };
    }),
  );

  core.http.route(createRoute, ({ actor, body, request }) =>
    core.db.transaction(actor.orgId, async (tx) => {
      const personId = body.personId ?? actor.personId;
      const person = await personFor(tx, actor, personId, personId === actor.personId ? 'read' : 'manage');
      const { deviceId, secret } = await createDevice(parts, tx, { personId, name: body.name });
      const device = (await devicesOf(tx, personId)).find(({ id }) => id === deviceId)!;
      return provisioningOf({
        device,
        secret,
        person,
        organisation: await findOrganisation(tx),
        server: core.settings.advertise?.[0] ?? originOf(core.http, request).hostname,
        transports: transportsOf(parts.registrar(), core.settings.sipPort),
      });
    }),
  );

  core.http.route(revokeRoute, async ({ actor, params }) => {
    await core.db.transaction(actor.orgId, (tx) => revokeDevice(parts, tx, actor, params.id));
    return undefined;
  });
}
