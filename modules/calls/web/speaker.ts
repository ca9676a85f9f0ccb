/** What one call is heard through. Whoever opens it closes it. */
export interface Voice {
  /** Plays this from now on. */
  play(stream: MediaStream | null): void;
  /** Nothing is heard while on hold. */
  setSilent(silent: boolean): void;
  close(): void;
}

/** Where the others are heard: one loudspeaker, one voice for each call on this page. */
export interface Speaker {
  open(): Voice;
  /** An output's id; '' for the usual one. Stays as it was where the browser or the device refuses. */
  choose(deviceId: string): Promise<void>;
  close(): void;
}

/** Audio elements beside the page itself, so that no change of what is drawn can stop them. */
export function createSpeaker(): Speaker {
  const elements = new Set<HTMLAudioElement>();
  let output = '';
  const start = (element: HTMLAudioElement): void => {
    // Forbidden, or replaced before it began: `retry` starts it with the next touch or key.
    if (element.srcObject) void element.play().catch(() => {});
  };
  // A page that came back by a reload may not play before somebody touches it.
  const retry = (): void => {
    for (const element of elements) if (element.paused) start(element);
  };
  document.addEventListener('pointerdown', retry);
  document.addEventListener('keydown', retry);
  const send = async (element: HTMLAudioElement): Promise<void> => {
    // Unplugged since it was chosen: it goes on where it sounds now, and who hears nothing chooses again.
    if ('setSinkId' in element) await element.setSinkId(output).catch(() => {});
  };
  const remove = (element: HTMLAudioElement): void => {
    elements.delete(element);
    element.srcObject = null;
    element.remove();
  };

  return {
    open() {
      const element = document.createElement('audio');
      element.hidden = true;
      element.autoplay = true;
      element.dataset.callSound = '';
      document.body.append(element);
      elements.add(element);
      if (output !== '') void send(element);
      return {
        play(stream) {
          if (element.srcObject === stream) return;
          element.srcObject = stream;
          start(element);
        },
        setSilent(silent) {
          element.muted = silent;
        },
        close: () => remove(element),
      };
    },
    async choose(deviceId) {
      output = deviceId;
      await Promise.all([...elements].map(send));
    },
    close() {
      document.removeEventListener('pointerdown', retry);
      document.removeEventListener('keydown', retry);
      for (const element of [...elements]) remove(element);
    },
  };
}
