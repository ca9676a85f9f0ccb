import { Button, Dialog, useLabels } from '@liaison/ui';
import { useTranslation } from 'react-i18next';
import { useCalls, useTelephone } from './calls-provider.tsx';

/** There is no microphone: why, what helps, and once more. */
export default function MicrophoneDialog() {
  const { t } = useTranslation('calls');
  const labels = useLabels();
  const { controller } = useTelephone();
  const { refusal } = useCalls();
  if (!refusal) return null;
  const { trouble, retry } = refusal;
  return (
    <Dialog
      opened
      onClose={() => controller.dismissRefusal()}
      title={t(`microphone.${trouble}.title`)}
      footer={
        <>
          <Button variant="default" onClick={() => controller.dismissRefusal()}>
            {labels.cancel}
          </Button>
          <Button variant="filled" onClick={retry}>
            {t('microphone.retry')}
          </Button>
        </>
      }
    >
      <p>{t(`microphone.${trouble}.why`)}</p>
      <p>{t(`microphone.${trouble}.help`)}</p>
    </Dialog>
  );
}
