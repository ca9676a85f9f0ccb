import type { PersonActor } from '@liaison/core/contract';
import { mayAdminister, requireAdministrator } from '../access.ts';
import { readCsv } from '../import/read-csv.ts';
import { validateLines } from '../import/validate-lines.ts';
import type { Parts } from '../parts.ts';
import { findOrganisation } from '../queries.ts';
import type { PeopleTables } from '../tables.ts';

/** Validates a whole list and keeps it with its report; nobody is created yet. @returns the import's id. */
export async function uploadImport(
  { core }: Parts,
  actor: PersonActor,
  file: { bytes: Uint8Array; fileName: string; region?: string | undefined },
): Promise<string> {
  requireAdministrator(actor);
  const lines = await readCsv(file.bytes);
  const rules = await core.db.read(actor.orgId, async (tx) => {
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
      if (holder === actor.orgId) domains.add(domain);
    }
    return {
      domains,
      takenAddresses: new Set(rows.map((row) => row.address)),
      takenExtensions: new Set(rows.flatMap((row) => (row.extension ? [row.extension] : []))),
      mayGive: (role: Parameters<typeof mayAdminister>[1]) => mayAdminister(actor, role),
      region: file.region,
      timeZone: organisation.timeZone,
    };
  });
  const { accepted, refused } = await validateLines(lines, rules);

  const byLine = new Map<number, typeof refused>();
  for (const fault of refused) byLine.set(fault.line, [...(byLine.get(fault.line) ?? []), fault]);
  const rows = [
    ...accepted.map((content) => ({ line: content.line, state: 'accepted', content: content as unknown })),
    ...[...byLine].map(([line, faults]) => ({ line, state: 'refused', content: { faults } as unknown })),
  ];
  const id = core.ids.next();
  await core.db.transaction(actor.orgId, async (tx) => {
    await tx
      .as<PeopleTables>()
      .insertInto('people.import')
      .values({
        id,
        org_id: actor.orgId,
        created_by: actor.personId,
        file_name: file.fileName,
        region: file.region ?? null,
        state: 'validated',
        lines: lines.length,
      })
      .execute();
    for (let at = 0; at < rows.length; at += 2000) {
      await tx.query(
        `insert into people.import_line (import_id, org_id, line, state, content)
         select $1, core.current_org(), r.line, r.state, r.content
         from jsonb_to_recordset($2::jsonb) as r(line integer, state text, content jsonb)`,
        [id, JSON.stringify(rows.slice(at, at + 2000))],
      );
    }
    await core.audit.record(tx, {
      action: 'people.import-uploaded',
      subjectId: id,
      details: { lines: lines.length, accepted: accepted.length, refused: byLine.size },
    });
  });
  return id;
}
