import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { createMediaPool } from '@liaison/calls/server';
import { processTree } from '../measure/process-tree.ts';
import { endOnSignal, freePort, pinned, serverCore } from '../measure/server.ts';

/** Something that relays calls between two places of the loopback, one for all callers and one for all called. */
export interface RelayUnderTest {
  /** Sets up so many calls; the two ports on which each is relayed. */
  open(calls: number): Promise<[number, number][]>;
  cpuSeconds(): number;
  end(): Promise<void>;
}

const sdpOf = (port: number) =>
  [
    'v=0',
    'o=- 1 1 IN IP4 127.0.0.1',
    's=-',
    'c=IN IP4 127.0.0.1',
    't=0 0',
    `m=audio ${port} RTP/AVP 0`,
    'a=rtpmap:0 PCMU/8000',
    'a=sendrecv',
    '',
  ].join('\r\n');

function portOf(sdp: string): number {
  const port = Number(/m=audio (\d+)/.exec(sdp)?.[1]);
  if (!port) throw new Error(`no port in ${JSON.stringify(sdp.slice(0, 300))}`);
  return port;
}

/** One media process of ours. */
export function ourRelay([callers, called]: readonly [number, number]): RelayUnderTest {
  const pool = createMediaPool({
    rtpPorts: { min: 0, max: 0 },
    advertise: '127.0.0.1',
    bind: '127.0.0.1',
    maxProcesses: 1,
    log: { info: () => {}, warn: console.warn, error: console.error },
  });
  const pid = () => pool.stats().processes[0] ?? 0;
  return {
    async open(calls) {
      const relays: [number, number][] = [];
      for (let call = 0; call < calls; call++) {
        const relay = await pool.createRelay();
        await relay.connect('caller', 'called');
        const one = await relay.rtpAnswer('caller', sdpOf(callers), '127.0.0.1');
        const other = await relay.rtpAnswer('called', sdpOf(called), '127.0.0.1');
        relays.push([portOf(one.answer), portOf(other.answer)]);
      }
      const pinning = spawn('taskset', ['-a', '-cp', String(serverCore), String(pid())], { stdio: 'ignore' });
      await once(pinning, 'exit');
      return relays;
    },
    cpuSeconds: () => processTree(pid()).cpuSeconds,
    end: () => pool.stop(),
  };
}

const RTPENGINE = '/usr/bin/rtpengine';

export function isRtpengineInstalled(): boolean {
  try {
    accessSync(RTPENGINE, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Bencoding of what the control protocol needs: a dictionary of texts, its keys in order. */
const bencode = (fields: Record<string, string>) => {
  const text = (value: string) => `${Buffer.byteLength(value)}:${value}`;
  return `d${Object.keys(fields)
    .sort()
    .map((key) => text(key) + text(fields[key]!))
    .join('')}e`;
};

/** Debian's rtpengine without its kernel module, on the same core as ours and before others as ours; `--table=-1`. */
export async function rtpengine([callers, called]: readonly [number, number]): Promise<RelayUnderTest> {
  const control = await freePort();
  // The priority that our media process takes by itself, where it may.
  const [program, args] = pinned(serverCore, 'nice', [
    '--adjustment=-7',
    RTPENGINE,
    '--foreground',
    '--table=-1',
    '--config-file=none',
    '--interface=127.0.0.1',
    `--listen-ng=127.0.0.1:${control}`,
    '--port-min=30000',
    '--port-max=39999',
    '--num-threads=1',
    '--log-level=3',
    '--log-stderr',
  ]);
  const child = spawn(program, args, { stdio: 'ignore' });
  endOnSignal(child);
  const socket = createSocket('udp4');
  let cookie = 0;

  async function ask(fields: Record<string, string>): Promise<string> {
    cookie += 1;
    const deadline = Date.now() + 10_000;
    for (;;) {
      socket.send(`${cookie} ${bencode(fields)}`, control, '127.0.0.1');
      const answer = await Promise.race([
        once(socket, 'message').then(([datagram]) => String(datagram)),
        new Promise<undefined>((resolve) => setTimeout(resolve, 500, undefined)),
      ]);
      if (answer?.startsWith(`${cookie} `)) return answer;
      if (Date.now() > deadline || child.exitCode !== null) throw new Error('rtpengine does not answer');
    }
  }

  await ask({ command: 'ping' });
  return {
    async open(calls) {
      const relays: [number, number][] = [];
      for (let call = 0; call < calls; call++) {
        const names = { 'call-id': `call-${call}`, 'from-tag': 'a' };
        const offered = await ask({ command: 'offer', ...names, sdp: sdpOf(callers) });
        const answered = await ask({ command: 'answer', ...names, 'to-tag': 'b', sdp: sdpOf(called) });
        relays.push([portOf(answered), portOf(offered)]);
      }
      return relays;
    },
    cpuSeconds: () => processTree(child.pid ?? 0).cpuSeconds,
    async end() {
      socket.close();
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
    },
  };
}
