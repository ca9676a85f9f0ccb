import { Button, DropZone, type DropZoneProps, Progress } from '@liaison/ui';
import { useTranslation } from 'react-i18next';
import { Trouble } from './trouble.tsx';
import type { Uploading } from './use-upload.ts';

/** Where one file is dropped or chosen; while it is on its way, how far it is, and the way to stop it. */
export function UploadZone({
  uploading: { sent, error, stop },
  onFile,
  refused,
  ...zone
}: Pick<DropZoneProps, 'hint' | 'choose' | 'accept' | 'icon' | 'note'> & {
  uploading: Pick<Uploading<never>, 'sent' | 'error' | 'stop'>;
  onFile: (file: File) => void;
  /** The title of why it was not taken. */
  refused?: string;
}) {
  const { t } = useTranslation('core');
  return (
    <>
      <DropZone {...zone} onFiles={([file]) => file && onFile(file)}>
        {sent === null ? null : (
          <>
            <Progress
              label={sent < 1 ? t('upload.sending') : t('upload.reading')}
              {...(sent < 1 ? { value: sent } : {})}
            />
            <Button variant="default" onClick={stop}>
              {t('upload.stop')}
            </Button>
          </>
        )}
      </DropZone>
      <Trouble error={error} {...(refused === undefined ? {} : { title: refused })} />
    </>
  );
}
