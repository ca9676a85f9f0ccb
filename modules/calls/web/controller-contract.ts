import type { LiveClient } from '@liaison/core/web';
import type { Levels } from './call-sound.ts';
import type { CallsState } from './calls-state.ts';
import type { CreateSound } from './carried-sounds.ts';
import type { TabMemory } from './tab-memory.ts';

export interface CallController {
  readonly state: CallsState;
  /** How loud it is at both ends of the call that is talked in; silence without one. */
  readonly levels: Levels;
  onChange(listener: () => void): () => void;
  /** Listens to the server until the returned function is called, which also ends the sound on this page. */
  start(): () => void;
  /**
   * Rings somebody: an id, address, extension or number. `name` is shown until the server knows better. What is talked in
   * here is put on hold; with two calls on this page nothing happens. A call with them that is here already is gone back to,
   * and one that they ring with is answered.
   */
  call(to: string, name?: string): Promise<void>;
  /** What is talked in meanwhile, here or on a telephone, is put on hold. */
  answer(callId: string): Promise<void>;
  decline(callId: string): Promise<void>;
  /** Ends it; without a connection as soon as there is one. Takes back what is only being dialled. */
  hangUp(callId?: string): Promise<void>;
  hold(callId: string, held: boolean): Promise<void>;
  /** Talks in the call that is on hold beside, and puts the other one on hold. */
  swap(): Promise<void>;
  /** Brings the sound of a call to this page, from another one or from a telephone. */
  take(callId: string): Promise<void>;
  /** Hands the other one over unasked. @throws Problem why not; the call then goes on. */
  transfer(callId: string, to: string): Promise<void>;
  /** Rings somebody to ask first: whom the call is with waits on hold, and is gone back to when that is hung up. */
  consult(callId: string, to: string, name: string): Promise<void>;
  /** Joins the two who are on this page's two calls. @throws Problem why not. */
  connectThem(): Promise<void>;
  /** Rings a telephone of this person that takes the call over. @throws Problem why not. */
  sendTo(callId: string, deviceId: string): Promise<void>;
  stayHere(callId: string): Promise<void>;
  setMuted(muted: boolean): void;
  /** Switches the camera of the call that is talked in; a refusal is shown. Hold switches it off. */
  setCamera(on: boolean): Promise<void>;
  dismissCameraRefusal(): void;
  pressKey(key: string): boolean;
  /** Uses the microphone that is now chosen. */
  changeMicrophone(): Promise<void>;
  silenceRing(callId: string): void;
  dismissNote(): void;
  dismissRefusal(): void;
}

export interface ControllerParts {
  readonly live: Pick<LiveClient, 'connection' | 'on' | 'command'>;
  readonly openMicrophone: () => Promise<MediaStream>;
  readonly openCamera: () => Promise<MediaStream>;
  readonly createSound: CreateSound;
  readonly memory: TabMemory;
  readonly now?: () => number;
}
