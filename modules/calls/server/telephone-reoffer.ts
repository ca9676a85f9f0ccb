import { SipRefusal } from '@liaison/sip';
import { type Agreed, MediaError, type OfferMatch, type Relay } from './media/media.ts';
import type { TelephoneDialog } from './sip-leg.ts';
import {
  acceptFrom,
  type OfferKind,
  offerKindAfter,
  offerKindOver,
  offerTo,
  showsVideo,
} from './telephone-media.ts';

/** The address that signalling came from: media from there is believed before any other (see rtp's latch). */
export const signalledFrom = (session: Pick<TelephoneDialog, 'flow'>): string =>
  session.flow?.remote.address ?? '';

/**
 * Offers to a telephone that talks what whom it is connected to speaks and shows (RFC 3261 §14.1); `wished`: pictures that
 * that one is about to show.
 *
 * @returns what is agreed now; null where nothing changed, because it refused (488, or 491 again and again), answered what
 * cannot be used, or takes no such offer: a browser's telephone, or for pictures one with DTLS.
 */
export async function offerAnew(
  relay: Relay,
  end: string,
  session: TelephoneDialog,
  match: OfferMatch,
): Promise<Agreed | null> {
  try {
    const { offer } = await relay.rtpOffer(end, { match });
    if (match === 'agreed' || showsVideo(offer))
      return await relay.rtpAccept(end, await session.reinvite(offer), signalledFrom(session));
  } catch (error) {
    if (!(error instanceof SipRefusal) && !(error instanceof MediaError)) throw error;
  }
  // RFC 3261 §14.1: the session goes on as if there had been no offer. A relay that is gone has nothing to go back to.
  await relay.rtpRefused(end).catch(() => {});
  return null;
}

/**
 * A telephone that talks goes on in another relay (RFC 3261 §14.1), with the pictures of whom it is connected to there.
 * Throws `SipRefusal` where it takes none of what can be offered.
 */
export async function moveInto(relay: Relay, end: string, session: TelephoneDialog): Promise<void> {
  let kind: OfferKind | undefined = offerKindOver(session.flow);
  let match: OfferMatch | undefined = 'agreed';
  for (;;) {
    const offer = await offerTo(relay, end, kind, [], match);
    try {
      return await acceptFrom(relay, end, await session.reinvite(offer), signalledFrom(session));
    } catch (error) {
      if (!(error instanceof SipRefusal) || error.status !== 488) throw error;
      // As for a first INVITE: without pictures, then protected in another way.
      const next: OfferKind | undefined =
        match && showsVideo(offer) ? kind : session.flow && offerKindAfter(kind, session.flow);
      if (!next) throw error;
      kind = next;
      match = undefined;
    }
  }
}
