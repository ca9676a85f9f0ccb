import { type DtlsParameters, SdpError } from '@liaison/sdp';
import { type BarePipe, createBarePipe, type PipeState } from '@liaison/webrtc';

/**
 * The DTLS of one telephone end (RFC 5763). One association lives as long as both certificates are the same: a new
 * description that names the same one changes nothing (RFC 8842 §5.4), another one ends it and begins anew.
 */
export interface EndDtls {
  /** What goes out now is protected by it. */
  readonly pipe: BarePipe | undefined;
  /** For our offer: within an association the same certificate. */
  offer(): Promise<DtlsParameters>;
  /** They answered our offer. Throws `SdpError` when they cannot have. */
  accept(theirs: DtlsParameters): void;
  /** They offered. `canReach`: our packets get to where their description says, so we may open DTLS. */
  answer(theirs: DtlsParameters, canReach: boolean): Promise<DtlsParameters>;
  /** None of it any more. */
  close(): void;
}

export interface EndDtlsOptions {
  onRtp(packet: Buffer): void;
  onRtcp(packet: Buffer): void;
  onState(state: PipeState): void;
  onError(error: unknown): void;
  transmit(datagram: Buffer): void;
}

export function createEndDtls(options: EndDtlsOptions): EndDtls {
  let pipe: BarePipe | undefined;
  let ours: DtlsParameters | undefined;
  let theirs: DtlsParameters | undefined;

  function renew(): BarePipe {
    close();
    const made: BarePipe = createBarePipe({
      name: 'telephone',
      onRtp: options.onRtp,
      onRtcp: options.onRtcp,
      // One that was replaced has nothing to say any more.
      onState: (state) => made === pipe && options.onState(state),
      onError: options.onError,
      transmit: options.transmit,
    });
    pipe = made;
    return made;
  }

  function close() {
    pipe?.close();
    pipe = undefined;
    ours = undefined;
    theirs = undefined;
  }

  const isAgreedWith = (other: DtlsParameters) =>
    theirs !== undefined &&
    pipe !== undefined &&
    pipe.state !== 'failed' &&
    theirs.fingerprint.algorithm === other.fingerprint.algorithm &&
    theirs.fingerprint.value === other.fingerprint.value;

  return {
    get pipe() {
      return pipe;
    },
    async offer() {
      // RFC 8842 §5.5: also within an association the answerer chooses.
      if (pipe && ours) return { ...ours, setup: 'actpass' };
      ours = await renew().offer();
      return ours;
    },
    accept(answer) {
      if (!pipe || !ours) throw new SdpError('bad-sdp', 'An answer with DTLS that was not offered');
      if (isAgreedWith(answer)) return;
      if (theirs) throw new SdpError('bad-sdp', 'An answer with another certificate than before');
      // RFC 8842 §5.3
      if (answer.setup === 'actpass')
        throw new SdpError('bad-sdp', 'An answer that leaves the DTLS role open');
      theirs = answer;
      pipe.accept(answer);
    },
    async answer(offer, canReach) {
      if (isAgreedWith(offer) && ours) return ours;
      const made = renew();
      theirs = offer;
      // RFC 5763 §5: the answerer opens where it may choose. Departs from RFC 5763 §5: not towards a NAT, which lets
      // nothing in before something went out.
      const setup = offer.setup === 'actpass' ? (canReach ? 'passive' : 'active') : offer.setup;
      ours = await made.answer({ ...offer, setup });
      return ours;
    },
    close,
  };
}
