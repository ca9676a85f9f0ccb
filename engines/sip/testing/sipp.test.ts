import { execFile, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { type InviteSession, parseSipUri } from '../src/index.ts';
import { poll } from './poll.ts';
import { address, exampleSdp, type RegistrarFixture, startRegistrar } from './registrar-fixture.ts';

const program = '/usr/bin/sipp';
const isInstalled = (() => {
  try {
    accessSync(program, constants.X_OK);
    return true;
  } catch {
    return false;
  }
})();

if (!isInstalled) {
  test('sipp is not installed: its interop tests did not run', () => {
    process.stderr.write('DID NOT RUN: sipp interop tests (install the Debian package sip-tester)\n');
  });
}

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function setUp(
  overrides: Parameters<typeof startRegistrar>[1] = {},
): Promise<{ server: RegistrarFixture; workDir: string }> {
  const server = await startRegistrar({ marta: 'secret' }, overrides);
  closing.push(() => server.stop());
  const workDir = await mkdtemp(join(tmpdir(), 'sipp-'));
  closing.push(() => rm(workDir, { recursive: true, force: true }));
  return { server, workDir };
}

/** One that nobody has now, and that the kernel gives to nobody who names none: sipp takes it a moment later. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(10_240, 32_768);
    const server = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
    });
    if (isFree) return port;
  }
}

/** sipp takes what is repeated for a fault: on a busy machine nothing is repeated soon. */
const patient = { t1: 5000, t2: 8000, t4: 5000 };

interface SippRun {
  port: number;
  done: Promise<{ code: number | null; output: string }>;
}

/** One sipp process; `done` answers its exit status: 0 when each call went as the scenario says. */
async function sipp(workDir: string, scenario: string, args: readonly string[]): Promise<SippRun> {
  const port = await freePort();
  const mediaPort = await freePort();
  const child = spawn(
    program,
    [
      ...['-sf', fileURLToPath(new URL(`sipp/${scenario}.xml`, import.meta.url))],
      ...['-i', '127.0.0.1', '-p', String(port), '-mp', String(mediaPort & ~1)],
      ...['-au', 'marta', '-ap', 'secret', '-timeout', '20s', '-timeout_error', '-nostdin'],
      ...['-trace_err', '-error_file', join(workDir, `${scenario}.err`)],
      ...args,
    ],
    { cwd: workDir, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let output = '';
  child.stdout.on('data', (bytes) => {
    output = (output + bytes).slice(-4000);
  });
  child.stderr.on('data', (bytes) => {
    output = (output + bytes).slice(-4000);
  });
  closing.push(async () => {
    if (child.exitCode === null) child.kill('SIGKILL');
  });
  return {
    port,
    done: new Promise((resolve) => child.once('exit', (code) => resolve({ code, output }))),
  };
}

describe.runIf(isInstalled)('sipp', () => {
  for (const transport of ['udp', 'tcp'] as const) {
    const mode = transport === 'udp' ? 'u1' : 't1';
    const portOf = (server: RegistrarFixture) => String(transport === 'udp' ? server.port : server.tcpPort);

    test(`registers with sign-in over ${transport}, 100 times`, async () => {
      const { server, workDir } = await setUp();
      const run = await sipp(workDir, 'register', [
        ...['-t', mode, '-m', '100', '-r', '200', '-l', '50'],
        `127.0.0.1:${portOf(server)}`,
      ]);
      const { code, output } = await run.done;
      expect(code, output).toBe(0);
      expect(server.registrations).toHaveLength(100);
    });

    test(`calls us over ${transport} with sign-in, 50 times`, async () => {
      const { server, workDir } = await setUp({ timers: patient });
      let ended = 0;
      server.onInvite = async (session) => {
        session.on = { ended: ({ by }) => void (by === 'remote' && ended++) };
        session.ring();
        await session.accept(exampleSdp());
      };
      const run = await sipp(workDir, 'call', [
        ...['-t', mode, '-m', '50', '-r', '100', '-l', '25'],
        `127.0.0.1:${portOf(server)}`,
      ]);
      const { code, output } = await run.done;
      expect(code, output).toBe(0);
      expect(ended).toBe(50);
      expect(server.agent.sessions.size).toBe(0);
    });

    test(`calls us over ${transport} with PRACK, UPDATE and a session timer, 30 times`, async () => {
      const { server, workDir } = await setUp({ timers: patient });
      const ended: string[] = [];
      server.onInvite = async (session) => {
        session.on = {
          ended: ({ by }) => void ended.push(by),
          updated: async () => exampleSdp(40_004),
        };
        session.progress(exampleSdp());
        await session.accept(exampleSdp());
      };
      const run = await sipp(workDir, 'extensions', [
        ...['-t', mode, '-m', '30', '-r', '50', '-l', '15'],
        `127.0.0.1:${portOf(server)}`,
      ]);
      const { code, output } = await run.done;
      expect(code, output).toBe(0);
      await poll('30 ends', () => ended.length === 30);
      expect(new Set(ended)).toEqual(new Set(['remote']));
    });

    test(`answers our calls over ${transport}, 50 at a time`, async () => {
      const { server, workDir } = await setUp({ timers: patient });
      const run = await sipp(workDir, 'answer', ['-t', mode, '-m', '50']);
      await poll('sipp listens', () => isListening(run.port, transport));
      const sessions: InviteSession[] = [];
      const failures: string[] = [];
      for (let call = 0; call < 50; call++) {
        const session = server.agent.invite({
          target: parseSipUri(`sip:marta@127.0.0.1:${run.port};transport=${transport}`),
          from: address('tomás'),
          to: address('marta'),
          offer: exampleSdp(),
        });
        session.on = {
          accepted: () => void session.bye(),
          rejected: (status) => void failures.push(String(status)),
        };
        sessions.push(session);
      }
      const { code, output } = await run.done;
      expect(failures).toEqual([]);
      expect(code, output).toBe(0);
      await poll('all ended', () => sessions.every((session) => session.state === 'ended'));
    });
  }
});

/** sipp says nothing when it is ready: the kernel's table does. */
function isListening(port: number, transport: 'udp' | 'tcp'): Promise<boolean> {
  return new Promise((resolve) => {
    execFile('ss', [transport === 'udp' ? '-lun' : '-ltn'], (_error, output) => {
      resolve(output.includes(`127.0.0.1:${port} `));
    });
  });
}
