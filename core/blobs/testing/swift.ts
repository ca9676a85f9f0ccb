import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort } from '../../testing/free-port.ts';

/** Debian's OpenStack Swift with its S3 face on the loopback: an S3 store that others wrote. */
export interface Swift {
  readonly port: number;
  readonly keyId: string;
  readonly secret: string;
  /** By Swift's own interface, as an operator of it would. */
  makeBucket(name: string): Promise<void>;
  stop(): Promise<void>;
}

const run = promisify(execFile);
const tiers = ['account', 'container', 'object'] as const;

/** What nine runs of `swift-ring-builder` do, in one: each takes a second to start. */
const makeRings = `
import sys
from swift.common.ring import RingBuilder
folder, ports = sys.argv[1], sys.argv[2:]
for tier, port in zip(${JSON.stringify(tiers)}, ports):
    ring = RingBuilder(1, 1, 1)
    ring.add_dev(dict(id=0, region=1, zone=1, ip='127.0.0.1', port=int(port), device='d1', weight=1.0))
    ring.rebalance()
    ring.get_ring().save(folder + '/' + tier + '.ring.gz')
`;

export async function startSwift(): Promise<Swift> {
  const folder = await mkdtemp(join(tmpdir(), 'liaison-swift-'));
  const children: ChildProcess[] = [];
  const stop = async () => {
    for (const child of children) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    }
    await rm(folder, { recursive: true, force: true });
  };
  let fault: string | undefined;
  const start = (program: string, args: string[]) => {
    // Swift says what it has to say to the system's log, and to its error stream why it could not begin.
    const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr?.setEncoding('utf8').on('data', (part: string) => {
      said = (said + part).slice(-2000);
    });
    child.on('error', (error) => {
      fault ??= `${program}: ${error.message}`;
    });
    child.on('exit', (code, signal) => {
      fault ??= `${program} ended (${code ?? signal}): ${said.trim()}`;
    });
    children.push(child);
  };
  try {
    await mkdir(join(folder, 'disks', 'd1'), { recursive: true });
    const [cachePort, port, ...ports] = await Promise.all([freePort(), freePort(), ...tiers.map(freePort)]);
    start('memcached', ['-u', userInfo().username, '-l', '127.0.0.1', '-p', String(cachePort), '-m', '16']);
    await run('/usr/bin/python3', ['-c', makeRings, folder, ...ports.map(String)]);
    for (const [at, tier] of tiers.entries()) {
      const file = await configure(folder, `${tier}-server`, ports[at]!, { devices: join(folder, 'disks') });
      start(`swift-${tier}-server`, [file]);
    }
    const keyId = 'liaison:blobs';
    const secret = 'low-water-at-noon';
    start('swift-proxy-server', [
      await configure(folder, 'proxy-server', port!, {}, proxyFilters(cachePort!, secret)),
    ]);
    const deadline = Date.now() + 100_000;
    while (
      !(await fetch(`http://127.0.0.1:${port}/healthcheck`).then(
        ({ ok }) => ok,
        () => false,
      ))
    ) {
      if (fault) throw new Error(`Swift did not start: ${fault}`);
      if (Date.now() > deadline) throw new Error('Swift did not answer in 100 s');
      await pause(50);
    }
    const makeBucket = async (name: string) => {
      const headers = { 'x-auth-user': keyId, 'x-auth-key': secret };
      const signedIn = await fetch(`http://127.0.0.1:${port}/auth/v1.0`, { headers });
      const token = signedIn.headers.get('x-auth-token') ?? '';
      const make = () =>
        fetch(`${signedIn.headers.get('x-storage-url')}/${name}`, {
          method: 'PUT',
          headers: { 'x-auth-token': token },
        });
      // The face answers before what stands behind it does.
      let made = await make();
      for (; made.status === 503 && !fault && Date.now() < deadline; made = await make()) await pause(100);
      if (!made.ok) throw new Error(`Swift made no bucket: ${made.status} ${fault ?? ''}`);
    };
    return { port: port!, keyId, secret, makeBucket, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function configure(
  folder: string,
  app: string,
  port: number,
  more: Record<string, string>,
  filters: Record<string, Record<string, string | number>> = {},
): Promise<string> {
  const section = (name: string, values: Record<string, string | number>) =>
    [`[${name}]`, ...Object.entries(values).map(([key, value]) => `${key} = ${value}`), ''].join('\n');
  const common = {
    bind_ip: '127.0.0.1',
    bind_port: port,
    workers: 0,
    user: userInfo().username,
    swift_dir: folder,
    mount_check: 'false',
    disable_fallocate: 'true',
    ...more,
  };
  const text = [
    section('DEFAULT', common),
    section('pipeline:main', { pipeline: [...Object.keys(filters), app].join(' ') }),
    section(`app:${app}`, {
      use: `egg:swift#${app.replace('-server', '')}`,
      account_autocreate: 'true',
      // On a busy machine a server behind it may take long; otherwise after ten such answers it would not be asked for a minute.
      conn_timeout: 30,
      node_timeout: 60,
      error_suppression_limit: 1_000_000,
    }),
    ...Object.entries(filters).map(([name, values]) =>
      section(`filter:${name}`, { use: `egg:swift#${name}`, ...values }),
    ),
  ];
  const file = join(folder, `${app}.conf`);
  await writeFile(file, text.join('\n'));
  return file;
}

const proxyFilters = (cachePort: number, secret: string) => ({
  catch_errors: {},
  gatekeeper: {},
  healthcheck: {},
  memcache: { memcache_servers: `127.0.0.1:${cachePort}` },
  listing_formats: {},
  // So few that every listing has several pages.
  s3api: { location: 'eu', max_bucket_listing: 3 },
  tempauth: { user_liaison_blobs: `${secret} .admin` },
  slo: {},
});
