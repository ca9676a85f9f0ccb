/** Every sound that the telephone itself makes; nothing of it is a file. */
export interface Tones {
  /** Each returns how to stop it. Silent where the browser forbids sound before somebody touched the page. */
  ring(): () => void;
  ringBack(): () => void;
  /** A second call waits: heard softly over the first. */
  knock(): () => void;
  /** Not reached: three short tones. */
  refused(): void;
  key(key: string): void;
  close(): void;
}

interface Note {
  readonly hz: readonly number[];
  readonly atMs: number;
  readonly forMs: number;
}

/** A soft call of two intervals, not a bell: it repeats for long and in offices. */
const ringNotes: readonly Note[] = [
  { hz: [523.25, 1046.5], atMs: 0, forMs: 260 },
  { hz: [659.25, 1318.5], atMs: 200, forMs: 260 },
  { hz: [783.99, 1567.98], atMs: 400, forMs: 420 },
  { hz: [659.25, 1318.5], atMs: 900, forMs: 260 },
  { hz: [783.99, 1567.98], atMs: 1100, forMs: 520 },
];
/** As ETSI TR 101 041 lists it for most of Europe: 425 Hz, 1 s in 5. */
const ringBackNotes: readonly Note[] = [{ hz: [425], atMs: 0, forMs: 1000 }];
/** Two short tones, as ETSI TR 101 041 lists call waiting for much of Europe. */
const knockNotes: readonly Note[] = [0, 400].map((atMs) => ({ hz: [425], atMs, forMs: 200 }));
const refusedNotes: readonly Note[] = [0, 400, 800].map((atMs) => ({ hz: [425], atMs, forMs: 200 }));

/** ITU-T Q.23: a low and a high frequency for each key. */
const lows = [697, 770, 852, 941];
const highs = [1209, 1336, 1477, 1633];
const keyRows = ['123A', '456B', '789C', '*0#D'];

export function createTones(): Tones {
  let context: AudioContext | undefined;

  function ready(): AudioContext {
    context ??= new AudioContext();
    // Forbidden until somebody touches the page: `play` looks at the state, and stays silent.
    if (context.state === 'suspended') void context.resume().catch(() => {});
    return context;
  }

  function play(notes: readonly Note[], volume: number): GainNode | null {
    const at = ready();
    // Until somebody touched the page it stays suspended.
    if (at.state !== 'running') return null;
    const out = new GainNode(at, { gain: volume });
    out.connect(at.destination);
    for (const { hz, atMs, forMs } of notes) {
      const from = at.currentTime + atMs / 1000;
      const until = from + forMs / 1000;
      const shape = new GainNode(at, { gain: 0 });
      // Edges of a few milliseconds: a hard one is heard as a click.
      shape.gain.setValueAtTime(0, from);
      shape.gain.linearRampToValueAtTime(1 / hz.length, from + 0.012);
      shape.gain.setValueAtTime(1 / hz.length, Math.max(from + 0.012, until - 0.04));
      shape.gain.linearRampToValueAtTime(0, until);
      shape.connect(out);
      for (const frequency of hz) {
        const oscillator = new OscillatorNode(at, { frequency });
        oscillator.connect(shape);
        oscillator.start(from);
        oscillator.stop(until + 0.02);
      }
    }
    return out;
  }

  function repeat(notes: readonly Note[], everyMs: number, volume: number): () => void {
    let out: GainNode | null = null;
    let stopped = false;
    const once = (): void => {
      if (stopped) return;
      out?.disconnect();
      out = play(notes, volume);
    };
    once();
    // The first may have been forbidden; the first touch lets it be heard at once.
    const touched = (): void => {
      if (!out)
        void ready()
          ?.resume()
          // Still forbidden: the next touch tries again.
          .then(once, () => {});
    };
    document.addEventListener('pointerdown', touched);
    document.addEventListener('keydown', touched);
    context?.resume().then(
      () => {
        if (!out) once();
      },
      // Forbidden before the first touch, which tries again.
      () => {},
    );
    const timer = setInterval(once, everyMs);
    return () => {
      stopped = true;
      clearInterval(timer);
      document.removeEventListener('pointerdown', touched);
      document.removeEventListener('keydown', touched);
      out?.disconnect();
    };
  }

  return {
    ring: () => repeat(ringNotes, 3000, 0.35),
    ringBack: () => repeat(ringBackNotes, 5000, 0.12),
    knock: () => repeat(knockNotes, 6000, 0.06),
    refused() {
      play(refusedNotes, 0.12);
    },
    key(key) {
      const row = keyRows.findIndex((keys) => keys.includes(key));
      const low = lows[row];
      const high = highs[keyRows[row]?.indexOf(key) ?? -1];
      if (low !== undefined && high !== undefined) play([{ hz: [low, high], atMs: 0, forMs: 120 }], 0.15);
    },
    close() {
      // Closed already is as good.
      void context?.close().catch(() => {});
      context = undefined;
    },
  };
}
