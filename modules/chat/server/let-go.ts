import type { Core } from '@liaison/core/floor';
import type { SentFiles } from '@liaison/files';
import { organisationsWithFiles } from './across-organisations.ts';

const pageRows = 500;

/** Each night: what was deleted for ever in Files is kept by no message either. */
export function serveLettingGo({ db, jobs }: Pick<Core, 'db' | 'jobs'>, files: SentFiles): void {
  jobs.every('chat.let-go-of-files', '41 3 * * *', async ({ signal }) => {
    for (const orgId of await organisationsWithFiles(db)) {
      if (signal.aborted) return;
      await letGoOfFiles({ db }, files, orgId);
    }
  });
}

/** Lets go of the bytes of attachments whose files are gone; the message says what was there. Safe to run twice. */
export async function letGoOfFiles({ db }: Pick<Core, 'db'>, files: SentFiles, orgId: string): Promise<void> {
  let after: string | null = null;
  do {
    after = await db.transaction(orgId, async (tx): Promise<string | null> => {
      const rows = await tx.query<{ id: string; node_id: string }>(
        `select id, node_id from chat.attachment
         where node_id is not null and sha256 <> '' and ($1::uuid is null or id > $1) order by id limit $2`,
        [after, pageRows],
      );
      const { there } = await files.find(
        tx,
        rows.map(({ node_id }) => node_id),
      );
      const gone = rows.filter(({ node_id }) => !there.has(node_id)).map(({ id }) => id);
      if (gone.length > 0) {
        await tx.query(
          "update chat.attachment set sha256 = '', preview_sha256 = null where id = any($1::uuid[])",
          [gone],
        );
      }
      return rows.length < pageRows ? null : rows.at(-1)!.id;
    });
  } while (after !== null);
}
