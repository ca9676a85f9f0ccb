import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants, createWriteStream } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { constants as osConstants } from 'node:os';
import { join } from 'node:path';
import { poll } from './poll.ts';
import { createToneWav } from './tone.ts';

const program = '/usr/bin/baresip';
const modulePath = '/usr/lib/baresip/modules';

export interface BaresipOptions {
  /** `user` and `domain` make the address-of-record. */
  user: string;
  domain: string;
  password: string;
  /** Where it registers and sends everything. */
  server: { host: string; port: number };
  transport?: 'udp' | 'tcp' | 'tls';
  /** `auto` answers at once. Default `manual`: see `accept`. */
  answerMode?: 'manual' | 'auto';
  /** In order of preference, e.g. `['PCMU', 'PCMA', 'opus/48000/2', 'G722/16000/1']`. Default PCMU and PCMA. */
  codecs?: readonly string[];
  /** A moving test picture, shown in every call and seen by nobody; VP8, which Debian's has without further packages. */
  video?: boolean;
  mediaEncryption?: 'srtp' | 'srtp-mand' | 'dtls_srtp';
  /** Default true. */
  register?: boolean;
  registerEverySeconds?: number;
  /** An empty folder for its configuration and log. */
  workDir: string;
  /** A mono WAV of 48 kHz, played into every call; see `createToneWav`. Without it: ten seconds of 440 Hz. */
  audioSource?: string;
  /** Addresses whose presence it subscribes to; `command('contacts')` shows what it was told. */
  watch?: readonly string[];
  /** A folder into which both directions of every call are recorded as WAV. */
  recordTo?: string;
}

export interface BaresipEvent {
  /** `REGISTER_OK`, `REGISTER_FAIL`, `CALL_INCOMING`, `CALL_RINGING`, `CALL_ESTABLISHED`, `CALL_CLOSED`… */
  readonly type: string;
  readonly class?: string;
  /** The other side of a call. */
  readonly peeruri?: string;
  readonly id?: string;
  /** Why a call closed, or what failed. */
  readonly param?: string;
}

/** A running telephone. `stop` ends the process. */
export interface Baresip {
  readonly pid: number;
  /** Its own SIP port (UDP and TCP; TLS listens one above). */
  readonly sipPort: number;
  readonly events: readonly BaresipEvent[];
  /** The first event of that type at or after `from` (an index into `events`). */
  waitFor(type: string, options?: { from?: number; deadlineMs?: number }): Promise<BaresipEvent>;
  /** Any command of its menu; answers what it prints. */
  command(name: string, params?: string): Promise<string>;
  dial(target: string): Promise<string>;
  accept(): Promise<string>;
  hangup(): Promise<string>;
  hold(): Promise<string>;
  resume(): Promise<string>;
  /** Sends digits as RFC 4733 events in the current call. */
  dtmf(digits: string): Promise<void>;
  /** WAV files recorded so far: `…-dec.wav` is what it heard, `…-enc.wav` what it said. */
  recordings(): Promise<string[]>;
  stop(): Promise<void>;
}

/** Whether Debian's baresip (package baresip-core) is here. */
export function isBaresipInstalled(): boolean {
  try {
    accessSync(program, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Starts Debian's baresip without root, window or sound card, bound to 127.0.0.1 only. */
export async function startBaresip(options: BaresipOptions): Promise<Baresip> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOnce(options);
    } catch (error) {
      // It takes its ports by number: one that was free when it was chosen may be somebody else's by now.
      if (!(error instanceof PortTaken) || attempt === 4) throw error;
    }
  }
}

class PortTaken extends Error {}
/** With which baresip ends when it cannot have a port. */
const addressInUse = osConstants.errno.EADDRINUSE;

