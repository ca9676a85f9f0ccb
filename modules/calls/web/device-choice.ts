/** Which microphone and loudspeaker this device uses for calls, kept on it; '' and null are the usual ones. */
export interface DeviceChoice {
  readonly microphone: string | null;
  readonly speaker: string | null;
}

const storageKey = 'liaison.calls.devices';

export function readDeviceChoice(): DeviceChoice {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(storageKey) ?? 'null');
    const text = (value: unknown): string | null =>
      typeof value === 'string' && value !== '' ? value : null;
    const { microphone, speaker } = (kept ?? {}) as Record<string, unknown>;
    return { microphone: text(microphone), speaker: text(speaker) };
  } catch {
    // Storage is forbidden, or what is kept there is damaged: the usual devices.
    return { microphone: null, speaker: null };
  }
}

export function keepDeviceChoice(choice: DeviceChoice): void {
  try {
    localStorage.setItem(storageKey, JSON.stringify(choice));
  } catch {
    // Holds for this page.
  }
}
