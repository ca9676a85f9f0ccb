const storageKey = 'liaison.notify.push';

/** Whether this person switched pushing on in this browser. */
export function wantsPush(personId: string): boolean {
  try {
    return localStorage.getItem(storageKey) === personId;
  } catch {
    return false;
  }
}

export function keepWantsPush(personId: string | null): void {
  try {
    if (personId === null) localStorage.removeItem(storageKey);
    else localStorage.setItem(storageKey, personId);
  } catch {
    // Not kept: switched on anew after the next signing in.
  }
}
