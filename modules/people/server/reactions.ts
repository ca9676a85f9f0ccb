import { reactTo } from '@liaison/core/outbox';
import {
  addressChanged,
  importCommitted,
  importUploaded,
  personErased,
  personSuspended,
  sessionRevoked,
} from '../contract/index.ts';
import { endLapsedSessions } from './actions/end-sessions.ts';
import { checkImport, checkImportJob } from './import/check-import.ts';
import { runImport, runImportJob } from './import/run-import.ts';
import type { Parts } from './parts.ts';
import { findSummaries } from './queries.ts';

/** What follows from our own events; each is safe to run twice. */
export function registerReactions(parts: Parts): void {
  const { core, accounts, authenticator } = parts;
  // The actions do the same at once; these make it sure where a process died in between, and reach every process.
  core.outbox.react(
    reactTo('people.end-sessions-of-suspended', personSuspended, async ({ payload }) => {
      await accounts.endSessions(payload.personId, {});
      authenticator.forget([payload.personId]);
      core.live.cut({ personId: payload.personId });
    }),
  );
  core.outbox.react(
    reactTo('people.close-account-of-erased', personErased, async ({ payload }) => {
      await accounts.close(payload.personId);
      authenticator.forget([payload.personId]);
      core.live.cut({ personId: payload.personId });
    }),
  );
  core.outbox.react(
    reactTo('people.follow-address', addressChanged, async ({ orgId, payload }) => {
      const person = await core.db.read(orgId, async (tx) =>
        (await findSummaries(tx, [payload.personId])).get(payload.personId),
      );
      if (person) await accounts.changeAddress(person.id, person.address);
    }),
  );
  core.outbox.react(
    reactTo('people.cut-revoked-session', sessionRevoked, async ({ payload }) => {
      await accounts.endSessions(payload.personId, { id: payload.sessionId });
      authenticator.forget([payload.personId]);
      core.live.cut({ sessionId: payload.sessionId });
    }),
  );
  core.outbox.react(
    reactTo('people.check-import', importUploaded, async ({ orgId, payload }) => {
      await core.jobs.add(checkImportJob, { orgId, importId: payload.importId }, { key: payload.importId });
    }),
  );
  core.jobs.handle(checkImportJob, (payload, context) => checkImport(parts, payload, context));
  core.outbox.react(
    reactTo('people.start-import', importCommitted, async ({ orgId, payload }) => {
      await core.jobs.add(runImportJob, { orgId, importId: payload.importId }, { key: payload.importId });
    }),
  );
  core.jobs.handle(runImportJob, (payload, context) => runImport(parts, payload, context));
  core.jobs.every('people.sweep-sessions', '23 * * * *', async () => {
    await accounts.sweep();
    await endLapsedSessions(parts);
  });
}
