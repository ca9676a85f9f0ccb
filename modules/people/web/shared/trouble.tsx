import { useProblemText } from '@liaison/core/web';
import { ErrorNote } from '@liaison/ui';
import { useTranslation } from 'react-i18next';
import { useWaitText } from './wait-text.ts';

/** What went wrong, in words, where it went wrong. Nothing while nothing did. */
export function Trouble({ error, title }: { error: unknown; title?: string }) {
  const { t } = useTranslation('people');
  const problemText = useProblemText();
  const wait = useWaitText(error);
  if (!error) return null;
  const { text, reference, code } = problemText(error);
  // The reference helps with faults only; a refusal explains itself.
  const fault = code === 'unexpected' || code === 'unreadable';
  return (
    <ErrorNote title={title ?? t('trouble')} {...(fault && reference ? { reference } : {})}>
      {wait ?? text}
    </ErrorNote>
  );
}
