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
  set(on: boolean): Promise<void>;
  dismiss(): void;
}

export function createCameraSwitch(options: {
  carried: Pick<CarriedSounds, 'active' | 'state' | 'show'>;
  openCamera: () => Promise<MediaStream>;
  /** Whether the call may show a picture now: it stands, and is not on hold. */
  mayShow: (callId: string) => boolean;
  changed: () => void;
}): CameraSwitch {
  const { carried, openCamera, mayShow, changed } = options;
  /** Of that call; when it is over there is nothing left to switch. */
  let refused: { readonly callId: string; readonly refusal: CameraRefusal } | null = null;
  /** Counts up: of two wishes the later one counts. */
  let wish = 0;

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
    const retry = (): void => void set(true);
    // While the sound is being agreed it is not known yet: what comes of that decides.
    if (carried.state.sound === 'flowing' && !carried.state.pictureAgreed) {
      refused = { callId, refusal: { trouble: 'unagreed', retry } };
      return changed();
    }
    try {
      const camera = await openCamera();
      if (mine === wish && carried.active === callId && mayShow(callId)) carried.show(camera);
      else stopStream(camera);
    } catch (error) {
      const trouble = error instanceof CameraRefused ? error.trouble : 'busy';
      if (mine === wish) refused = { callId, refusal: { trouble, retry } };
    }
    changed();
  }

  return {
    get refusal() {
      return refused !== null && refused.callId === carried.active ? refused.refusal : null;
    },
    set,
    dismiss() {
      refused = null;
      changed();
    },
  };
}
