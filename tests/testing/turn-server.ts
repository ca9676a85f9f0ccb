import { spawn } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLog } from '@liaison/core/log';
import { createTls } from '@liaison/core/tls';
import type { Home } from './networks.ts';
import { until } from './program.ts';

/** Debian's coturn at a public address of the test's own internet. */
export interface TurnServer {
  readonly address: string;
  readonly port: number;
  /** Over TLS. */
  readonly tlsPort: number;
  /** SHA-256 of its certificate's public key, in base64, for browsers that trust nobody who signed it. */
  readonly publicKeyPin: string;
  /** What it wrote so far. */
  log(): Promise<string>;
  stop(): Promise<void>;
}

const port = 3478;
const tlsPort = 443;

/**
 * Starts it as docs/operations/networks.md says, with a secret for credentials that expire, open to that peer alone, and waits
 * until it listens. `home` is an `open` one.
 */
export async function startTurnServer(home: Home, secret: string, peer: string): Promise<TurnServer> {
  const folder = await mkdtemp(join(tmpdir(), 'liaison-turn-'));
  const config = join(folder, 'turnserver.conf');
  const logFile = join(folder, 'log');
  const tls = await createTls({
    settings: { dataFolder: folder, advertise: [home.address] },
    log: createLog({ level: 'error' }),
  });
  const { cert, key } = tls.options();
  tls.stop();
  await writeFile(join(folder, 'certificate.pem'), cert);
  await writeFile(join(folder, 'key.pem'), key);
  const publicKey = new X509Certificate(cert).publicKey.export({ type: 'spki', format: 'der' });
  await writeFile(
    config,
    `${[
      `listening-ip=${home.address}`,
      `relay-ip=${home.address}`,
      `listening-port=${port}`,
      'min-port=50000',
      'max-port=50099',
      'use-auth-secret',
      `static-auth-secret=${secret}`,
      'realm=estuaria.example',
      'fingerprint',
      `tls-listening-port=${tlsPort}`,
      `cert=${join(folder, 'certificate.pem')}`,
      `pkey=${join(folder, 'key.pem')}`,
      'no-dtls',
      'no-cli',
      'no-multicast-peers',
      'denied-peer-ip=0.0.0.0-255.255.255.255',
      `allowed-peer-ip=${peer}`,
      'verbose',
      `userdb=${join(folder, 'turndb')}`,
      `pidfile=${join(folder, 'pid')}`,
      `log-file=${logFile}`,
      'simple-log',
      'relay-threads=1',
    ].join('\n')}\n`,
  );
  const [program, ...enter] = home.enter;
  const child = spawn(program, [...enter, 'turnserver', '-c', config], { stdio: 'ignore' });
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  const log = () => readFile(logFile, 'utf8').catch(() => '');
  async function stop() {
    child.kill('SIGTERM');
    const cut = setTimeout(() => child.kill('SIGKILL'), 3000);
    await exited;
    clearTimeout(cut);
    await rm(folder, { recursive: true, force: true });
  }
  try {
    await until(async () => /listener opened on/i.test(await log()), 'coturn listens');
  } catch (error) {
    const written = await log();
    await stop();
    throw new Error(`${error instanceof Error ? error.message : error}: ${written.slice(-800)}`);
  }
  return {
    address: home.address,
    port,
    tlsPort,
    publicKeyPin: createHash('sha256').update(publicKey).digest('base64'),
    log,
    stop,
  };
}
