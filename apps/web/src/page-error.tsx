import { Problem, useProblemText } from '@liaison/core/web';
import { Button, Panes, Refusal } from '@liaison/ui';
import { IconPlugConnectedX } from '@tabler/icons-react';
import { type ErrorComponentProps, useRouter } from '@tanstack/react-router';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';

/** A page's code that is no longer on the server: another build was installed since this page was opened. */
const isOldPage = (error: unknown): boolean =>
  error instanceof Error &&
  /dynamically imported module|module script|Importing a module/i.test(error.message);

/** Instead of one page: the shell, and a running call, go on beside it. */
export function PageError({ error, reset }: ErrorComponentProps) {
  const { t } = useTranslation('shell');
  const problemText = useProblemText();
  const router = useRouter();
  useEffect(() => {
    if (!(error instanceof Problem)) console.error(error);
  }, [error]);
  const old = isOldPage(error);
  const why = error instanceof Problem ? problemText(error).text : old ? t('broken.old') : t('broken.why');
  const again = (): void => {
    if (old) location.reload();
    else {
      reset();
      void router.invalidate();
    }
  };
  return (
    <Panes>
      <Refusal
        isPage
        title={t('broken.title')}
        icon={<IconPlugConnectedX size={24} />}
        actions={<Button onClick={again}>{old ? t('newer.reload') : t('broken.again')}</Button>}
      >
        {why}
      </Refusal>
    </Panes>
  );
}
