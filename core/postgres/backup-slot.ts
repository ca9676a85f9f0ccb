import pg from 'pg';
import type { Log } from '../log/index.ts';

/** The replication slot by which backups follow the log: the server keeps all that is not in the store yet. */
export const backupSlot = 'liaison_backup';

/** Where there are no backups any more nobody reads the log, and the server must not keep it for ever. */
export async function letBackupSlotGo(url: string, log: Log): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  try {
    await client.connect();
    const { rows } = await client.query(
      'SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1 AND NOT active',
      [backupSlot],
    );
    if (rows.length > 0) log.warn({}, 'there are no backups any more: the database keeps no log for them');
  } catch (error) {
    // A login that may not look has made none either.
    log.debug({ err: error }, 'whether the database keeps log for backups could not be asked');
  } finally {
    await client.end().catch(() => {});
  }
}
