import { type ContentRead, type ContentSource, readAllContent } from '@liaison/core/content';
import type { Tx } from '@liaison/core/db';
import type { Core } from '@liaison/core/floor';
import { organisationsToRead } from './across-organisations.ts';
import { formVersion } from './index-documents.ts';

/** As it is kept in `search.reading`: another form of the document or of what is made of it is another version. */
const versionOf = ({ version }: Pick<ContentSource, 'version'>): number => version * 1000 + formVersion;

/**
 * Reads everything there is of kinds that are new, or that are made in another way than before: once a minute whoever was not
 * read to the end goes on where it stopped, in one process of all. What changes meanwhile is followed as ever.
 */
export function readAnew(
  { jobs, db }: Pick<Core, 'jobs' | 'db'>,
  name: `${string}.${string}`,
  sources: readonly ContentSource[],
  keep: (tx: Tx, read: ContentRead) => Promise<void>,
): { run(signal?: AbortSignal): Promise<void> } {
  const kinds = sources.map((source) => ({ kind: source.kind as string, version: versionOf(source) }));
  const run = async (signal?: AbortSignal): Promise<void> => {
    for (const orgId of await organisationsToRead(db, kinds)) {
      for (const source of sources) {
        if (signal?.aborted) return;
        await readKind(orgId, source, signal);
      }
    }
  };
  const readKind = async (orgId: string, source: ContentSource, signal?: AbortSignal): Promise<void> => {
    const version = versionOf(source);
    const [state] = await db.transaction(orgId, (tx) =>
      tx.query<{ reached: string | null; is_done: boolean }>(
        `insert into search.reading as r (org_id, kind, version) values ($1, $2, $3)
         on conflict (org_id, kind) do update set version = excluded.version,
           reached = case when r.version = excluded.version then r.reached end,
           done_at = case when r.version = excluded.version then r.done_at end
         returning reached, done_at is not null as is_done`,
        [orgId, source.kind, version],
      ),
    );
    if (state?.is_done !== false) return;
    const write = (tx: Tx, set: string, value: unknown) =>
      tx.query(`update search.reading set ${set} where org_id = $1 and kind = $2 and version = $3`, [
        orgId,
        source.kind,
        version,
        value,
      ]);
    await readAllContent(db, name, orgId, source, keep, {
      after: state.reached,
      reached: async (tx, id) => void (await write(tx, 'reached = $4', id)),
      ...(signal ? { signal } : {}),
    });
    if (!signal?.aborted) {
      await db.transaction(orgId, (tx) => write(tx, 'done_at = $4', new Date()));
    }
  };
  jobs.every('search.read-anew', '* * * * *', ({ signal }) => run(signal));
  return { run };
}
