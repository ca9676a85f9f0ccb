import type { EndedNote } from './calls-state.ts';

/** How long the line says how a call ended, in milliseconds; longer where it offers a next step. */
export const noteMs = { withStep: 9000, plain: 6000 };

/** What the line says of the last call, for a while. */
export function createEndedNote(changed: () => void) {
  let note: EndedNote | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  function forget(): void {
    clearTimeout(timer);
    note = null;
  }
  return {
    get current() {
      return note;
    },
    /** The caller tells of the change; `changed` tells when its time is over. */
    show(next: EndedNote, forMs: number = noteMs.plain): void {
      forget();
      note = next;
      timer = setTimeout(() => {
        note = null;
        changed();
      }, forMs);
    },
    forget,
  };
}
