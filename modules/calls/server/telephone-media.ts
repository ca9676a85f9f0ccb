import { readBrowser, readTelephone, SdpError, type VideoFormat } from '@liaison/sdp';
import { type Flow, SipRefusal } from '@liaison/sip';
import type { EndId, OfferMatch, Relay, SrtpUse } from './media/media.ts';

/**
 * How sound is offered to a telephone: plain RTP, with keys in the description as a wish or a demand (RFC 4568), with keys
 * from DTLS (RFC 5763), or as browsers speak it (ICE and DTLS-SRTP, RFC 8835).
 */
export type OfferKind = 'plain' | 'keys-wished' | 'keys-demanded' | 'dtls' | 'webrtc';

/**
 * What is offered first over a flow. Who signs in over a WebSocket is a browser, and browsers take nothing else (RFC 8834 §4.1).
 * Elsewhere keys are no secret where signalling is not one (RFC 4568 §7); and a wish, because RTP/SAVP is refused by
 * telephones that sign in over TLS and know no SRTP.
 */
export function offerKindOver(flow: Pick<Flow, 'protocol'> | undefined): OfferKind {
  if (flow?.protocol === 'ws' || flow?.protocol === 'wss') return 'webrtc';
  return flow?.protocol === 'tls' ? 'keys-wished' : 'plain';
}

/** What is offered to who refused that with 488: each once, so a telephone is asked four times at most. */
export function offerKindAfter(kind: OfferKind, flow: Pick<Flow, 'protocol'>): OfferKind | undefined {
  // A telephone that signs in over a WebSocket, and is no browser.
  if (kind === 'webrtc') return flow.protocol === 'wss' ? 'keys-wished' : 'plain';
  if (kind === 'keys-wished') return 'keys-demanded';
  return kind === 'dtls' ? undefined : 'dtls';
}

/** DTLS-SRTP (RFC 5764 §8) with ICE is a browser's; a telephone's is without. */
const isBrowsers = (sdp: string): boolean =>
  /^m=audio [1-9]\d* UDP\/TLS\/RTP\/SAVPF? /m.test(sdp) && /^a=ice-ufrag:/m.test(sdp);

const srtpUses: Record<Exclude<OfferKind, 'webrtc'>, SrtpUse> = {
  plain: 'never',
  'keys-wished': 'optional',
  'keys-demanded': 'required',
  dtls: 'dtls',
};

/**
 * Whether an offer can be answered at all, before anybody is rung for it. Throws `SipRefusal` with what stood in the way
 * (RFC 3261 §20.43): 400 for what cannot be read, 488 for what we have not.
 */
export function requireUsableOffer(offer: string): void {
  try {
    if (isBrowsers(offer)) readBrowser(offer);
    else readTelephone(offer);
  } catch (error) {
    if (!(error instanceof SdpError)) throw error;
    if (error.code === 'bad-sdp') throw new SipRefusal(400, error.message);
    throw new SipRefusal(488, 'Not Acceptable Here', [['warning', `305 liaison "${error.message}"`]]);
  }
}

/** A format that somebody shows, and with H.264 what is read of it there (a profile-level-id). */
export type ShownVideo = Pick<VideoFormat, 'key' | 'profileLevelId'>;

/** What an offer shows that we could pass on; none where it cannot be read, which its answer will say. */
export function videoShown(offer: string | undefined): ShownVideo[] {
  if (offer === undefined) return [];
  try {
    const { video } = isBrowsers(offer) ? readBrowser(offer) : readTelephone(offer);
    // Nothing else of it: this stands for as long as the call.
    return (video?.formats ?? []).map(({ key, profileLevelId }) => ({
      key,
      ...(profileLevelId === undefined ? {} : { profileLevelId: Buffer.from(profileLevelId).toString() }),
    }));
  } catch {
    return [];
  }
}

/** Whether a description of ours has a line of video that is not refused. */
export const showsVideo = (sdp: string): boolean => /^m=video [1-9]/m.test(sdp);

/** Our offer to the telephone of this end, with a picture of whoever calls it where that shows one. */
export async function offerTo(
  relay: Relay,
  end: EndId,
  kind: OfferKind,
  shown: readonly ShownVideo[] = [],
  match?: OfferMatch,
): Promise<string> {
  const readBy = shown.find(({ profileLevelId }) => profileLevelId !== undefined)?.profileLevelId;
  const pictures = { video: shown.map(({ key }) => key), ...(readBy === undefined ? {} : { readBy }) };
  if (kind === 'webrtc') return (await relay.webrtcOffer(end, pictures)).offer;
  const how = { srtp: srtpUses[kind], ...pictures, ...(match ? { match } : {}) };
  return (await relay.rtpOffer(end, how)).offer;
}

/** Its answer to ours. `signalledFrom` is believed before any other address (see rtp's latch). */
export async function acceptFrom(
  relay: Relay,
  end: EndId,
  answer: string,
  signalledFrom: string,
): Promise<void> {
  if (isBrowsers(answer)) await relay.webrtcAccept(end, answer);
  else await relay.rtpAccept(end, answer, signalledFrom);
}

/** Our answer to its offer, whichever way it speaks. */
export async function answerTo(
  relay: Relay,
  end: EndId,
  offer: string,
  signalledFrom: string,
): Promise<string> {
  if (isBrowsers(offer)) return (await relay.webrtcAnswer(end, offer)).answer;
  return (await relay.rtpAnswer(end, offer, signalledFrom)).answer;
}

/** True when the description asks us to send nothing: the other side holds (RFC 3264 §8.4). Throws `SdpError`. */
export function asksForSilence(sdp: string): boolean {
  if (isBrowsers(sdp)) return silent.has(readBrowser(sdp).direction);
  const { direction, address } = readTelephone(sdp);
  return silent.has(direction) || address === undefined;
}
const silent = new Set(['sendonly', 'inactive']);
