import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';

/** The program as it is started by an operator, on an empty data folder and free ports. */
export interface RunningServer {
  /** `http://localhost:…`: a name, because passkeys belong to one. */
  readonly url: string;
  /** The one-time link of the first start. */
  readonly setupLink: string;
  /** Runs a statement as the database's own superuser: for what cannot be brought about from outside. */
  database(sql: string): Promise<void>;
  close(): Promise<void>;
}

const program = fileURLToPath(new URL('../../../../apps/server/main.ts', import.meta.url));
const startWithinMs = 90_000;

/** Starts the server with the built web app; `close` ends it and removes its data. */
export async function startServer(): Promise<RunningServer> {
  const data = await mkdtemp(join(tmpdir(), 'liaison-people-'));
  const child = spawn(process.execPath, [program], {
    env: {
      ...process.env,
      // Not through a front of Vitest's: this is another program.
      NODE_OPTIONS: '',
      LIAISON_DATA: data,
      LIAISON_BIND: '127.0.0.1',
      LIAISON_HTTP_PORT: '0',
      LIAISON_HTTPS_PORT: '0',
      LIAISON_SIP_PORT: '0',
      LIAISON_SIPS_PORT: '0',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  const link = new Promise<string>((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`the server did not start:\n${said}`)), startWithinMs);
    const hear = (chunk: Buffer): void => {
      said += chunk.toString();
      const found = /(http:\/\/\S+)\/setup#[\w-]+/.exec(said);
      if (!found) return;
      clearTimeout(late);
      resolve(found[0]);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.on('exit', (status) => {
      clearTimeout(late);
      reject(new Error(`the server ended with ${status}:\n${said}`));
    });
  });
  try {
    const setupLink = await link;
    return {
      url: new URL(setupLink).origin,
      setupLink,
      async database(sql) {
        const port = /"part":"postgres"[^\n]*"port":(\d+)/.exec(said)?.[1];
        const secret = (await readFile(join(data, 'postgres', 'password'), 'utf8')).trim();
        const client = new pg.Client(`postgres://postgres:${secret}@127.0.0.1:${port}/liaison`);
        await client.connect();
        try {
          await client.query(sql);
        } finally {
          await client.end();
        }
      },
      close: () => end(child, data),
    };
  } catch (error) {
    await end(child, data);
    throw error;
  }
}

async function end(child: ChildProcess, data: string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    await gone;
  }
  await rm(data, { recursive: true, force: true });
}
