import type { VideoKey } from '@liaison/sdp';
import type { VideoLane } from './video-lane.ts';

/** The video of an end: what it said that it takes, and where that flows once it is agreed. */
export interface EndVideo {
  offered: readonly VideoKey[];
  readonly lane: VideoLane;
}

/** Points the video of an end at whom the end speaks to now; who sees somebody else gets a whole picture soon. */
export function routeVideo(from: EndVideo | undefined, to: EndVideo | undefined): void {
  if (!from || from.lane.target === to?.lane) return;
  from.lane.target = to?.lane;
  to?.lane.interrupt();
  if (to) from.lane.askForKeyFrame();
}
