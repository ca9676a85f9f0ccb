/** Why there is no microphone; each has its own sentence and its own way out. */
export type MicrophoneTrouble = 'denied' | 'absent' | 'busy' | 'insecure';

/** The microphone could not be had. */
export class MicrophoneRefused extends Error {
  readonly trouble: MicrophoneTrouble;

  constructor(trouble: MicrophoneTrouble, cause?: unknown) {
    super(`no microphone: ${trouble}`, { cause });
    this.trouble = trouble;
  }
}

const troubleOf: Readonly<Record<string, MicrophoneTrouble>> = {
  NotAllowedError: 'denied',
  SecurityError: 'denied',
  NotFoundError: 'absent',
  OverconstrainedError: 'absent',
};

/**
 * Asks for the microphone, cleaned of echo and noise by the browser. Whoever gets the stream stops its tracks.
 *
 * @param deviceId the chosen one; another is taken where it is not plugged in.
 * @throws MicrophoneRefused
 */
export async function openMicrophone(deviceId: string | null): Promise<MediaStream> {
  // Browsers hide it from pages that came over plain HTTP.
  if (!navigator.mediaDevices?.getUserMedia) throw new MicrophoneRefused('insecure');
  try {
    return await navigator.mediaDevices.getUserMedia({
      audio: {
        echoCancellation: true,
        noiseSuppression: true,
        autoGainControl: true,
        ...(deviceId === null ? {} : { deviceId: { ideal: deviceId } }),
      },
    });
  } catch (error) {
    throw new MicrophoneRefused(troubleOf[(error as DOMException).name] ?? 'busy', error);
  }
}

export const stopStream = (stream: MediaStream): void => {
  for (const track of stream.getTracks()) track.stop();
};
