import { useProblemText } from '@liaison/core/web';
import { Button, Refusal } from '@liaison/ui';
import { IconPlugConnectedX } from '@tabler/icons-react';
import { type ErrorComponentProps, useRouter } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import classes from './gate.module.css';

/** Instead of everything, when it cannot be known who is here: the server is not there, or the page itself broke. */
export function Gate({ error }: ErrorComponentProps) {
  const { t } = useTranslation('shell');
  const problemText = useProblemText();
  const router = useRouter();
  return (
    <main className={classes.gate}>
      <Refusal
        isPage
        title={t('gate.title')}
        icon={<IconPlugConnectedX size={24} />}
        actions={<Button onClick={() => void router.invalidate()}>{t('gate.retry')}</Button>}
      >
        {problemText(error).text}
      </Refusal>
    </main>
  );
}
