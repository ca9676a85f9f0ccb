import { randomBytes } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { isIPv4, isIPv6 } from 'node:net';
import { plainAddress } from './listening.ts';
import { createDropCounter, grantedBytes, receiveQueueBytes } from './receive-queue.ts';
import { answerStun, isStun } from './stun.ts';
import type { Endpoint, Flow, ReceiveQueue, Transport, TransportEvents } from './types.ts';

/** Shorter than any SIP message, and told from STUN (RFC 8489 §5) and from keep-alives by its first byte. */
const probeBytes = 15;

function udpFlow(local: Endpoint, remote: Endpoint): Flow {
  return {
    id: `udp:${local.address}:${local.port}>${remote.address}:${remote.port}`,
    protocol: 'udp',
    local,
    remote,
  };
}

export function createUdpTransport(
  options: { host: string; port: number },
  events: TransportEvents,
  now: () => number = Date.now,
): Transport {
  const isSix = isIPv6(options.host);
  let socket: Socket | undefined;
  let local: Endpoint = { address: options.host, port: options.port };
  /** Nobody else knows it; the second byte is the number of the probe. */
  const mark = randomBytes(probeBytes).fill(0xff, 0, 1);
  let receiveQueue: ReceiveQueue | undefined;
  let drops: ReturnType<typeof createDropCounter> | undefined;
  let probes = 0;
  const probed = new Map<number, () => void>();

  function receive(bytes: Buffer, source: Endpoint): void {
    const remote = { address: plainAddress(source.address), port: source.port };
    const answered = events.glanced?.(bytes, remote.address, remote.port);
    if (answered !== undefined) {
      // Without a callback: nobody waits, and one for each would cost as much as the sending.
      if (answered !== null && source.port > 0) socket?.send(answered, source.port, source.address);
      return;
    }
    if (isStun(bytes)) {
      const answer = answerStun(bytes, remote);
      if (answer) socket?.send(answer, source.port, source.address, () => {});
      return;
    }
    // RFC 5626 §3.5.1 pings are for streams, but telephones send empty lines or zeros over UDP too: only to keep a
    // binding in a NAT open, so they want no answer.
    if (bytes.length < 16) {
      if (
        bytes.length === probeBytes &&
        bytes[0] === mark[0] &&
        bytes.compare(mark, 2, probeBytes, 2) === 0
      ) {
        const back = probed.get(bytes[1]!);
        probed.delete(bytes[1]!);
        back?.();
      }
      return;
    }
    events.received(bytes, udpFlow(local, remote));
  }

  return {
    protocol: 'udp',
    get local() {
      return local;
    },
    start() {
      return new Promise((resolve, reject) => {
        const opened = createSocket({
          type: isSix ? 'udp6' : 'udp4',
          recvBufferSize: receiveQueueBytes,
          // Flows end in addresses: there is no name to look up, and no turn of the event loop to wait for one.
          lookup: (address, _options, done) => done(null, address, isSix ? 6 : 4),
        });
        socket = opened;
        opened.once('error', reject);
        opened.on('message', receive);
        opened.bind(options.port, options.host, () => {
          opened.off('error', reject);
          opened.on('error', (error) => events.noted('UDP socket error', { error: error.message }));
          local = { address: options.host, port: opened.address().port };
          drops = createDropCounter(local, now);
          const granted = grantedBytes(opened.getRecvBufferSize());
          receiveQueue = { askedBytes: receiveQueueBytes, grantedBytes: granted };
          if (granted < receiveQueueBytes) {
            events.noted(
              'The system holds few UDP messages: a burst of telephones would lose some',
              { ...receiveQueue, mend: `sysctl -w net.core.rmem_max=${receiveQueueBytes}` },
              'info',
            );
          }
          resolve();
        });
      });
    },
    stop() {
      const closing = socket;
      socket = undefined;
      return closing ? new Promise((resolve) => closing.close(() => resolve())) : Promise.resolve();
    },
    lost: () => drops?.lost() ?? Promise.resolve(0),
    dropped: () => drops?.dropped() ?? Promise.resolve(undefined),
    get receiveQueue() {
      return receiveQueue;
    },
    open: (remote) => udpFlow(local, remote),
    probe(back) {
      if (!socket) return false;
      probes = (probes + 1) & 0xff;
      const numbered = Buffer.from(mark);
      numbered[1] = probes;
      probed.set(probes, back);
      const { address } = local;
      const own = address === '0.0.0.0' ? '127.0.0.1' : address === '::' ? '::1' : address;
      try {
        socket.send(numbered, local.port, own, () => {});
      } catch {
        return false;
      }
      return true;
    },
    isOpen: (flow) => socket !== undefined && flow.local.port === local.port,
    send(flow, bytes, failed) {
      if (!socket) {
        queueMicrotask(() => failed(new Error('The transport is stopped')));
        return;
      }
      const { address, port } = flow.remote;
      try {
        // An IPv6 socket reaches IPv4 by its mapped form.
        socket.send(bytes, port, isSix && isIPv4(address) ? `::ffff:${address}` : address, (error) => {
          if (error) failed(error);
        });
      } catch (error) {
        queueMicrotask(() => failed(error as Error));
      }
    },
  };
}
