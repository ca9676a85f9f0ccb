import { CameraRefused, type CameraTrouble } from './camera.ts';
import type { CarriedSounds } from './carried-sounds.ts';
import { stopStream } from './microphone.ts';

/** No camera, and how to ask for it again. */
export interface CameraRefusal {
  readonly trouble: CameraTrouble;
  readonly retry: () => void;
}

/** Switches the camera of the call that is talked in. */
export interface CameraSwitch {
  readonly refusal: CameraRefusal | null;
  /** The camera is on, and the other side is being asked whether it takes a picture. */
  readonly asking: boolean;
  set(on: boolean): Promise<void>;
  /** After anything of the calls changed: a picture that nobody has agreed on is asked for, or taken away. */
  follow(): void;
  /** What the other side said to that; a round in which it is agreed follows. */
  answered(callId: string, agreed: boolean): void;
  dismiss(): void;
  close(): void;
}

/** A telephone may ask its person; longer than this nobody is shown a picture of oneself that nobody sees. */
const askForMs = 45_000;

/**
 * States: *off* → set → *on*, at once where a picture is agreed on, or before the other side has answered the call; otherwise
 * → *asking* → agreed → *on*; refused, or no answer in time → *off*, and it is said. Hold and the end of the call → *off*.
 */
export function createCameraSwitch(options: {
  carried: Pick<CarriedSounds, 'active' | 'state' | 'show'>;
  openCamera: () => Promise<MediaStream>;
  /** Whether the call may show a picture now or when it is answered: it is not on hold, and does not ring here. */
  mayShow: (callId: string) => boolean;
  /** Whether the other side, with whom one talks, can be asked when it has agreed on none; null: nobody talks yet. */
  mayAsk: (callId: string) => boolean | null;
  /** Asks it. Rejects where that could not be said. */
  ask: (callId: string) => Promise<unknown>;
  changed: () => void;
}): CameraSwitch {
  const { carried, openCamera, mayShow, mayAsk, changed } = options;
  /** Of that call; when it is over there is nothing left to switch. */
  let refused: { readonly callId: string; readonly refusal: CameraRefusal } | null = null;
  let asked: { readonly callId: string; readonly timer: ReturnType<typeof setTimeout> } | null = null;
  /** Counts up: of two wishes the later one counts. */
  let wish = 0;

  const retry = (): void => void set(true);
  const refuse = (callId: string, trouble: CameraTrouble): void => {
    refused = { callId, refusal: { trouble, retry } };
  };
  const isUnagreed = (): boolean => carried.state.sound === 'flowing' && !carried.state.pictureAgreed;

  function stopAsking(): void {
    if (asked) clearTimeout(asked.timer);
    asked = null;
  }

  async function set(on: boolean): Promise<void> {
    wish += 1;
    const mine = wish;
    refused = null;
    if (!on) {
      carried.show(null);
      return changed();
    }
    const callId = carried.active;
    if (callId === null || !mayShow(callId)) return changed();
    // While the sound is being agreed it is not known yet: what comes of that decides.
    if (isUnagreed() && mayAsk(callId) === false) {
      refuse(callId, 'unagreed');
      return changed();
    }
    try {
      const camera = await openCamera();
      if (mine === wish && carried.active === callId && mayShow(callId)) carried.show(camera);
      else stopStream(camera);
    } catch (error) {
      if (mine === wish) refuse(callId, error instanceof CameraRefused ? error.trouble : 'busy');
    }
    changed();
  }

  function follow(): void {
    const callId = carried.active;
    const isShown = carried.state.myPicture !== null;
    if (asked && (asked.callId !== callId || !isShown || carried.state.pictureAgreed)) stopAsking();
    if (asked || callId === null || !isShown || !isUnagreed()) return;
    const may = mayAsk(callId);
    if (may === null) return;
    if (!may) {
      carried.show(null);
      return;
    }
    asked = { callId, timer: setTimeout(() => answered(callId, false), askForMs) };
    options.ask(callId).catch(() => answered(callId, false));
  }

  function answered(callId: string, agreed: boolean): void {
    if (agreed || asked?.callId !== callId) return;
    stopAsking();
    carried.show(null);
    refuse(callId, 'unagreed');
    changed();
  }

  return {
    get refusal() {
      return refused !== null && refused.callId === carried.active ? refused.refusal : null;
    },
    get asking() {
      return asked !== null;
    },
    set,
    follow,
    answered,
    dismiss() {
      refused = null;
      changed();
    },
    close: stopAsking,
  };
}
