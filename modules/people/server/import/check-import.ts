import { setImmediate as breathe } from 'node:timers/promises';
import type { Role } from '@liaison/core/contract';
import { defineJob, type JobContext } from '@liaison/core/jobs';
import { z } from 'zod';
import { importProgressed } from '../../contract/index.ts';
import { roleAdministers } from '../access.ts';
import type { Parts } from '../parts.ts';
import { findOrganisation, personalSpaceOf } from '../queries.ts';
import type { PeopleTables } from '../tables.ts';
import { type RawLine, readCsv } from './read-csv.ts';
import { createLineCheck, type ImportRules } from './validate-lines.ts';

export const checkImportJob = defineJob({
  name: 'people.check-import',
  payload: z.object({ orgId: z.uuid(), importId: z.uuid() }),
});

/** Lines that are checked and written in one step. */
const stepLines = 1000;

/**
 * Holds an uploaded list against the rules, step by step; each step is one transaction that also says how far it is.
 * Ends as soon as somebody forgets the list. Whoever goes on after a crash looks at all lines again, because a later one
 * may repeat an earlier one, and writes those that are not there yet.
 */
export async function checkImport(
  { core }: Parts,
  { orgId, importId }: { orgId: string; importId: string },
  { signal }: Pick<JobContext, 'signal'>,
): Promise<void> {
  const found = await core.db.read(orgId, async (tx) =>
    tx
      .as<PeopleTables>()
      .selectFrom('people.import')
      .select(['file', 'region', 'created_by', 'checked', 'state'])
      .where('id', '=', importId)
      .executeTakeFirst(),
  );
  if (found?.state !== 'checking' || !found.file) return;
  const lines = await readCsv(found.file);
  const check = await createLineCheck(await rulesFor(core, orgId, lines, found.created_by, found.region));

  for (let from = 0; from === 0 || from < lines.length; from += stepLines) {
    const step = lines.slice(from, from + stepLines);
    const rows: { line: number; state: 'accepted' | 'refused'; content: unknown }[] = [];
    for (const [i, raw] of step.entries()) {
      // A long list stops nobody else's requests.
      if (i % 100 === 99) await breathe();
      const { accepted, faults } = check(raw);
      rows.push(
        accepted
          ? { line: raw.line, state: 'accepted', content: accepted }
          : { line: raw.line, state: 'refused', content: { faults } },
      );
    }
    if (signal.aborted) return;
    const checked = from + step.length;
    if (checked <= found.checked && checked < lines.length) continue;
    const goesOn = await core.db.transaction(orgId, async (tx) => {
      const db = tx.as<PeopleTables>();
      const now = await db
        .selectFrom('people.import')
        .select(['state', 'checked'])
        .where('id', '=', importId)
        .forUpdate()
        .executeTakeFirst();
      if (now?.state !== 'checking') return false;
      const fresh = rows.slice(Math.max(0, now.checked - from));
      await tx.query(
        `insert into people.import_line (import_id, org_id, line, state, content)
         select $1, core.current_org(), r.line, r.state, r.content
         from jsonb_to_recordset($2::jsonb) as r(line integer, state text, content jsonb)`,
        [importId, JSON.stringify(fresh)],
      );
      const finished = checked >= lines.length;
      const accepted = fresh.filter((row) => row.state === 'accepted').length;
      await db
        .updateTable('people.import')
        .set((eb) => ({
          checked,
          accepted: eb('accepted', '+', accepted),
          refused: eb('refused', '+', fresh.length - accepted),
          ...(finished ? { state: 'validated' as const, file: null } : {}),
        }))
        .where('id', '=', importId)
        .execute();
      const personalSpaceId = await personalSpaceOf(tx, found.created_by);
      if (personalSpaceId) {
        core.outbox.emit(tx, importProgressed, {
          personalSpaceId,
          importId,
          phase: 'checking',
          done: checked,
          total: lines.length,
          finished,
        });
      }
      return true;
    });
    if (!goesOn) return;
  }
}

async function rulesFor(
  core: Parts['core'],
  orgId: string,
  lines: readonly RawLine[],
  uploaderId: string,
  region: string | null,
): Promise<ImportRules> {
  return core.db.read(orgId, async (tx) => {
    const organisation = await findOrganisation(tx);
    const rows = await tx.query<{ address: string; extension: string | null }>(
      `select address, extension from people.person where org_id = core.current_org() and status <> 'erased'`,
    );
    const named = new Set(
      lines.map(({ values }) => (values.address ?? '').toLowerCase().trim().split('@').pop() ?? ''),
    );
    const domains = new Set<string>();
    for (const domain of [...named].slice(0, 200)) {
      if (!/^[a-z0-9.-]{1,253}$/.test(domain)) continue;
      const holder = await core.names.holder(tx, { kind: 'domain', name: domain }).catch(() => null);
      if (holder === orgId) domains.add(domain);
    }
    // Her role as it is now: whoever lost it meanwhile gives none.
    const uploader: Role | null = await core.spaces.roleOf(tx, orgId, uploaderId);
    return {
      domains,
      takenAddresses: new Set(rows.map((row) => row.address)),
      takenExtensions: new Set(rows.flatMap((row) => (row.extension ? [row.extension] : []))),
      mayGive: (role) => uploader !== null && roleAdministers(uploader, role),
      region: region ?? undefined,
      timeZone: organisation.timeZone,
    };
  });
}
