/**
 * The program of a media process: packets in, packets out. Forked by media-pool.ts, told what to do over IPC,
 * ends when the channel to its parent does, so that no sound outlives the server that knows whose it is.
 */

import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { constants, setPriority } from 'node:os';
import { createPortPool, createSparePairs, NoPortFreeError, type PortPool } from '@liaison/rtp';
import { SdpError } from '@liaison/sdp';
import { createIceGate, type IceGate, type SecurePipeOptions } from '@liaison/webrtc';
import { inOneMessage, saidIn } from './in-one-message.ts';
import { type Notice, parseRequest, parseSetup, type Reply, type Request, type Setup } from './ipc.ts';
import { MediaError } from './media-error.ts';
import { createRelay, type ProcessRelay } from './relay.ts';
import { createTranscoderBudget } from './transcoder.ts';

const relays = new Map<string, ProcessRelay>();
/** More than a core carries; beyond it something is wrong. */
const MAX_RELAYS = 5000;

/**
 * What a closed pipe leaves is native memory behind small objects: the collector sees no reason to hurry, and the process
 * grew by 20 kB a call. Collecting after every so many calls that had one keeps it flat, and holds up every packet for some
 * milliseconds. Calls of plain RTP leave nothing of that kind.
 */
const CALLS_BETWEEN_COLLECTIONS = 100;
let callsSinceCollection = 0;

function collectSometimes() {
  callsSinceCollection += 1;
  if (callsSinceCollection < CALLS_BETWEEN_COLLECTIONS) return;
  callsSinceCollection = 0;
  setImmediate(() => globalThis.gc?.());
}

const tell = inOneMessage<Reply | Notice>((messages) => {
  // Whoever is gone since cannot be told; 'disconnect' is on its way.
  if (process.connected) process.send?.(messages, undefined, undefined, () => {});
});

function report(error: unknown) {
  tell({
    notice: 'error',
    message: String(error instanceof Error ? (error.stack ?? error) : error).slice(0, 4096),
  });
}

const isPortFree = (address: string, port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
    socket.once('error', () => {
      socket.close();
      resolve(false);
    });
    socket.bind({ address, port, exclusive: true }, () => socket.close(() => resolve(true)));
  });

/** All browsers of this process share one UDP port, so that a firewall needs few; any port where any will do. */
async function sharedPort(ports: PortPool, { bind, ports: range }: Setup): Promise<SecurePipeOptions['udp']> {
  if (range.max === 0) return undefined;
  for (;;) {
    const port = ports.take();
    if (await isPortFree(bind, port)) return { sharedPort: port };
  }
}

/**
 * The same port over TCP, and the odd one after it: for browsers that UDP does not carry here. Without it they have no sound,
 * and everybody else has.
 */
async function openGate(bind: string, udp: SecurePipeOptions['udp']): Promise<IceGate | undefined> {
  const first = udp && 'sharedPort' in udp ? udp.sharedPort : 0;
  try {
    return await createIceGate({
      bind,
      tcpPort: first,
      udpPort: first === 0 ? 0 : first + 1,
      onError: report,
    });
  } catch (error) {
    report(error);
    return undefined;
  }
}

function asError(error: unknown): MediaError {
  if (error instanceof MediaError) return error;
  if (error instanceof SdpError) return new MediaError(error.code, error.message);
  if (error instanceof NoPortFreeError) return new MediaError('no-port-free', error.message);
  report(error);
  return new MediaError('internal', error instanceof Error ? error.message : String(error));
}

/**
 * A packet is late after milliseconds, a page after a second: on a busy machine sound goes first. Only who may do that does
 * (root, CAP_SYS_NICE, systemd's LimitNICE); threads that start later inherit it.
 */
function goFirst() {
  try {
    setPriority(constants.priority.PRIORITY_ABOVE_NORMAL);
  } catch {
    // Not allowed here, and everything works without.
  }
}

