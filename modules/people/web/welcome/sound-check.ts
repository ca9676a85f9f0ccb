import { type RefObject, useCallback, useEffect, useRef, useState } from 'react';

export type SoundState = 'idle' | 'asking' | 'listening' | 'heard' | 'refused' | 'missing' | 'insecure';

/** Root mean square of a voice at an arm's length; rooms stay below it. */
const voiceLevel = 0.03;

export interface SoundCheck {
  readonly state: SoundState;
  /** Which microphone it is, once it may be known. */
  readonly microphone: string | null;
  /** Puts the level (0 to 1) into the custom property `--level` of an element, drawing by drawing. */
  readonly meter: RefObject<HTMLDivElement | null>;
  readonly start: () => void;
  readonly playTone: () => void;
  readonly stop: () => void;
}

/** Opens the microphone and shows its level until the component goes; plays a tone. Nothing is recorded or sent. */
export function useSoundCheck(): SoundCheck {
  const [state, setState] = useState<SoundState>('idle');
  const [microphone, setMicrophone] = useState<string | null>(null);
  const meter = useRef<HTMLDivElement>(null);
  const running = useRef<{ stop: () => void } | null>(null);
  const gone = useRef(false);
  const stop = useCallback((): void => {
    running.current?.stop();
    running.current = null;
  }, []);
  useEffect(() => {
    gone.current = false;
    return () => {
      gone.current = true;
      stop();
    };
  }, [stop]);

  const start = async (): Promise<void> => {
    if (!navigator.mediaDevices) return setState('insecure');
    stop();
    setState('asking');
    let stream: MediaStream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    } catch (error) {
      const refused = error instanceof DOMException && error.name === 'NotAllowedError';
      return setState(refused ? 'refused' : 'missing');
    }
    const release = (): void => {
      for (const track of stream.getTracks()) track.stop();
    };
    if (gone.current) return release();
    setMicrophone(stream.getAudioTracks()[0]?.label || null);
    setState('listening');
    const context = new AudioContext();
    const analyser = new AnalyserNode(context, { fftSize: 1024 });
    context.createMediaStreamSource(stream).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    let frame = 0;
    const look = (): void => {
      analyser.getFloatTimeDomainData(samples);
      const level = Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);
      meter.current?.style.setProperty('--level', String(Math.min(1, level * 5)));
      if (level > voiceLevel) setState('heard');
      frame = requestAnimationFrame(look);
    };
    look();
    running.current = {
      stop() {
        cancelAnimationFrame(frame);
        release();
        void context.close();
      },
    };
  };
  return { state, microphone, meter, start: () => void start(), playTone, stop };
}

/** Two soft notes, a fifth apart. */
function playTone(): void {
  const context = new AudioContext();
  const volume = new GainNode(context, { gain: 0 });
  volume.connect(context.destination);
  const begin = context.currentTime + 0.05;
  for (const [index, frequency] of [440, 660].entries()) {
    const at = begin + index * 0.32;
    const note = new OscillatorNode(context, { frequency });
    note.connect(volume);
    // From and to silence, or the edges would click.
    volume.gain.setValueAtTime(0, at);
    volume.gain.linearRampToValueAtTime(0.22, at + 0.03);
    volume.gain.linearRampToValueAtTime(0, at + 0.3);
    note.start(at);
    note.stop(at + 0.31);
    if (index === 1) note.onended = () => void context.close();
  }
}
