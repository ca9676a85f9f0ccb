/** How loud something is. Whoever opens it closes it. */
export interface Meter {
  /** The highest sample of the last tenths of a second, 0 to 1; null while the browser does not let us listen. */
  peak(): number | null;
  close(): void;
}

export interface Meters {
  open(stream: MediaStream): Meter;
  close(): void;
}

/** Longer than the time between two looks, so that no syllable falls between them. */
const windowSamples = 8192;

/** Listens beside what is sent and played; nothing of it is kept. */
export function createMeters(): Meters {
  let context: AudioContext | undefined;
  return {
    open(stream) {
      context ??= new AudioContext();
      const here = context;
      // Forbidden before the first touch: the meter shows nothing, and nobody is told of a dead microphone.
      if (here.state === 'suspended') void here.resume().catch(() => {});
      const source = new MediaStreamAudioSourceNode(here, { mediaStream: stream });
      const analyser = new AnalyserNode(here, { fftSize: windowSamples });
      source.connect(analyser);
      const samples = new Float32Array(windowSamples);
      const openedAt = here.currentTime;
      return {
        peak() {
          // Suspended until somebody touches the page, and empty before the first window is full.
          if (here.state !== 'running' || here.currentTime - openedAt < windowSamples / here.sampleRate)
            return null;
          analyser.getFloatTimeDomainData(samples);
          return samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
        },
        close: () => source.disconnect(),
      };
    },
    close() {
      // Closed already is as good.
      void context?.close().catch(() => {});
      context = undefined;
    },
  };
}

/** As ears judge it, for a drawing: 0 at -50 dB of full scale, 1 at -5. */
export const loudness = (peak: number): number =>
  peak <= 0 ? 0 : Math.min(1, Math.max(0, (20 * Math.log10(peak) + 50) / 45));

/** Half a step of 16 bits: rooms and microphones are never this quiet, switched-off ones are. */
const nothing = 2 ** -16;

/** Notices a microphone that gives nothing at all for `afterMs`. */
export function createSilenceWatch(afterMs: number, now: () => number): (peak: number | null) => boolean {
  let since: number | null = null;
  return (peak) => {
    if (peak === null || peak > nothing) {
      since = null;
      return false;
    }
    since ??= now();
    return now() - since >= afterMs;
  };
}
