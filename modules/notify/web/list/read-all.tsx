import { useProblemText } from '@liaison/core/web';
import { IconButton, useToasts } from '@liaison/ui';
import { IconChecks } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useNewsCount } from '../state/count.ts';
import { lookedAt, useReadNews } from '../state/read.ts';

/** Marks everything as read that came until now. */
export function ReadAll() {
  const { t } = useTranslation('notify');
  const { unread } = useNewsCount();
  const client = useQueryClient();
  const problemText = useProblemText();
  const toasts = useToasts();
  const read = useReadNews((error) => toasts.show({ text: problemText(error).text, tone: 'danger' }));
  return (
    <IconButton
      aria-label={t('readAll')}
      disabled={unread === 0 || read.isPending}
      onClick={() => read.mutate({ body: { allUntil: lookedAt(client) } })}
    >
      <IconChecks size={19} />
    </IconButton>
  );
}
