import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const mainFile = fileURLToPath(new URL('../../apps/server/main.ts', import.meta.url));

/** What a started program printed when it was ready. */
export interface Ready {
  readonly url: string;
  readonly httpsPort: number;
  readonly sipPort: number | null;
  readonly sipTcpPort: number | null;
  readonly setupToken: string | undefined;
  readonly seconds: number;
}

/** The real program as a process of its own, in a process group of its own. */
export interface Program {
  readonly pid: number;
  out(): string;
  err(): string;
  /** Resolves when it says so; rejects with all it printed when it ends before that. */
  ready(): Promise<Ready>;
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  kill(signal: NodeJS.Signals): void;
  /** As a terminal does with Ctrl-C. */
  killGroup(signal: NodeJS.Signals): void;
}

/** A folder that PostgreSQL's user can reach too; whoever asks removes it. */
export function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'liaison-start-'));
  chmodSync(folder, 0o711);
  return folder;
}

/** Starts it on the loopback with every port free, unless `env` says otherwise. */
export function startProgram(
  dataFolder: string,
  env: Readonly<Record<string, string>> = {},
  options: { uid?: number; gid?: number } = {},
): Program {
  const child: ChildProcess = spawn(process.execPath, [mainFile], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH,
      HOME: '/nonexistent',
      LIAISON_DATA: dataFolder,
      LIAISON_BIND: '127.0.0.1',
      LIAISON_ADVERTISE: '127.0.0.1',
      LIAISON_HTTP_PORT: '0',
      LIAISON_HTTPS_PORT: '0',
      LIAISON_SIP_PORT: '0',
      LIAISON_SIPS_PORT: '0',
      LIAISON_RTP_PORTS: '0',
      ...env,
    },
    ...options,
  });
  let [out, err] = ['', ''];
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  let hasEnded = false;
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('close', (code, signal) => {
      hasEnded = true;
      resolve({ code, signal });
    });
  });
  const pid = child.pid ?? 0;
  return {
    pid,
    ended,
    out: () => out,
    err: () => err,
    async ready() {
      for (const deadline = Date.now() + 90_000; Date.now() < deadline; await sleep(10)) {
        const seconds = /Liaison is ready \(([\d.]+) s\)[\s\S]*Ctrl-C ends it/.exec(out)?.[1];
        if (seconds !== undefined) {
          const { httpPort, httpsPort, sip } = readyLine(out);
          return {
            url: `http://localhost:${httpPort}`,
            httpsPort,
            sipPort: sip.udpPort,
            sipTcpPort: sip.tcpPort,
            setupToken: /\/setup#([\w-]+)/.exec(out)?.[1],
            seconds: Number(seconds),
          };
        }
        if (hasEnded) break;
      }
      throw new Error(`it did not get ready:\n${out}\n${err}`);
    },
    kill: (signal) => void child.kill(signal),
    killGroup: (signal) => void process.kill(-pid, signal),
  };
}

function readyLine(out: string): {
  httpPort: number;
  httpsPort: number;
  sip: { udpPort: number | null; tcpPort: number | null };
} {
  const line = out.split('\n').find((text) => text.startsWith('{') && text.includes('"msg":"ready"'));
  return JSON.parse(line ?? '{}');
}

/** Lines of its log at these levels. */
export function logged(program: Program, ...levels: string[]): string[] {
  return program
    .out()
    .split('\n')
    .filter((line) => levels.some((level) => line.includes(`{"level":"${level}"`)));
}

/** Processes that still have to do with a data folder: named in their arguments, or standing in it. */
export function processesOn(dataFolder: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => {
      try {
        return (
          readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(dataFolder) ||
          readlinkSync(`/proc/${pid}/cwd`).startsWith(dataFolder)
        );
      } catch {
        return false;
      }
    })
    .map((pid) => `${pid} ${readFileSync(`/proc/${pid}/comm`, 'utf8').trim()}`);
}

/** Polls until `find` answers something. */
export async function until<T>(
  find: () => Promise<T | undefined | false> | T | undefined | false,
  what: string,
  withinMs = 20_000,
): Promise<T> {
  for (const deadline = Date.now() + withinMs; Date.now() < deadline; await sleep(25)) {
    const found = await find();
    if (found !== undefined && found !== false) return found;
  }
  throw new Error(`${what} did not happen within ${withinMs} ms`);
}
