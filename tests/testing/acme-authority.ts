import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { join } from 'node:path';
import { createLog } from '@liaison/core/log';
import { freePort } from '@liaison/core/testing';
import { createTls } from '@liaison/core/tls';
import { until } from './program.ts';

/** Debian's pebble: an authority that gives certificates to whoever shows that a name is his (ACME), for names that lead here. */
export interface AcmeAuthority {
  readonly directory: string;
  /** Of the authority's own door: what a client must trust to ask it. */
  readonly doorPem: string;
  /** Of whoever signs what it gives. */
  rootPem(): Promise<string>;
  stop(): Promise<void>;
}

/**
 * @param ports where it looks whether a name is somebody's: of HTTP and of TLS.
 * @param validSeconds how long what it gives holds.
 */
export async function startAcmeAuthority(options: {
  folder: string;
  ports: { http: number; tls: number };
  validSeconds: number;
}): Promise<AcmeAuthority> {
  const { folder, ports, validSeconds } = options;
  const tls = await createTls({
    settings: { dataFolder: folder, advertise: ['127.0.0.1'] },
    log: createLog({ level: 'silent' }),
  });
  tls.stop();
  const doorPem = tls.authority?.pem ?? '';
  const [certificate, privateKey] = [join(folder, 'door.pem'), join(folder, 'door.key')];
  await writeFile(certificate, tls.options().cert);
  await writeFile(privateKey, tls.options().key);
  const [port, managementPort, names] = [await freePort(), await freePort(), await everyNameIsHere()];
  const configFile = join(folder, 'pebble.json');
  await writeFile(
    configFile,
    JSON.stringify({
      pebble: {
        listenAddress: `127.0.0.1:${port}`,
        managementListenAddress: `127.0.0.1:${managementPort}`,
        certificate,
        privateKey,
        httpPort: ports.http,
        tlsPort: ports.tls,
        certificateValidityPeriod: validSeconds,
      },
    }),
  );
  const child: ChildProcess = spawn(
    'pebble',
    ['-config', configFile, '-dnsserver', `127.0.0.1:${names.port}`],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      // Otherwise it waits some seconds before it looks, and refuses some requests on purpose.
      env: { ...process.env, PEBBLE_VA_NOSLEEP: '1', PEBBLE_WFE_NONCEREJECT: '0', PEBBLE_AUTHZREUSE: '100' },
    },
  );
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (data: Buffer) => {
      said = (said + String(data)).slice(-5000);
    });
  const ended = once(child, 'exit');
  const directory = `https://127.0.0.1:${port}/dir`;
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    await ended;
    names.close();
  };
  try {
    await until(async () => {
      if (child.exitCode !== null) throw new Error(`pebble ended: ${said}`);
      return (await get(directory, doorPem)) !== null;
    }, 'pebble answers');
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    directory,
    doorPem,
    rootPem: async () => (await get(`https://127.0.0.1:${managementPort}/roots/0`, doorPem)) ?? '',
    stop,
  };
}

/** The body of an answer, or null as long as there is none. */
const get = (url: string, ca: string): Promise<string | null> =>
  new Promise((resolve) => {
    const asked = request(url, { ca, agent: false }, (answer) => {
      let body = '';
      answer.on('data', (data: Buffer) => {
        body += String(data);
      });
      answer.on('end', () => resolve(answer.statusCode === 200 ? body : null));
    });
    asked.on('error', () => resolve(null));
    asked.end();
  });

/** A DNS server for which every name is the loopback's. */
async function everyNameIsHere(): Promise<{ port: number; close(): void }> {
  const socket = createSocket('udp4');
  socket.on('message', (question, { port, address }) => {
    let end = 12;
    while (end < question.length && question[end] !== 0) end += (question[end] ?? 0) + 1;
    end += 5;
    if (end > question.length) return;
    const isAddress = question.readUInt16BE(end - 4) === 1;
    const head = Buffer.from(question.subarray(0, end));
    // An answer that says all there is, to one question; more sections there are none.
    head.writeUInt16BE(0x8180, 2);
    head.writeUInt16BE(1, 4);
    head.writeUInt16BE(isAddress ? 1 : 0, 6);
    head.writeUInt32BE(0, 8);
    // The name of the question, A, IN, for a minute, four bytes.
    const answer = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 1]);
    socket.send(isAddress ? Buffer.concat([head, answer]) : head, port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return { port: socket.address().port, close: () => socket.close() };
}
