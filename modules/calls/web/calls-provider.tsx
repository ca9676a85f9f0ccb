import { useLive } from '@liaison/core/web';
import { createContext, type ReactNode, useContext, useEffect, useState, useSyncExternalStore } from 'react';
import { type CallController, createCallController } from './call-controller.ts';
import { createCallPictures } from './call-pictures.ts';
import { createCallSound } from './call-sound.ts';
import type { CallsState } from './calls-state.ts';
import { openCamera } from './camera.ts';
import { readDeviceChoice } from './device-choice.ts';
import { createIceServers } from './ice-servers.ts';
import { createMeters } from './meter.ts';
import { openMicrophone } from './microphone.ts';
import { createSpeaker, type Speaker } from './speaker.ts';
import { createTabMemory } from './tab-memory.ts';
import { createTones, type Tones } from './tones.ts';

interface Telephone {
  readonly controller: CallController;
  readonly speaker: Speaker;
  readonly tones: Tones;
}

const TelephoneContext = createContext<Telephone | null>(null);

/** This page's telephone, from signing in to signing out; no change of page touches it. */
export function CallsProvider({ children }: { children: ReactNode }) {
  const live = useLive();
  const [telephone, setTelephone] = useState<Telephone | null>(null);
  useEffect(() => {
    const speaker = createSpeaker();
    const meters = createMeters();
    const tones = createTones();
    void speaker.choose(readDeviceChoice().speaker ?? '');
    const iceServers = createIceServers(live);
    const controller = createCallController({
      live,
      openMicrophone: () => openMicrophone(readDeviceChoice().microphone),
      openCamera,
      createSound: (options) =>
        createCallSound({
          ...options,
          voice: speaker.open(),
          openMeter: meters.open,
          pictures: createCallPictures({ changed: options.changed }),
          // No ICE servers for the direct round: whoever cannot be reached so is reached through our own relay.
          createPeer: () => new RTCPeerConnection({ bundlePolicy: 'max-bundle' }),
          iceServers,
        }),
      memory: createTabMemory(),
    });
    const stop = controller.start();
    setTelephone({ controller, speaker, tones });
    return () => {
      stop();
      speaker.close();
      meters.close();
      tones.close();
    };
  }, [live]);
  // Until the first effect there is nothing that anything below could do.
  return telephone ? <TelephoneContext value={telephone}>{children}</TelephoneContext> : null;
}

export function useTelephone(): Telephone {
  const telephone = useContext(TelephoneContext);
  if (!telephone) throw new Error('calls need a CallsProvider');
  return telephone;
}

/** The calls as they are now; the component is drawn again with every change. */
export function useCalls(): CallsState {
  const { controller } = useTelephone();
  return useSyncExternalStore(controller.onChange, () => controller.state);
}
