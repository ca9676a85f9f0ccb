import type { CallView } from '../contract/index.ts';
import type { CameraRefusal } from './camera-switch.ts';
import type { ActiveSound } from './carried-sounds.ts';
import type { MicrophoneTrouble } from './microphone.ts';

/** What a call came to, shown for some seconds. */
export type EndedNote =
  | { readonly kind: 'ended'; readonly call: CallView }
  /** It could not even begin, or not be answered; `error` says why. */
  | { readonly kind: 'refused'; readonly to: string; readonly name: string; readonly error: unknown };

export interface CallsState extends ActiveSound {
  /** Calls of this person that run or ring anywhere, oldest first. */
  readonly calls: readonly CallView[];
  /** The call that is talked in on this page, or is being brought here. */
  readonly here: CallView | null;
  /** Another one of this page, on hold meanwhile. */
  readonly aside: CallView | null;
  /** Asked for, and not yet known to the server. */
  readonly dialling: { readonly to: string; readonly name: string } | null;
  /** Since when the call is on hold by me, in milliseconds of the clock. */
  readonly heldAt: number | null;
  readonly asideHeldAt: number | null;
  /** A ringing call that makes no noise here any more. */
  readonly silenced: string | null;
  readonly note: EndedNote | null;
  /** No microphone, and what was wanted with it. */
  readonly refusal: { readonly trouble: MicrophoneTrouble; readonly retry: () => void } | null;
  /** My picture waits for the other side, which is asked whether it takes one. */
  readonly pictureAsked: boolean;
  /** No camera, and how to ask for it again. */
  readonly cameraRefusal: CameraRefusal | null;
}

/** Nothing rings and nobody talks. */
export const emptyState: CallsState = {
  calls: [],
  here: null,
  aside: null,
  dialling: null,
  sound: 'waiting',
  interruptedAt: null,
  heldAt: null,
  asideHeldAt: null,
  muted: false,
  microphoneDead: false,
  quality: null,
  silenced: null,
  note: null,
  refusal: null,
  myPicture: null,
  theirPicture: null,
  pictureAgreed: false,
  pictureAsked: false,
  cameraRefusal: null,
};
