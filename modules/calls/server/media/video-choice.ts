import { VIDEO_KEYS, type VideoFormat, type VideoKey, type VideoMedia } from '@liaison/sdp';
import type { EndVideo } from './end-video.ts';

/** How an offer of video is answered. */
export interface ChosenVideo {
  /** One of the offer's. */
  format: VideoFormat;
  /** H.264: what whoever is to see it can read, where that one has said so (a profile-level-id). */
  readBy?: string;
}

/**
 * The format that an offer of video is answered with: what the peer has agreed on, else the first of ours that it knows.
 * None where the peer shows and sees nothing: the line is refused then, and the sound goes on.
 */
export function chooseVideo(
  offer: VideoMedia | undefined,
  /** `absent`: nobody is there yet; `undefined`: it shows and sees nothing. */
  peer: EndVideo | 'absent' | undefined,
  /** Also what the peer has not agreed on and may know: it is asked afterwards (`videoToAgree`). */
  isEager = false,
): ChosenVideo | undefined {
  if (!offer) return undefined;
  const own = VIDEO_KEYS.filter((key) => offer.formats.some((format) => format.key === key));
  const key = peer === 'absent' ? own[0] : peer && keyWith(own, peer, isEager);
  const format = offer.formats.find((each) => each.key === key);
  return format && { format, ...levelReadBy(peer === 'absent' ? undefined : peer, format.key) };
}

/** What an end that has agreed on this format can read of it. */
export function levelReadBy(end: EndVideo | undefined, key: VideoKey): Pick<ChosenVideo, 'readBy'> {
  const agreed = end?.lane.format;
  return agreed?.key === key && agreed.profileLevelId !== undefined ? { readBy: agreed.profileLevelId } : {};
}

function keyWith(own: readonly VideoKey[], peer: EndVideo, isEager: boolean): VideoKey | undefined {
  const agreed = peer.lane.format?.key;
  if (agreed !== undefined && own.includes(agreed)) return agreed;
  return isEager ? own.find((key) => peer.mayTake(key)) : undefined;
}

/**
 * The format in which two ends would see each other, where one of them shows something already: what the first has agreed
 * on, else the other, else what both may know.
 */
function sharedKey(first: EndVideo, second: EndVideo): VideoKey | undefined {
  const agreed = [first.lane.format?.key, second.lane.format?.key].filter((key) => key !== undefined);
  if (agreed.length === 0) return undefined;
  const both = VIDEO_KEYS.filter((key) => first.mayTake(key) && second.mayTake(key));
  return agreed.find((key) => both.includes(key)) ?? both[0];
}

/**
 * Which of two connected ends have to agree anew, so that they see each other. None while neither has agreed on anything:
 * nobody is asked for pictures that nobody shows.
 */
export function videoToAgree(first: EndVideo | undefined, second: EndVideo | undefined): EndVideo[] {
  if (!first || !second) return [];
  const key = sharedKey(first, second);
  return key === undefined ? [] : [first, second].filter(({ lane }) => lane.format?.key !== key);
}

/**
 * What a telephone that talks already is offered: the format of `videoToAgree`, or what it has. `isWished`: its peer would
 * show something, so all that that one knows, whatever the telephone said before.
 */
export function videoToOffer(own: EndVideo, peer: EndVideo | undefined, isWished: boolean): VideoKey[] {
  const current = own.lane.format?.key;
  const shared = peer && sharedKey(peer, own);
  if (shared !== undefined) return [shared];
  if (current !== undefined) return [current];
  return isWished && peer ? VIDEO_KEYS.filter((key) => peer.mayTake(key)) : [];
}
