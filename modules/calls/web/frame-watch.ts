/**
 * Says whether pictures arrive. A connection keeps the last one when its sender switches the camera off, holds or is cut
 * off, and nothing else tells: so what counts is whether the number of pictures grows.
 *
 * @returns stops watching.
 */
export function watchFrames(
  receiver: Pick<RTCRtpReceiver, 'getStats'>,
  changed: (moving: boolean) => void,
  { everyMs = 300, stillLooks = 4 } = {},
): () => void {
  let frames = 0;
  let still = 0;
  let moving = false;
  let stopped = false;
  const timer = setInterval(() => {
    receiver.getStats().then(
      (stats) => {
        if (stopped) return;
        const now = framesOf(stats);
        still = now > frames ? 0 : still + 1;
        frames = now;
        const isMoving = frames > 0 && (moving ? still < stillLooks : still === 0);
        if (isMoving === moving) return;
        moving = isMoving;
        changed(moving);
      },
      () => {},
    );
  }, everyMs);
  return () => {
    stopped = true;
    clearInterval(timer);
  };
}

function framesOf(stats: RTCStatsReport): number {
  let frames = 0;
  stats.forEach((row: { type?: string; kind?: string; framesDecoded?: unknown }) => {
    if (row.type === 'inbound-rtp' && row.kind === 'video' && typeof row.framesDecoded === 'number')
      frames += row.framesDecoded;
  });
  return frames;
}
