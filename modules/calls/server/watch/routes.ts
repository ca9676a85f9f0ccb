import { conflict, notFound } from '@liaison/core/contract';
import type { Core } from '@liaison/core/floor';
import { NotOwned, OutcomeUnknown } from '@liaison/core/owned';
import type { People } from '@liaison/people';
import type { Reach } from '@liaison/reach';
import * as contract from '../../contract/watch.ts';
import { ownerSilent } from '../exchange.ts';
import { requireAdministrator } from './access.ts';
import { askTelephone } from './ask-telephone.ts';
import { captureFile, endCapture, listCaptures, startCapture } from './capture-actions.ts';
import type { Captures } from './captures.ts';
import { dropRegistration } from './drop-registration.ts';
import { listRegistered } from './registrations.ts';
import { createWatchedCalls } from './watched-calls.ts';

/** What managers and owners see and do about telephones and calls that are not their own. */
export function serveWatch(parts: { core: Core; people: People; reach: Reach; captures: Captures }): void {
  const { core, people, captures } = parts;
  const { db, http, owned, audit } = core;
  const calls = createWatchedCalls({ core, people });

  http.route(contract.listRegistrations, async ({ actor, query }) => {
    requireAdministrator(actor);
    return listRegistered({ db, people }, actor.orgId, query);
  });
  http.route(contract.dropRegistration, ({ actor, body }) => dropRegistration(parts, actor, body.deviceId));
  http.route(contract.askTelephone, ({ actor, body }) => askTelephone(parts, actor, body.deviceId));

  http.route(contract.listWatchedCalls, async ({ actor, query }) => {
    requireAdministrator(actor);
    return calls.list(actor.orgId, query);
  });
  http.route(contract.getCallTrace, async ({ actor, params }) => {
    requireAdministrator(actor);
    return calls.trace(actor.orgId, params.id);
  });
  http.route(contract.endWatchedCall, async ({ actor, params }) => {
    requireAdministrator(actor);
    const { orgId } = actor;
    const open = await db.transaction(orgId, async (tx) => {
      const [row] = await tx.query<{ ended: boolean }>(
        'select ended_at is not null as ended from calls.call where id = $1',
        [params.id],
      );
      if (!row) throw notFound('This call');
      // Written before it is done: what an administrator tried is in the log, whatever came of it.
      if (!row.ended)
        await audit.record(tx, { action: 'calls.call-ended-by-administrator', subjectId: params.id });
      return !row.ended;
    });
    if (!open) throw conflict('call-gone', 'This call has ended.');
    try {
      await owned.send(
        { kind: 'call', id: params.id, orgId },
        'order',
        { order: 'end' },
        { timeoutMs: 5000 },
      );
    } catch (error) {
      if (error instanceof NotOwned) throw conflict('call-gone', 'This call has ended.');
      if (error instanceof OutcomeUnknown) throw ownerSilent(error);
      throw error;
    }
    return {};
  });

  http.route(contract.listCaptures, async ({ actor, query }) => {
    requireAdministrator(actor);
    return db.read(actor.orgId, (tx) => listCaptures(tx, query));
  });
  http.route(contract.startCapture, async ({ actor, body }) => {
    const started = await startCapture(parts, actor, body);
    // Who is told that it runs may call in the same moment. Other processes hear of it by the bus, a little later.
    await captures.refresh();
    return started;
  });
  http.route(contract.endCapture, async ({ actor, params }) => {
    await endCapture(core, actor, params.id);
    return {};
  });
  http.route(contract.downloadCapture, async ({ actor, params, reply }) => {
    const file = await captureFile(core, actor, params.id);
    return reply
      .header('content-type', 'application/x-pcapng')
      .header('content-disposition', `attachment; filename="liaison-${params.id}.pcapng"`)
      .header('cache-control', 'private, no-store')
      .send(file);
  });
}