async function startOnce(options: BaresipOptions): Promise<Baresip> {
  const sipPort = await freePort(2);
  const controlPort = await freePort(1);
  await mkdir(options.workDir, { recursive: true });
  if (options.recordTo) await mkdir(options.recordTo, { recursive: true });
  const audioSource = options.audioSource ?? join(options.workDir, 'tone.wav');
  if (!options.audioSource) await writeFile(audioSource, createToneWav(440, 10));
  await writeFile(join(options.workDir, 'config'), configText(options, audioSource, sipPort, controlPort));
  await writeFile(join(options.workDir, 'accounts'), '');
  const contacts = (options.watch ?? []).map((address, at) => `"watched ${at}" <${address}>;presence=p2p\n`);
  await writeFile(join(options.workDir, 'contacts'), contacts.join(''));

  const log = createWriteStream(join(options.workDir, 'log'));
  const child = spawn(program, ['-f', options.workDir, '-v'], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => {
      log.end();
      resolve();
    });
    child.once('error', () => resolve());
  });
  try {
    const listens = () => {
      if (child.exitCode === addressInUse) throw new PortTaken();
      if (child.exitCode !== null)
        throw new Error(`baresip ended with ${child.exitCode}: see ${options.workDir}/log`);
      return openControl(controlPort);
    };
    const control = await poll('baresip listens for commands', listens, 25_000);
    const telephone = createBaresip(options, child, exited, control, sipPort);
    const broken = new Promise<never>((_, reject) => control.once('error', reject));
    broken.catch(() => {});
    // Only now, so that no event is missed.
    await Promise.race([telephone.command('uanew', accountLine(options)), broken]);
    return telephone;
  } catch (error) {
    child.kill('SIGKILL');
    await exited;
    throw error;
  }
}

function createBaresip(
  options: BaresipOptions,
  child: ChildProcess,
  exited: Promise<void>,
  control: Socket,
  sipPort: number,
): Baresip {
  const events: BaresipEvent[] = [];
  const answers = new Map<string, (text: string) => void>();
  /** What it wrote instead of JSON, to be said when an answer is missed. */
  const unreadable: string[] = [];
  let sequence = 0;

  readNetstrings(control, (json) => {
    let message: Record<string, unknown>;
    try {
      message = JSON.parse(json);
    } catch {
      unreadable.push(json.slice(0, 300));
      return;
    }
    if (message.event === true) {
      events.push(message as unknown as BaresipEvent);
    } else if (typeof message.token === 'string') {
      answers.get(message.token)?.(String(message.data ?? ''));
      answers.delete(message.token);
    }
  });
  control.on('error', () => {});

  function command(name: string, params?: string): Promise<string> {
    const token = String(++sequence);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        answers.delete(token);
        const wrote = unreadable.length > 0 ? `; it wrote ${JSON.stringify(unreadable)}` : '';
        reject(new Error(`baresip did not answer the command ${name}${wrote}`));
      }, 15_000);
      answers.set(token, (text) => {
        clearTimeout(timer);
        resolve(text);
      });
      const json = JSON.stringify({ command: name, ...(params !== undefined && { params }), token });
      control.write(`${Buffer.byteLength(json)}:${json},`);
    });
  }

  return {
    pid: child.pid ?? 0,
    sipPort,
    events,
    waitFor: (type, { from = 0, deadlineMs = 20_000 } = {}) =>
      poll(
        `baresip event ${type}`,
        () => events.slice(from).find((event) => event.type === type),
        deadlineMs,
      ),
    command,
    dial: (target) => command('dial', target),
    accept: () => command('accept'),
    hangup: () => command('hangup'),
    hold: () => command('hold'),
    resume: () => command('resume'),
    async dtmf(digits) {
      await command('sndcode', digits);
    },
    async recordings() {
      if (!options.recordTo) return [];
      const names = await readdir(options.recordTo);
      return names.filter((name) => name.endsWith('.wav')).map((name) => join(options.recordTo!, name));
    },
    async stop() {
      if (child.exitCode === null && child.signalCode === null) {
        // Its answer may be lost with the process: only the exit counts.
        command('quit').catch(() => {});
        const cut = setTimeout(() => child.kill('SIGKILL'), 3_000);
        await exited;
        clearTimeout(cut);
      }
      control.destroy();
      for (const settle of answers.values()) settle('');
      answers.clear();
    },
  };
}

