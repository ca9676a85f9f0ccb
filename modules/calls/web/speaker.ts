/** Where the other person is heard. */
export interface Speaker {
  /** Plays this from now on; null for nothing. */
  play(stream: MediaStream | null): void;
  /** Nothing is heard while on hold. */
  setSilent(silent: boolean): void;
  /** An output's id; '' for the usual one. Stays as it was where the browser or the device refuses. */
  choose(deviceId: string): Promise<void>;
  close(): void;
}

/** One audio element beside the page itself, so that no change of what is drawn can stop it. */
export function createSpeaker(): Speaker {
  const element = document.createElement('audio');
  element.hidden = true;
  element.autoplay = true;
  element.dataset.callSound = '';
  document.body.append(element);
  const start = (): void => {
    if (element.srcObject) void element.play().catch(() => {});
  };
  // A page that came back by a reload may not play before somebody touches it.
  const retry = (): void => {
    if (element.paused) start();
  };
  document.addEventListener('pointerdown', retry);
  document.addEventListener('keydown', retry);

  return {
    play(stream) {
      if (element.srcObject === stream) return;
      element.srcObject = stream;
      start();
    },
    setSilent(silent) {
      element.muted = silent;
    },
    async choose(deviceId) {
      if ('setSinkId' in element) await element.setSinkId(deviceId).catch(() => {});
    },
    close() {
      document.removeEventListener('pointerdown', retry);
      document.removeEventListener('keydown', retry);
      element.srcObject = null;
      element.remove();
    },
  };
}
