const storageKey = 'liaison.chat.notify';

/** What this person chose on this device; null before they were asked. */
export function notifyChoice(): 'on' | 'off' | null {
  try {
    const kept = localStorage.getItem(storageKey);
    return kept === 'on' || kept === 'off' ? kept : null;
  } catch {
    return null;
  }
}

function keep(choice: 'on' | 'off'): void {
  try {
    localStorage.setItem(storageKey, choice);
  } catch {
    // Not kept: asked again after the next load.
  }
}

export const canNotify = (): boolean =>
  typeof Notification !== 'undefined' && window.isSecureContext && Notification.permission !== 'denied';

export const notificationsOn = (): boolean =>
  canNotify() && Notification.permission === 'granted' && notifyChoice() === 'on';

/** Asks the browser; only ever in answer to a press. True when notices will be shown. */
export async function switchNotifications(on: boolean): Promise<boolean> {
  if (!on) {
    keep('off');
    return false;
  }
  const permission =
    Notification.permission === 'granted' ? 'granted' : await Notification.requestPermission();
  keep(permission === 'granted' ? 'on' : 'off');
  return permission === 'granted';
}
