import { NativeSelect } from '@liaison/ui';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useTelephone } from './calls-provider.tsx';
import { type DeviceChoice, keepDeviceChoice, readDeviceChoice } from './device-choice.ts';

interface Found {
  readonly microphones: readonly MediaDeviceInfo[];
  readonly speakers: readonly MediaDeviceInfo[];
}

/** Microphone and loudspeaker of this device for calls. They have names once the microphone was allowed. */
export function SoundDevices() {
  const { t } = useTranslation('calls');
  const { controller, speaker } = useTelephone();
  const [choice, setChoice] = useState<DeviceChoice>(readDeviceChoice);
  const found = useDevices();
  const choose = (next: DeviceChoice): void => {
    setChoice(next);
    keepDeviceChoice(next);
  };
  const options = (devices: readonly MediaDeviceInfo[]) => [
    { value: '', label: t('devices.usual') },
    ...devices
      .filter(({ deviceId }) => deviceId !== '' && deviceId !== 'default' && deviceId !== 'communications')
      .map(({ deviceId, label }, index) => ({
        value: deviceId,
        label: label || t('devices.unnamed', { number: index + 1 }),
      })),
  ];
  return (
    <>
      <NativeSelect
        label={t('devices.microphone')}
        options={options(found.microphones)}
        value={known(choice.microphone, found.microphones)}
        onChange={(value) => {
          choose({ ...choice, microphone: value || null });
          void controller.changeMicrophone();
        }}
      />
      {'setSinkId' in HTMLMediaElement.prototype ? (
        <NativeSelect
          label={t('devices.speaker')}
          options={options(found.speakers)}
          value={known(choice.speaker, found.speakers)}
          onChange={(value) => {
            choose({ ...choice, speaker: value || null });
            void speaker.choose(value);
          }}
        />
      ) : null}
    </>
  );
}

const known = (deviceId: string | null, devices: readonly MediaDeviceInfo[]): string =>
  devices.some((device) => device.deviceId === deviceId) ? (deviceId ?? '') : '';

function useDevices(): Found {
  const [found, setFound] = useState<Found>({ microphones: [], speakers: [] });
  useEffect(() => {
    const { mediaDevices } = navigator;
    if (!mediaDevices) return;
    let gone = false;
    const look = (): void => {
      mediaDevices
        .enumerateDevices()
        .then((all) => {
          if (gone) return;
          setFound({
            microphones: all.filter(({ kind }) => kind === 'audioinput'),
            speakers: all.filter(({ kind }) => kind === 'audiooutput'),
          });
        })
        // Not listed without permission: the browser's own choice stays, and the next change of devices looks again.
        .catch(() => {});
    };
    look();
    mediaDevices.addEventListener('devicechange', look);
    return () => {
      gone = true;
      mediaDevices.removeEventListener('devicechange', look);
    };
  }, []);
  return found;
}
