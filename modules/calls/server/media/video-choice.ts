import { VIDEO_KEYS, type VideoFormat, type VideoMedia } from '@liaison/sdp';
import type { EndVideo } from './end-video.ts';

/**
 * The format that an offer of video is answered with: what the peer has agreed on, else the first of ours that it knows.
 * None where the peer shows and sees nothing: the line is refused then, and the sound goes on.
 */
export function chooseVideo(
  offer: VideoMedia | undefined,
  /** `absent`: nobody is there yet; `undefined`: it shows and sees nothing. */
  peer: EndVideo | 'absent' | undefined,
): VideoFormat | undefined {
  if (!offer) return undefined;
  const own = VIDEO_KEYS.filter((key) => offer.formats.some((format) => format.key === key));
  const wanted = peer === 'absent' ? own : own.filter((key) => key === peer?.lane.format?.key);
  return offer.formats.find(({ key }) => key === wanted[0]);
}
