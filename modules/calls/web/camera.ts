/** Why there is no picture of this person; each has its own sentence. `unagreed`: the other side takes none. */
export type CameraTrouble = 'denied' | 'absent' | 'busy' | 'insecure' | 'unagreed';

/** The camera could not be had. */
export class CameraRefused extends Error {
  readonly trouble: CameraTrouble;

  constructor(trouble: CameraTrouble, cause?: unknown) {
    super(`no camera: ${trouble}`, { cause });
    this.trouble = trouble;
  }
}

const troubleOf: Readonly<Record<string, CameraTrouble>> = {
  NotAllowedError: 'denied',
  SecurityError: 'denied',
  NotFoundError: 'absent',
  OverconstrainedError: 'absent',
};

/**
 * Asks for the camera: pictures of at most 1280 by 720, 30 a second. Whoever gets the stream stops its track, which
 * gives the device back.
 *
 * @throws CameraRefused
 */
export async function openCamera(): Promise<MediaStream> {
  // Browsers hide it from pages that came over plain HTTP.
  if (!navigator.mediaDevices?.getUserMedia) throw new CameraRefused('insecure');
  try {
    return await navigator.mediaDevices.getUserMedia({
      video: {
        facingMode: 'user',
        width: { ideal: 1280, max: 1280 },
        height: { ideal: 720, max: 1280 },
        frameRate: { ideal: 25, max: 30 },
      },
    });
  } catch (error) {
    throw new CameraRefused(troubleOf[(error as DOMException).name] ?? 'busy', error);
  }
}