async function start(setup: Setup) {
  goFirst();
  const ports = createPortPool(setup.ports);
  const spare = createSparePairs({ ports });
  const transcoders = createTranscoderBudget(setup.maxTranscoders);
  const { bind, advertise } = setup;
  const udp = await sharedPort(ports, setup);
  const gate = await openGate(bind, udp);
  const webrtc = { bind, advertise, ...(udp ? { udp } : {}), ...(gate ? { gate } : {}) };

  async function perform(request: Request): Promise<unknown> {
    const { relay: id } = request;
    if (request.op === 'create') {
      if (relays.has(id) || relays.size >= MAX_RELAYS) throw new MediaError('bad-request', 'No such relay');
      const relay = createRelay({
        name: id,
        rtp: { ports, spare, bind, advertise },
        webrtc,
        transcoders,
        onEndState: (end, state) => tell({ notice: 'end-state', relay: id, end, state }),
        onKey: (end, press) => tell({ notice: 'key', relay: id, end, ...press }),
        onPictureWanted: (end) => tell({ notice: 'picture-wanted', relay: id, end }),
        onError: report,
      });
      relays.set(id, relay);
      return {};
    }
    const relay = relays.get(id);
    if (request.op === 'close') {
      relays.delete(id);
      const closed = relay?.close() ?? { ends: [] };
      if (relay?.hadPipe()) collectSometimes();
      return closed;
    }
    if (!relay) throw new MediaError('closed', 'The relay is closed');
    switch (request.op) {
      case 'webrtc-answer':
        return await relay.webrtcAnswer(request.end, request.sdp, request.codecs, request.with);
      case 'webrtc-offer':
        return await relay.webrtcOffer(request.end, request.codecs, request.video, request.readBy);
      case 'webrtc-accept':
        return relay.webrtcAccept(request.end, request.sdp);
      case 'rtp-offer':
        return await relay.rtpOffer(
          request.end,
          request.codecs,
          request.srtp,
          request.video,
          request.match,
          request.readBy,
        );
      case 'rtp-accept':
        return relay.rtpAccept(request.end, request.sdp, request.from);
      case 'rtp-refused':
        return relay.rtpRefused(request.end);
      case 'rtp-answer':
        return await relay.rtpAnswer(request.end, request.sdp, request.from, request.codecs);
      case 'connect':
        return relay.connect(request.end, request.to);
      case 'hold':
        return relay.hold(request.end, request.held);
      case 'press-key':
        return relay.pressKey(request.end, request.key, request.durationMs);
      case 'serve':
        return await relay.serve(request.end, request.program);
      case 'ask-for-picture':
        return relay.askForPicture(request.end);
      case 'remove-end':
        return relay.removeEnd(request.end);
      case 'stats':
        return relay.stats();
      case 'headers':
        return relay.headers();
    }
  }

  function hear(said: unknown) {
    const request = parseRequest(said);
    if (!request) {
      const id = typeof said === 'object' && said && 'id' in said ? Number(said.id) : Number.NaN;
      if (Number.isFinite(id)) tell({ id, ok: false, code: 'bad-request', message: 'It does not read' });
      else report(new Error('A message that does not read'));
      return;
    }
    perform(request).then(
      (result) => tell({ id: request.id, ok: true, result: result ?? {} }),
      (error: unknown) => {
        const { code, message: text } = asError(error);
        tell({ id: request.id, ok: false, code, message: text.slice(0, 4096) });
      },
    );
  }
  process.on('message', (message) => {
    for (const said of saidIn(message)) hear(said);
  });
  tell({ notice: 'ready' });
}

// A terminal's Ctrl-C, and a service manager's stop, reach the whole group: the parent decides when we end.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
process.once('disconnect', () => {
  for (const relay of relays.values()) relay.close();
  process.exit(0);
});
process.once('message', (message) => {
  const setup = parseSetup(message);
  if (!setup) throw new Error('The first message is the setup');
  start(setup).catch((error: unknown) => {
    report(error);
    setImmediate(() => process.exit(1));
  });
});
