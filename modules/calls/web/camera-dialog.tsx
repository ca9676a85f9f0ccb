import { Button, Dialog, useLabels } from '@liaison/ui';
import { useTranslation } from 'react-i18next';
import { useTelephone } from './calls-provider.tsx';
import type { CameraRefusal } from './camera-switch.ts';

/** There is no picture of this person: why, what helps, and once more. The call goes on meanwhile. */
export default function CameraDialog({ refusal }: { refusal: CameraRefusal }) {
  const { t } = useTranslation('calls');
  const labels = useLabels();
  const { controller } = useTelephone();
  const { trouble, retry } = refusal;
  const close = (): void => controller.dismissCameraRefusal();
  return (
    <Dialog
      opened
      onClose={close}
      title={t(`camera.${trouble}.title`)}
      footer={
        <>
          <Button variant="default" onClick={close}>
            {labels.cancel}
          </Button>
          <Button variant="filled" onClick={retry}>
            {t('camera.retry')}
          </Button>
        </>
      }
    >
      <p>{t(`camera.${trouble}.why`)}</p>
      <p>{t(`camera.${trouble}.help`)}</p>
    </Dialog>
  );
}