function accountLine(options: BaresipOptions): string {
  const transport = options.transport ?? 'udp';
  const codecs = (options.codecs ?? ['PCMU', 'PCMA']).join(',');
  const params = [
    `auth_user=${options.user}`,
    `auth_pass=${options.password}`,
    `outbound="sip:${options.server.host}:${options.server.port};transport=${transport}"`,
    `regint=${options.register === false ? 0 : (options.registerEverySeconds ?? 600)}`,
    `answermode=${options.answerMode ?? 'manual'}`,
    `audio_codecs=${codecs}`,
    ...(options.video ? ['video_codecs=VP8'] : []),
    ...(options.mediaEncryption ? [`mediaenc=${options.mediaEncryption}`] : []),
  ];
  return `<sip:${options.user}@${options.domain};transport=${transport}>;${params.join(';')}`;
}

function configText(
  options: BaresipOptions,
  audioSource: string,
  sipPort: number,
  controlPort: number,
): string {
  const modules = ['opus.so', 'g711.so', 'g722.so', 'aufile.so', 'srtp.so', 'dtls_srtp.so'];
  if (options.recordTo) modules.push('sndfile.so');
  if (options.video) modules.push('vp8.so', 'fakevideo.so');
  const lines = [
    `sip_listen 127.0.0.1:${sipPort}`,
    'net_interface 127.0.0.1',
    'call_local_timeout 120',
    'call_max_calls 4',
    `audio_player aufile,${join(options.workDir, 'played.wav')}`,
    `audio_source aufile,${audioSource}`,
    `audio_alert aufile,${join(options.workDir, 'alert.wav')}`,
    'ausrc_srate 48000',
    'auplay_srate 48000',
    'ausrc_channels 1',
    'auplay_channels 1',
    'audio_srate 8000-48000',
    'audio_channels 1-2',
    'rtp_tos 184',
    'jitter_buffer_delay 1-5',
    ...(options.video
      ? [
          'video_source fakevideo,nil',
          'video_display fakevideo,nil',
          'video_size 320x180',
          'video_bitrate 300000',
          'video_fps 10',
        ]
      : []),
    ...(options.recordTo ? [`snd_path ${options.recordTo}`] : []),
    `module_path ${modulePath}`,
    ...modules.map((name) => `module ${name}`),
    'module_tmp uuid.so',
    'module_tmp account.so',
    ...(options.watch ? ['module_app contact.so', 'module_app presence.so'] : []),
    'module_app menu.so',
    'module_app ctrl_tcp.so',
    `ctrl_tcp_listen 127.0.0.1:${controlPort}`,
  ];
  return `${lines.join('\n')}\n`;
}

/** The first of `count` neighbouring ports that nobody has now; baresip cannot be asked which port it took. */
async function freePort(count: number): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const first = await holdPort(0);
    const held = [first];
    try {
      while (held.length < count) held.push(await holdPort(first.port + held.length));
      return first.port;
    } catch {
      // A neighbour is taken: another try.
    } finally {
      for (const one of held) await one.release();
    }
  }
  throw new Error('No free port found');
}

function holdPort(port: number): Promise<{ port: number; release(): Promise<void> }> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      resolve({
        port: typeof address === 'object' && address ? address.port : 0,
        release: () => new Promise((released) => server.close(() => released())),
      });
    });
  });
}

function openControl(port: number): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(socket));
    socket.once('error', () => resolve(undefined));
  });
}

function readNetstrings(socket: Socket, received: (text: string) => void): void {
  let held = Buffer.alloc(0);
  socket.on('data', (bytes) => {
    held = Buffer.concat([held, bytes]);
    for (;;) {
      const colon = held.indexOf(':');
      if (colon < 0) return;
      const length = Number(held.toString('latin1', 0, colon));
      // Somebody else's program took the port since it was chosen: this is no netstring.
      if (!Number.isInteger(length) || length < 0) {
        socket.destroy(new PortTaken());
        return;
      }
      if (held.length < colon + 1 + length + 1) return;
      received(held.toString('utf8', colon + 1, colon + 1 + length));
      held = held.subarray(colon + 1 + length + 1);
    }
  });
}
