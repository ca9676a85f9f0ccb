import type { VideoKey } from '@liaison/sdp';
import type { VideoStats } from './media.ts';
import type { VideoLane } from './video-lane.ts';

/** The video of an end, agreed with it or not. */
export interface EndVideo {
  readonly lane: VideoLane;
  /** It has not said that it does not know this format. */
  mayTake(key: VideoKey): boolean;
}

export const videoStats = (lane: VideoLane): { video?: VideoStats } => {
  const video = lane.stats();
  return video ? { video } : {};
};

/** Points the video of an end at whom the end speaks to now; who sees somebody else gets a whole picture soon. */
export function routeVideo(
  from: Pick<EndVideo, 'lane'> | undefined,
  to: Pick<EndVideo, 'lane'> | undefined,
): void {
  if (!from || from.lane.target === to?.lane) return;
  from.lane.target = to?.lane;
  to?.lane.interrupt();
  if (to) from.lane.askForKeyFrame();
}
