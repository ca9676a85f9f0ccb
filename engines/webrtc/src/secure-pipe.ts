/**
 * ICE (RFC 8445 §2), DTLS and SRTP (RFC 5764 §3) in native code, nothing else: RTP and RTCP go in and come out as plain datagrams. What is
 * said in SDP, and what the packets mean, is the caller's.
 *
 * new ──offer()/answer()──▶ connecting ──DTLS done──▶ connected ⇄ disconnected
 *                               │                         │
 *                               └────────▶ failed ◀───────┘        any ──close()──▶ closed
 *
 * An exception inside a callback of the library aborts the process, so each one is wrapped.
 */

import { type LocalTransport, readLocalTransport } from '@liaison/sdp';
import { Audio, PeerConnection, type RtcConfig, type Track } from 'node-datachannel';
import { advertised, withGate } from './candidates.ts';
import type { PipeCertificate } from './certificate.ts';
import type { IceGate } from './ice-gate.ts';
import { PIPE_PAYLOAD_TYPE, pipeDescription, type RemoteTransport } from './pipe-sdp.ts';

export type PipeState = 'new' | 'connecting' | 'connected' | 'disconnected' | 'failed' | 'closed';

export interface SecurePipeOptions {
  /** For the library's log only. */
  name: string;
  /** Local IP address of the sockets; `0.0.0.0` or `::` for all. */
  bind: string;
  /** IP address for the candidates beside the real ones; default: the real ones alone. */
  advertise?: string;
  /** One port that all pipes of this process share, or a range, or (default) any free port. */
  udp?: { sharedPort: number } | { min: number; max: number };
  /** A door for who cannot reach that port over UDP; closed by whoever made it. */
  gate?: IceGate;
  /** Default: one that the library makes for this pipe alone. */
  certificate?: PipeCertificate;
  onRtp(packet: Buffer): void;
  onRtcp(packet: Buffer): void;
  onState(state: PipeState): void;
  /** A handler above threw: the packet is lost, the process is not. */
  onError(error: unknown): void;
}

export interface SecurePipe {
  readonly state: PipeState;
  /** We ask: what to put into our offer. Then `accept` the answer. */
  offer(): Promise<LocalTransport>;
  accept(remote: RemoteTransport): void;
  /** The other side asked: what to put into our answer. */
  answer(remote: RemoteTransport): Promise<LocalTransport>;
  /** False when the packet was dropped: not connected, or refused by SRTP (a replayed sequence number). */
  send(packet: Buffer): boolean;
  /** Packets that came faster than anything we carry, and were dropped. */
  readonly flooded: number;
  /** Where packets go from and to, as ICE has chosen; `undefined` before. */
  place(): PipePlace | undefined;
  close(): void;
}

export interface PipePlace {
  readonly local: { readonly address: string; readonly port: number };
  readonly remote: { readonly address: string; readonly port: number };
}

export class PipeError extends Error {
  override readonly name = 'PipeError';
}

const GATHER_TIMEOUT_MS = 5000;
/**
 * The library hands over one callback per packet through a queue without bound. Twenty audio streams at 20 ms are
 * 1,000 packets a second; a browser that sends five times as many is dropped before any work is done for it.
 */
const MAX_PACKETS_PER_S = 5000;

const STATES: readonly PipeState[] = ['new', 'connecting', 'connected', 'disconnected', 'failed', 'closed'];

const isRtcpType = (packet: Buffer) => packet[1]! >= 192 && packet[1]! <= 223; // RFC 5761 §4

