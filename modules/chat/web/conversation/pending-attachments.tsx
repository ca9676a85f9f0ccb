import { useFormat, useProblemText } from '@liaison/core/web';
import { Attachment, IconButton } from '@liaison/ui';
import { IconRefresh } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { SeenFile } from '../state/pending-files.ts';
import { problemOf } from '../state/problem-of.ts';
import { iconOf } from './attachments.tsx';

/** Files that are on their way: how far they are, why not, and how to stop them. */
export function PendingAttachments({
  files,
  onRetry,
  onRemove,
}: {
  files: readonly SeenFile[];
  onRetry?: (key: string) => void;
  onRemove: (key: string) => void;
}) {
  const { t } = useTranslation('chat');
  const format = useFormat();
  const problem = useProblemText();
  return files.map((file) => (
    <Attachment
      key={file.key}
      name={file.name}
      icon={iconOf(file)}
      detail={
        file.state === 'refused'
          ? problem(problemOf(file.problem ?? 'unexpected')).text
          : file.state === 'waiting'
            ? t('upload.waiting', { size: format.bytes(file.bytes) })
            : format.bytes(file.bytes)
      }
      {...(file.state === 'uploading' ? { progress: file.progress } : {})}
      {...(file.state === 'refused' && onRetry
        ? {
            action: (
              <IconButton
                aria-label={t('upload.again', { name: file.name })}
                onClick={() => onRetry(file.key)}
              >
                <IconRefresh size={18} />
              </IconButton>
            ),
          }
        : {})}
      onRemove={() => onRemove(file.key)}
    />
  ));
}
