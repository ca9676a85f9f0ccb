/**
 * DTLS-SRTP with whoever knows no ICE: desk telephones (RFC 5763, RFC 5764). The library speaks DTLS over ICE only, so a
 * stand-in on the loopback plays its ICE peer, and hands on everything that is not ICE:
 *
 * telephone ⇄ the caller's socket ──deliver()──▶ stand-in ⇄ 127.0.0.1 ⇄ library ──▶ onRtp, onRtcp
 *                                 ◀─transmit()──
 *
 * ICE is what keeps strangers from DTLS, and there is none towards the telephone: whom to believe is for the caller to
 * say, who owns the socket. A packet takes one more hop through the loopback in each direction.
 */

import { randomBytes } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import type { DtlsParameters } from '@liaison/sdp';
import {
  bindingRequest,
  bindingResponse,
  isBindingRequest,
  isBindingSuccess,
  isNomination,
  isStun,
} from './ice-check.ts';
import { createSecurePipe, PipeError, type PipeState, type SecurePipeOptions } from './secure-pipe.ts';

export interface BarePipeOptions
  extends Pick<SecurePipeOptions, 'name' | 'certificate' | 'onRtp' | 'onRtcp' | 'onState' | 'onError'> {
  /** DTLS, SRTP or SRTCP for the other side. */
  transmit(datagram: Buffer): void;
}

export interface BarePipe {
  readonly state: PipeState;
  /** We ask: what to put into our offer. Then `accept` the answer. */
  offer(): Promise<DtlsParameters>;
  accept(remote: DtlsParameters): void;
  /** The other side asked: what to put into our answer. With `setup: 'passive'` of theirs we open DTLS at once. */
  answer(remote: DtlsParameters): Promise<DtlsParameters>;
  /** What came from the other side. Before the library is ready the first few are kept. */
  deliver(datagram: Buffer): void;
  /** False when the packet was dropped: see `SecurePipe.send`. */
  send(packet: Buffer): boolean;
  readonly flooded: number;
  close(): void;
}

const HOST = '127.0.0.1';
const CHECK_EVERY_MS = 20;
const READY_TIMEOUT_MS = 5000;
/** A ClientHello in fragments, and again. */
const MAX_HELD = 8;

/** `close()` ends it; a pipe that failed must be closed too. */
export function createBarePipe(options: BarePipeOptions): BarePipe {
  const { transmit, onError, ...common } = options;
  const pipe = createSecurePipe({ ...common, bind: HOST, onError });
  const credentials = { ufrag: randomBytes(6).toString('hex'), pwd: randomBytes(16).toString('hex') };
  const held: Buffer[] = [];
  let standIn: Socket | undefined;
  /** The library's port, once it is known. */
  let port = 0;
  let isReady = false;
  let isClosed = false;
  let checking: NodeJS.Timeout | undefined;

  function receive(datagram: Buffer, from: { address: string; port: number }) {
    // Nobody else on this machine.
    if (isClosed || from.port !== port || from.address !== HOST) return;
    try {
      if (!isStun(datagram)) {
        ready();
        transmit(datagram);
      } else if (isBindingRequest(datagram)) {
        standIn?.send(bindingResponse(datagram, port, credentials.pwd), port, HOST);
        // It controls, and has chosen this path: with our answer it is ready.
        if (isNomination(datagram)) ready();
      } else if (isBindingSuccess(datagram)) ready();
    } catch (error) {
      onError(error);
    }
  }

  function ready() {
    if (isReady) return;
    isReady = true;
    clearInterval(checking);
    for (const datagram of held.splice(0)) standIn?.send(datagram, port, HOST);
  }

  async function open() {
    const opened = createSocket('udp4');
    standIn = opened;
    opened.on('message', receive);
    opened.on('error', onError);
    await new Promise<void>((resolve) => opened.bind(0, HOST, resolve));
    if (isClosed) throw new PipeError('Closed');
    return [
      { foundation: '1', priority: 2130706431, address: HOST, port: opened.address().port, type: 'host' },
    ];
  }

  /** Checks until one is answered: a controlling peer's, which also says that this is the path (RFC 8445 §8.1.1). */
  function check(username: string, password: string) {
    const send = () => standIn?.send(bindingRequest(username, password), port, HOST);
    const began = performance.now();
    checking = setInterval(() => {
      if (performance.now() - began < READY_TIMEOUT_MS) return send();
      clearInterval(checking);
      onError(new PipeError('The library did not answer'));
    }, CHECK_EVERY_MS);
    send();
  }

  return {
    get state() {
      return pipe.state;
    },
    get flooded() {
      return pipe.flooded;
    },
    async offer() {
      const { fingerprint, setup, candidates } = await pipe.offer();
      port = candidates[0]!.port;
      return { fingerprint, setup };
    },
    accept(remote) {
      void open()
        .then((candidates) => pipe.accept({ ...remote, ...credentials, candidates }))
        .catch((error) => isClosed || onError(error));
    },
    async answer(remote) {
      const candidates = await open();
      const local = await pipe.answer({ ...remote, ...credentials, candidates });
      port = local.candidates[0]!.port;
      check(`${local.ufrag}:${credentials.ufrag}`, local.pwd);
      return { fingerprint: local.fingerprint, setup: local.setup };
    },
    deliver(datagram) {
      if (isClosed) return;
      if (isReady) standIn?.send(datagram, port, HOST);
      else if (held.length < MAX_HELD) held.push(Buffer.from(datagram));
    },
    send: (packet) => pipe.send(packet),
    close() {
      if (isClosed) return;
      isClosed = true;
      clearInterval(checking);
      pipe.close();
      standIn?.close();
    },
  };
}
