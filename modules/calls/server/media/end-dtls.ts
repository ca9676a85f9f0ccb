import type { SocketAddress } from '@liaison/rtp';
import { type DtlsParameters, SdpError } from '@liaison/sdp';
import {
  type BarePipe,
  createBarePipe,
  createPipeCertificate,
  type PipeCertificate,
  type PipeState,
} from '@liaison/webrtc';
import { createDtlsContest, type DtlsContest } from './dtls-contest.ts';

/**
 * The DTLS of one telephone end (RFC 5763). One association lives as long as both certificates are the same: a new
 * description that names the same one changes nothing (RFC 8842 §5.4), another one ends it and begins anew.
 */
export interface EndDtls {
  /** What goes out now is protected by it. */
  readonly pipe: BarePipe | undefined;
  /** What `pipe` shows the other side. */
  readonly certificate: PipeCertificate | undefined;
  /** Whether what comes from an allowed address may be anybody's: see `DtlsTunnel` of `@liaison/rtp`. */
  readonly isContested: boolean;
  /** For our offer: within an association the same certificate. */
  offer(): Promise<DtlsParameters>;
  /** They answered our offer. `canReach` as below. Throws `SdpError` when they cannot have. */
  accept(theirs: DtlsParameters, canReach: boolean): void;
  /** They offered. `canReach`: our packets get to where their description says, so we may open DTLS. */
  answer(theirs: DtlsParameters, canReach: boolean): Promise<DtlsParameters>;
  /** What came from the other side, or while it is contested from who may be it. */
  deliver(datagram: Buffer, from: SocketAddress): void;
  /** None of it any more. */
  close(): void;
}

export interface EndDtlsOptions {
  /** Shows this one instead of its own: SDP has one fingerprint for RTP and RTCP. */
  certificate?(): PipeCertificate | undefined;
  onRtp(packet: Buffer): void;
  onRtcp(packet: Buffer): void;
  onState(state: PipeState): void;
  onError(error: unknown): void;
  /** It is about to make a pipe. */
  onPipe?(): void;
  /** Without `to`: to the other side, wherever it is. */
  transmit(datagram: Buffer, to: SocketAddress | undefined): void;
  /** It was contested, and this one holds the certificate that was said. */
  onProven(source: SocketAddress): void;
}

export function createEndDtls(options: EndDtlsOptions): EndDtls {
  let pipe: BarePipe | undefined;
  let certificate: PipeCertificate | undefined;
  let contest: DtlsContest | undefined;
  let ours: DtlsParameters | undefined;
  let theirs: DtlsParameters | undefined;

  function makePipe(told: (made: BarePipe, state: PipeState) => unknown, to?: SocketAddress): BarePipe {
    options.onPipe?.();
    const made: BarePipe = createBarePipe({
      name: 'telephone',
      ...(certificate ? { certificate } : {}),
      // One that was replaced, or has not proven itself, has nothing to say.
      onRtp: (packet) => made === pipe && options.onRtp(packet),
      onRtcp: (packet) => made === pipe && options.onRtcp(packet),
      onState: (state) => told(made, state),
      onError: options.onError,
      transmit: (datagram) => options.transmit(datagram, to),
    });
    return made;
  }

  function renew(): BarePipe {
    close();
    certificate = options.certificate?.() ?? createPipeCertificate();
    pipe = makePipe((made, state) => made === pipe && !contest && options.onState(state));
    return pipe;
  }

  function close() {
    contest?.close();
    contest = undefined;
    pipe?.close();
    pipe = undefined;
    ours = undefined;
    theirs = undefined;
  }

  /** They open, from behind a NAT: whoever shares its address may be first. The pipe that stands is for nobody then. */
  function openContest(to: DtlsParameters) {
    contest = createDtlsContest({
      open(source, told) {
        const made = makePipe(told, source);
        void made.answer({ ...to, setup: 'active' }).catch(options.onError);
        return made;
      },
      onWon(winner, source) {
        contest = undefined;
        pipe?.close();
        pipe = winner;
        options.onProven(source);
        options.onState('connected');
        return (state) => winner === pipe && options.onState(state);
      },
    });
  }

  const isAgreedWith = (other: DtlsParameters) =>
    theirs !== undefined &&
    pipe !== undefined &&
    pipe.state !== 'failed' &&
    (!options.certificate || options.certificate() === certificate) &&
    theirs.fingerprint.algorithm === other.fingerprint.algorithm &&
    theirs.fingerprint.value === other.fingerprint.value;

  return {
    get pipe() {
      return pipe;
    },
    get certificate() {
      return certificate;
    },
    get isContested() {
      return contest !== undefined;
    },
    async offer() {
      // RFC 8842 §5.5: also within an association the answerer chooses.
      if (pipe && ours) return { ...ours, setup: 'actpass' };
      ours = await renew().offer();
      return ours;
    },
    accept(answer, canReach) {
      if (!pipe || !ours) throw new SdpError('bad-sdp', 'An answer with DTLS that was not offered');
      if (isAgreedWith(answer)) return;
      if (theirs) throw new SdpError('bad-sdp', 'An answer with another certificate than before');
      // RFC 8842 §5.3
      if (answer.setup === 'actpass')
        throw new SdpError('bad-sdp', 'An answer that leaves the DTLS role open');
      theirs = answer;
      if (answer.setup === 'active' && !canReach) openContest(answer);
      else pipe.accept(answer);
    },
    async answer(offer, canReach) {
      if (isAgreedWith(offer) && ours) return ours;
      const made = renew();
      theirs = offer;
      // RFC 5763 §5: the answerer opens where it may choose. Departs from RFC 5763 §5: not towards a NAT, which lets
      // nothing in before something went out.
      const setup = offer.setup === 'actpass' ? (canReach ? 'passive' : 'active') : offer.setup;
      ours = await made.answer({ ...offer, setup });
      if (setup === 'active' && !canReach) openContest(offer);
      return ours;
    },
    deliver(datagram, from) {
      if (contest) contest.deliver(datagram, from);
      else pipe?.deliver(datagram);
    },
    close,
  };
}
