import type { VideoStats } from './media.ts';
import type { VideoLane } from './video-lane.ts';

/** The video of an end, agreed with it or not. */
export interface EndVideo {
  readonly lane: VideoLane;
}

export const videoStats = (lane: VideoLane): { video?: VideoStats } => {
  const video = lane.stats();
  return video ? { video } : {};
};

/** Points the video of an end at whom the end speaks to now; who sees somebody else gets a whole picture soon. */
export function routeVideo(from: EndVideo | undefined, to: EndVideo | undefined): void {
  if (!from || from.lane.target === to?.lane) return;
  from.lane.target = to?.lane;
  to?.lane.interrupt();
  if (to) from.lane.askForKeyFrame();
}
