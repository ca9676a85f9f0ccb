import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { createBlobs } from '@liaison/core/blobs';
import { createBus } from '@liaison/core/bus';
import { programVersion, type Settings } from '@liaison/core/config';
import { createDb, migrate } from '@liaison/core/db';
import { createCore, keyMarks, rolePassword } from '@liaison/core/floor';
import type { Log } from '@liaison/core/log';
import { openSecrets } from '@liaison/core/secrets';
import { compose, migrations, type Suite } from './compose.ts';
import { databaseError } from './database-error.ts';
import type { Lifecycle } from './lifecycle.ts';

export { openBackups } from './backups.ts';
export { openDoors, openTls } from './doors.ts';
export { drain } from './drain.ts';
export { servicesFor } from './duties.ts';

/** Brings the database of that address up to date and puts the whole suite on it. Nothing of it runs yet. */
export async function assemble(options: {
  settings: Settings;
  /** Address of the database, for a login that may create roles. */
  url: string;
  log: Log;
  say: (line: string) => void;
  lifecycle: Lifecycle;
}): Promise<Suite> {
  const { settings, url, log, say, lifecycle } = options;
  const isExternal = settings.databaseUrl !== undefined;
  const secrets = await openSecrets({ dataFolder: settings.dataFolder });
  const password = rolePassword(secrets);
  try {
    const marks = keyMarks(secrets);
    const { applied } = await migrate({
      url,
      password,
      keyMarks: marks,
      sources: migrations,
      version: programVersion(process.env),
      log,
    });
    if (applied > 0) say(`Database brought up to date (${applied} ${applied === 1 ? 'step' : 'steps'})`);
  } catch (error) {
    throw databaseError(error, isExternal, settings.dataFolder);
  }
  const db = createDb({ url, password, log: log.child({ part: 'db' }) });
  lifecycle.atEnd('db', () => db.close());
  const bus = createBus(settings.natsUrl, log.child({ part: 'bus' }));
  lifecycle.atEnd('bus', () => bus.close());
  const blobs = await createBlobs(settings.blobsUrl);
  return compose(createCore({ settings, log, secrets, db, bus, blobs, build: await buildName() }));
}

/** Pages of another build offer to reload themselves: the name changes with what they are made of. */
async function buildName(): Promise<string> {
  const index = fileURLToPath(new URL('../web/dist/index.html', import.meta.url));
  if (!existsSync(index)) return 'none';
  const { createHash } = await import('node:crypto');
  return createHash('sha256')
    .update(await readFile(index))
    .digest('hex')
    .slice(0, 12);
}