/** `close()` ends it; a pipe that failed must be closed too. */
export function createSecurePipe(options: SecurePipeOptions): SecurePipe {
  const { name, bind, advertise, udp, gate, onRtp, onRtcp, onState, onError } = options;
  const config: RtcConfig = { iceServers: [], disableAutoNegotiation: true };
  if (bind !== '0.0.0.0' && bind !== '::') config.bindAddress = bind;
  if (udp && 'sharedPort' in udp) {
    config.enableIceUdpMux = true;
    config.portRangeBegin = udp.sharedPort;
    config.portRangeEnd = udp.sharedPort;
  } else if (udp) {
    config.portRangeBegin = udp.min;
    config.portRangeEnd = udp.max;
  }
  if (options.certificate) {
    // The library takes the texts themselves where it asks for files.
    config.certificatePemFile = options.certificate.certificatePem;
    config.keyPemFile = options.certificate.keyPem;
  }
  const connection = new PeerConnection(name, config);
  let track: Track | undefined;
  let open = false;
  let state: PipeState = 'new';
  let leaveGate: (() => void) | undefined;
  let flooded = 0;
  let windowStart = 0;
  let windowPackets = 0;

  /** What the native side calls: it must never see an exception, nor reach a closed pipe. */
  function guarded<A extends unknown[]>(handler: (...args: A) => void): (...args: A) => void {
    return (...args) => {
      if (state === 'closed') return;
      try {
        handler(...args);
      } catch (error) {
        try {
          onError(error);
        } catch {
          // Nobody is left to tell.
        }
      }
    };
  }

  function setState(next: PipeState) {
    if (next === state || state === 'closed') return;
    state = next;
    onState(next);
  }

  function receive(packet: Buffer) {
    const now = performance.now();
    if (now - windowStart >= 1000) {
      windowStart = now;
      windowPackets = 0;
    }
    windowPackets += 1;
    if (windowPackets > MAX_PACKETS_PER_S) {
      flooded += 1;
      return;
    }
    if (packet.length < 8) return;
    if (isRtcpType(packet)) onRtcp(packet);
    else onRtp(packet);
  }

  function attach(made: Track) {
    track = made;
    made.onOpen(
      guarded(() => {
        open = true;
        setState('connected');
      }),
    );
    made.onClosed(
      guarded(() => {
        open = false;
      }),
    );
    made.onError(guarded((message) => onError(new PipeError(message))));
    made.onMessage(guarded(receive));
  }

  connection.onStateChange(
    guarded((next) => {
      const known = STATES.find((candidate) => candidate === next);
      // "connected" is told when the track is open, so that whoever hears it can send.
      if (known === 'connected') {
        if (open) setState('connected');
      } else if (known === 'closed') {
        setState('failed'); // the other side ended DTLS; ours is still to be closed
      } else if (known) setState(known);
    }),
  );

  function gathered(): Promise<LocalTransport> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new PipeError('No local candidates in time')), GATHER_TIMEOUT_MS);
      const finish = guarded(() => {
        if (connection.gatheringState() !== 'complete') return;
        clearTimeout(timer);
        try {
          const local = readLocalTransport(connection.localDescription()?.sdp ?? '');
          const candidates = advertised(local.candidates, advertise);
          const [first] = candidates;
          if (!first) throw new PipeError(`No UDP port for media on ${bind}`);
          if (gate && state !== 'closed') {
            leaveGate?.();
            leaveGate = gate.admit({ ufrag: local.ufrag, pwd: local.pwd, port: first.port });
          }
          resolve({ ...local, candidates: gate ? withGate(candidates, gate) : candidates });
        } catch (error) {
          reject(error);
        }
      });
      connection.onGatheringStateChange(finish);
      finish();
    });
  }

  return {
    get state() {
      return state;
    },
    get flooded() {
      return flooded;
    },
    place() {
      if (!open || state === 'closed') return undefined;
      const pair = connection.getSelectedCandidatePair();
      if (!pair) return undefined;
      const { local, remote } = pair;
      return {
        local: { address: local.address, port: local.port },
        remote: { address: remote.address, port: remote.port },
      };
    },
    async offer() {
      const audio = new Audio('0', 'SendRecv');
      audio.addOpusCodec(PIPE_PAYLOAD_TYPE);
      attach(connection.addTrack(audio));
      connection.setLocalDescription('offer');
      return await gathered();
    },
    accept(remote) {
      connection.setRemoteDescription(pipeDescription(remote), 'answer');
    },
    async answer(remote) {
      const announced = new Promise<void>((resolve, reject) => {
        const timer = setTimeout(() => reject(new PipeError('No track in time')), GATHER_TIMEOUT_MS);
        connection.onTrack(
          guarded((made) => {
            clearTimeout(timer);
            attach(made);
            resolve();
          }),
        );
      });
      connection.setRemoteDescription(pipeDescription(remote), 'offer');
      await announced;
      connection.setLocalDescription('answer');
      return await gathered();
    },
    send(packet) {
      if (!open || !track || state === 'closed') return false;
      try {
        return track.sendMessageBinary(packet);
      } catch {
        return false;
      }
    },
    close() {
      if (state === 'closed') return;
      state = 'closed';
      open = false;
      leaveGate?.();
      try {
        track?.close();
        connection.close();
      } catch (error) {
        onError(error);
      }
      track = undefined;
    },
  };
}
