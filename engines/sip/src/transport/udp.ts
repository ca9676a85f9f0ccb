import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { Endpoint, Flow, Transport, TransportEvents, TransportOptions } from './types.ts';

/** Holds a burst of registrations while the event loop is busy; the kernel may give less. */
const receiveBufferBytes = 4 * 1024 * 1024;

/** `::ffff:192.0.2.1` is the IPv4 address it maps. */
export function plainAddress(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address;
}

function udpFlow(local: Endpoint, remote: Endpoint): Flow {
  return {
    id: `udp:${local.address}:${local.port}>${remote.address}:${remote.port}`,
    protocol: 'udp',
    local,
    remote,
  };
}

export function createUdpTransport(options: TransportOptions, events: TransportEvents): Transport {
  let socket: Socket | undefined;
  let local: Endpoint = { address: options.host, port: options.port };

  function receive(bytes: Buffer, remote: Endpoint): void {
    // RFC 5626 §3.5.1 pings are for streams, but telephones send empty lines or zeros over UDP too: only to keep a
    // binding in a NAT open, so they want no answer. TODO(RFC 5626 §3.5.2): answer STUN binding requests.
    if (bytes.length < 16) return;
    events.received(bytes, udpFlow(local, { address: plainAddress(remote.address), port: remote.port }));
  }

  return {
    protocol: 'udp',
    get local() {
      return local;
    },
    start() {
      return new Promise((resolve, reject) => {
        const opened = createSocket({
          type: isIPv6(options.host) ? 'udp6' : 'udp4',
          recvBufferSize: receiveBufferBytes,
        });
        socket = opened;
        opened.once('error', reject);
        opened.on('message', receive);
        opened.bind(options.port, options.host, () => {
          opened.off('error', reject);
          opened.on('error', (error) => events.noted('UDP socket error', { error: error.message }));
          local = { address: options.host, port: opened.address().port };
          resolve();
        });
      });
    },
    stop() {
      const closing = socket;
      socket = undefined;
      return closing ? new Promise((resolve) => closing.close(() => resolve())) : Promise.resolve();
    },
    open: (remote) => udpFlow(local, remote),
    isOpen: (flow) => socket !== undefined && flow.local.port === local.port,
    send(flow, bytes, failed) {
      if (!socket) {
        queueMicrotask(() => failed(new Error('The transport is stopped')));
        return;
      }
      try {
        // Departs from RFC 3261 §18.1.1: a request of more than 1300 bytes stays on UDP, for a telephone behind a NAT
        // is reachable over its flow only, and IP fragments it.
        socket.send(bytes, flow.remote.port, flow.remote.address, (error) => {
          if (error) failed(error);
        });
      } catch (error) {
        queueMicrotask(() => failed(error as Error));
      }
    },
  };
}
