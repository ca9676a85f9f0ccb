import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { StartError } from '../config/index.ts';

/** The user that runs PostgreSQL where Liaison is started by root. */
export const systemUserName = 'liaison-postgres';

export interface SystemUser {
  uid: number;
  gid: number;
}

const run = promisify(execFile);

/** Finds the unprivileged user for PostgreSQL, and makes it where it is missing. Only for root. */
export async function ensureSystemUser(): Promise<SystemUser> {
  const found = await findUser(systemUserName);
  if (found !== undefined) return found;
  const options = [
    '--system',
    '--user-group',
    '--no-create-home',
    '--home-dir',
    '/nonexistent',
    '--shell',
    '/usr/sbin/nologin',
  ];
  try {
    await run('useradd', [...options, systemUserName], {
      timeout: 20_000,
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
    });
  } catch (error) {
    // Two starts at once: the other one has made it.
    const made = await findUser(systemUserName);
    if (made !== undefined) return made;
    throw new StartError({
      what: 'PostgreSQL refuses to run as root, and no user could be made for it',
      setting: 'DATABASE_URL',
      mend: `make a system user named ${systemUserName}, start Liaison as another user than root, or name a PostgreSQL of your own`,
      cause: error,
    });
  }
  const made = await findUser(systemUserName);
  if (made !== undefined) return made;
  throw new StartError({ what: `the user ${systemUserName} cannot be found`, mend: 'look at /etc/passwd' });
}

async function findUser(name: string): Promise<SystemUser | undefined> {
  const rows = (await readFile('/etc/passwd', 'utf8')).split('\n').map((row) => row.split(':'));
  const row = rows.find((fields) => fields[0] === name);
  if (row === undefined) return undefined;
  const [uid, gid] = [Number(row[2]), Number(row[3])];
  return Number.isInteger(uid) && Number.isInteger(gid) && uid > 0 ? { uid, gid } : undefined;
}
