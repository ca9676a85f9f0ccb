import { useProblemText } from '@liaison/core/web';
import { ErrorNote } from '@liaison/ui';
import { useTranslation } from 'react-i18next';

/** What went wrong, where it went wrong. */
export function Trouble({ error }: { error: unknown }) {
  const { t } = useTranslation('notify');
  const problemText = useProblemText();
  return error ? <ErrorNote title={t('trouble')}>{problemText(error).text}</ErrorNote> : null;
}
