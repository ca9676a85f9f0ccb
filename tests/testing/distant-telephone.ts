import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { energyAt, loudness, readWav, tone, wavOf } from '@liaison/rtp/testing';
import type { Home } from './networks.ts';
import { until } from './program.ts';

/** Debian's baresip inside a home of `openNetworks`. It answers by itself. `stop` ends the process. */
export interface DistantTelephone {
  dial(target: string): void;
  hangup(): void;
  /** Resolves when its log says that a call stands; rejects in time. */
  established(): Promise<void>;
  closed(): Promise<void>;
  /** How much of the newest half second that it heard after `since` is this tone, 0 to 1; 0 while there is less. */
  heard(hz: number, since?: Mark): Promise<number>;
  /** How far its recording is when what is on its way now has come: what follows was sent later. */
  mark(): Promise<Mark>;
  stop(): Promise<void>;
}

/** Samples that were recorded by then. */
export type Mark = number;

export interface DistantTelephoneOptions {
  readonly home: Home;
  readonly user: string;
  readonly password: string;
  readonly domain: string;
  readonly server: { readonly host: string; readonly port: number };
  /** What it says. */
  readonly hz: number;
  /** A folder that it may fill. */
  readonly folder: string;
  readonly codec?: string;
  readonly transport?: 'udp' | 'tcp' | 'tls';
  readonly mediaEncryption?: 'srtp' | 'srtp-mand';
  readonly registerEverySeconds?: number;
}

const sipPort = 5062;
const controlPort = 4444;
/** Between the microphone there and the recording here, at the most: packets and jitter buffers. */
const onItsWaySeconds = 0.2;

/** Starts it and waits until it is registered. */
export async function startDistantTelephone(options: DistantTelephoneOptions): Promise<DistantTelephone> {
  const { home } = options;
  const folder = await mkdtemp(join(options.folder, 'distant-'));
  const recorded = join(folder, 'recorded');
  await mkdir(recorded);
  await writeFile(join(folder, 'tone.wav'), wavOf(tone(options.hz, 60)));
  await writeFile(join(folder, 'config'), configOf(home, folder, recorded));
  await writeFile(join(folder, 'accounts'), `${accountOf(options)}\n`);
  await writeFile(join(folder, 'contacts'), '');
  const logFile = join(folder, 'log');
  const log = createWriteStream(logFile);
  const [program, ...enter] = home.enter;
  const child = spawn(program, [...enter, '/usr/bin/baresip', '-f', folder, '-v'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });

  // Its control port is inside the namespace: a shell there carries the commands.
  let control: ReturnType<typeof openControl> | undefined;
  const command = (name: string, params?: string) => {
    control ??= openControl(home);
    const json = JSON.stringify({ command: name, ...(params === undefined ? {} : { params }) });
    control.stdin.write(`${Buffer.byteLength(json)}:${json},`);
  };
  const says = async (what: RegExp, deadlineMs = 15_000) => {
    try {
      await until(
        async () => what.test(await readFile(logFile, 'utf8').catch(() => '')),
        String(what),
        deadlineMs,
      );
    } catch (error) {
      const tail = (await readFile(logFile, 'utf8').catch(() => '')).slice(-1500);
      throw new Error(`${error instanceof Error ? error.message : error}; baresip said: …${tail}`);
    }
  };
  async function recording() {
    const name = (await readdir(recorded)).filter((each) => each.endsWith('-dec.wav')).at(-1);
    return name === undefined ? undefined : join(recorded, name);
  }
  async function stop() {
    control?.stdin.end();
    control?.kill('SIGKILL');
    child.kill('SIGTERM');
    const cut = setTimeout(() => child.kill('SIGKILL'), 3000);
    await exited;
    clearTimeout(cut);
    log.end();
  }

  try {
    await says(/200 OK.*\[1 binding\]|\{\d+\/[^}]*\}? ?200 OK|registered successfully/i, 25_000);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    dial: (target) => command('dial', target),
    hangup: () => command('hangup'),
    established: () => says(/Call established/),
    closed: () => says(/session closed|Call with .* terminated/),
    async heard(hz, since = 0) {
      const file = await recording();
      if (file === undefined) return 0;
      const { samples, rate } = readWav(await readFile(file));
      if (samples.length - since < rate / 2) return 0;
      const newest = samples.subarray(samples.length - rate / 2);
      return loudness(newest) < 0.01 ? 0 : energyAt(hz, newest, rate);
    },
    async mark() {
      const file = await recording();
      if (file === undefined || (await stat(file)).size < 44) return 0;
      const { samples, rate } = readWav(await readFile(file));
      return samples.length + rate * onItsWaySeconds;
    },
    stop,
  };
}

/**
 * Waits until it hears the tone again in what came after now, and answers how long that took. What was on its way when the
 * network changed does not count: the half second that is measured begins after it.
 */
export async function soundReturns(
  telephone: DistantTelephone,
  hz: number,
  withinMs: number,
  share = 0.8,
): Promise<number> {
  const from = Date.now();
  const mark = await telephone.mark();
  await until(async () => (await telephone.heard(hz, mark)) > share, `${hz} Hz being heard again`, withinMs);
  return Date.now() - from;
}

function openControl(home: Home) {
  const [program, ...enter] = home.enter;
  return spawn(program, [...enter, 'bash', '-c', `exec 3<>/dev/tcp/127.0.0.1/${controlPort}; cat >&3`], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
}

function accountOf(options: DistantTelephoneOptions): string {
  const { user, domain, server, transport = 'udp', codec = 'PCMU', mediaEncryption } = options;
  return [
    `<sip:${user}@${domain};transport=${transport}>`,
    `auth_user=${user}`,
    `auth_pass=${options.password}`,
    `outbound="sip:${server.host}:${server.port};transport=${transport}"`,
    `regint=${options.registerEverySeconds ?? 60}`,
    'answermode=auto',
    `audio_codecs=${codec}`,
    ...(mediaEncryption ? [`mediaenc=${mediaEncryption}`] : []),
  ].join(';');
}

function configOf(home: Home, folder: string, recorded: string): string {
  return `${[
    `sip_listen ${home.address}:${sipPort}`,
    `net_interface ${home.address}`,
    'call_local_timeout 120',
    'call_max_calls 4',
    `audio_player aufile,${join(folder, 'played.wav')}`,
    `audio_source aufile,${join(folder, 'tone.wav')}`,
    `audio_alert aufile,${join(folder, 'alert.wav')}`,
    'ausrc_srate 48000',
    'auplay_srate 48000',
    'ausrc_channels 1',
    'auplay_channels 1',
    'audio_srate 8000-48000',
    'audio_channels 1-2',
    'jitter_buffer_delay 1-5',
    `snd_path ${recorded}`,
    'module_path /usr/lib/baresip/modules',
    ...['opus.so', 'g711.so', 'g722.so', 'aufile.so', 'srtp.so', 'sndfile.so'].map(
      (name) => `module ${name}`,
    ),
    'module_tmp uuid.so',
    'module_tmp account.so',
    'module_app menu.so',
    'module_app ctrl_tcp.so',
    `ctrl_tcp_listen 127.0.0.1:${controlPort}`,
  ].join('\n')}\n`;
}
