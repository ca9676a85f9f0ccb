import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createLog } from '@liaison/core/log';
import { startEmbeddedPostgres } from '@liaison/core/postgres';
import pg from 'pg';
import { processTree } from '../measure/process-tree.ts';
import { endOnSignal, freePort, pinned, serverCore } from '../measure/server.ts';
import type { Account } from './register-generator.ts';

/** Debian's kamailio on the core of whatever is measured. */
export interface Kamailio {
  readonly port: number;
  readonly version: string;
  /** Of kamailio and, where it has one, of its PostgreSQL. */
  cpuSeconds(): number;
  stop(): Promise<void>;
}

const PROGRAM = '/usr/sbin/kamailio';
const SCHEMAS = '/usr/share/kamailio/postgres';

/** Its version; undefined where it, or its PostgreSQL module, is not installed. */
export async function kamailioVersion(): Promise<string | undefined> {
  const said = spawnSync(PROGRAM, ['-v'], { encoding: 'utf8' });
  const schema = await readFile(`${SCHEMAS}/usrloc-create.sql`, 'utf8').catch(() => undefined);
  return schema === undefined ? undefined : /^version: kamailio (\S+)/m.exec(said.stdout ?? '')?.[1];
}

/** What both uses begin with: one socket, a few workers so that one may wait while others work. */
const head = (port: number, workers: number) => `#!KAMAILIO
debug=-1
log_stderror=yes
fork=yes
children=${workers}
disable_tcp=yes
auto_aliases=no
listen=udp:127.0.0.1:${port}
mpath="/usr/lib/x86_64-linux-gnu/kamailio/modules/"
`;

async function run(
  folder: string,
  port: number,
  config: string,
): Promise<{ pid: number; stop(): Promise<void> }> {
  await mkdir(folder, { recursive: true });
  const file = join(folder, 'kamailio.cfg');
  await writeFile(file, config);
  const [program, args] = pinned(serverCore, PROGRAM, ['-f', file, '-DD', '-E', '-Y', folder, '-m', '256']);
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  endOnSignal(child);
  let output = '';
  child.stderr.on('data', (bytes: Buffer) => {
    output = (output + String(bytes)).slice(-4000);
  });
  await isListening(port, () => {
    if (child.exitCode !== null) throw new Error(`kamailio ended: ${output}`);
  });
  return {
    pid: child.pid!,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), 10_000);
      await ended;
      clearTimeout(late);
    },
  };
}

/** Until the port is bound, as the kernel tells. */
async function isListening(port: number, check: () => void): Promise<void> {
  const place = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const deadline = Date.now() + 15_000;
  while (!(await readFile('/proc/net/udp', 'latin1')).includes(place)) {
    check();
    if (Date.now() > deadline) throw new Error('kamailio did not open its socket');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/**
 * A registrar: accounts and bindings in a PostgreSQL of its own, started like ours (same program, same settings, on the
 * same disk and core). Every binding is written through before its 200 (`db_mode` 1), as ours is.
 */
export async function startKamailioRegistrar(
  folder: string,
  version: string,
  domain: string,
  accounts: readonly Account[],
): Promise<Kamailio> {
  const postgres = await startEmbeddedPostgres({
    dataFolder: join(folder, 'database'),
    log: createLog({ level: 'error' }),
  });
  try {
    spawnSync('taskset', ['-a', '-cp', String(serverCore), String(postgres.pid)]);
    const client = new pg.Client({ connectionString: postgres.url });
    await client.connect();
    try {
      for (const name of ['standard', 'auth_db', 'usrloc']) {
        await client.query(await readFile(`${SCHEMAS}/${name}-create.sql`, 'utf8'));
      }
      await client.query(
        `insert into subscriber (username, domain, ha1)
         select u, $1::text, md5(u || ':' || $1::text || ':' || s) from unnest($2::text[], $3::text[]) as t(u, s)`,
        [domain, accounts.map(({ username }) => username), accounts.map(({ secret }) => secret)],
      );
      await client.query('vacuum analyze subscriber');
    } finally {
      await client.end();
    }
    const port = await freePort();
    const url = postgres.url;
    const modules = [
      'db_postgres',
      'tm',
      'sl',
      'pv',
      'textops',
      'siputils',
      'usrloc',
      'registrar',
      'auth',
      'auth_db',
    ];
    const kamailio = await run(
      join(folder, 'registrar'),
      port,
      `${head(port, 8)}
${modules.map((name) => `loadmodule "${name}.so"`).join('\n')}
modparam("usrloc", "db_mode", 1)
modparam("usrloc", "db_url", "${url}")
modparam("usrloc", "use_domain", 1)
modparam("registrar", "default_expires", 600)
modparam("auth", "nonce_count", 1)
modparam("auth", "nonce_expire", 300)
modparam("auth_db", "db_url", "${url}")
modparam("auth_db", "calculate_ha1", 0)
modparam("auth_db", "password_column", "ha1")
modparam("auth_db", "use_domain", 1)
modparam("auth_db", "load_credentials", "")
request_route {
  if (!is_method("REGISTER")) { sl_send_reply("405", "Method Not Allowed"); exit; }
  if (!www_authorize("$td", "subscriber")) { www_challenge("$td", "1"); exit; }
  if (!save("location")) { sl_reply_error(); }
  exit;
}
`,
    );
    return {
      port,
      version,
      cpuSeconds: () => processTree(kamailio.pid).cpuSeconds + processTree(postgres.pid).cpuSeconds,
      async stop() {
        await kamailio.stop();
        await postgres.stop();
      },
    };
  } catch (error) {
    await postgres.stop();
    throw error;
  }
}

/** What every caller of the proxy signs in with. */
export const proxySecret = 'bench-secret';

/**
 * A stateful proxy with record routing: no database, no media, no call records. Callers sign in with one secret, so that
 * as many messages pass as with us; who is called is where `called` says.
 */
export async function startKamailioProxy(folder: string, version: string, called: number): Promise<Kamailio> {
  const port = await freePort();
  const modules = ['tm', 'sl', 'pv', 'rr', 'textops', 'siputils', 'auth'];
  const kamailio = await run(
    join(folder, 'proxy'),
    port,
    `${head(port, 1)}
${modules.map((name) => `loadmodule "${name}.so"`).join('\n')}
request_route {
  if (is_method("CANCEL")) { if (t_check_trans()) t_relay(); exit; }
  if (has_totag()) {
    if (loose_route()) { t_relay(); exit; }
    if (is_method("ACK")) { if (t_check_trans()) t_relay(); exit; }
    sl_send_reply("404", "Not here"); exit;
  }
  if (is_method("ACK")) { t_check_trans(); exit; }
  if (!is_method("INVITE")) { sl_send_reply("405", "Method Not Allowed"); exit; }
  if (!pv_www_authenticate("$fd", "${proxySecret}", "0")) { www_challenge("$fd", "1"); exit; }
  consume_credentials();
  record_route();
  $du = "sip:127.0.0.1:${called}";
  t_relay();
  exit;
}
`,
  );
  return {
    port,
    version,
    cpuSeconds: () => processTree(kamailio.pid).cpuSeconds,
    stop: () => kamailio.stop(),
  };
}
