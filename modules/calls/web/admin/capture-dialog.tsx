import { useAction } from '@liaison/core/web';
import { Button, Checkbox, Dialog, NativeSelect, useToasts } from '@liaison/ui';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Capture, listCaptures, startCapture } from '../../contract/index.ts';
import classes from './admin.module.css';
import { Trouble } from './trouble.tsx';

/** Starts a capture of somebody's signalling: for how long, and what will be in it. */
export function CaptureDialog({
  target,
  onClose,
}: {
  target: Pick<Capture, 'targetKind' | 'targetId'>;
  onClose: () => void;
}) {
  const { t } = useTranslation('calls');
  const toasts = useToasts();
  const [minutes, setMinutes] = useState('10');
  const [rtpHeaders, setRtpHeaders] = useState(false);
  const start = useAction(startCapture, {
    invalidates: [listCaptures],
    onDone: () => {
      toasts.show({ text: t('capture.started') });
      onClose();
    },
  });
  return (
    <Dialog
      opened
      onClose={onClose}
      title={t('capture.title')}
      footer={
        <Button
          loading={start.isPending}
          onClick={() => start.mutate({ body: { ...target, minutes: Number(minutes), rtpHeaders } })}
        >
          {t('capture.start')}
        </Button>
      }
    >
      <Trouble error={start.error} />
      <p className={classes.text}>{t('capture.what')}</p>
      <NativeSelect
        label={t('capture.howLong')}
        options={['1', '5', '10', '30', '60'].map((value) => ({
          value,
          label: t('capture.minutes', { count: Number(value) }),
        }))}
        value={minutes}
        onChange={setMinutes}
      />
      {target.targetKind === 'call' ? (
        <Checkbox
          label={t('capture.rtpHeaders')}
          checked={rtpHeaders}
          onChange={(event) => setRtpHeaders(event.currentTarget.checked)}
        />
      ) : null}
    </Dialog>
  );
}
