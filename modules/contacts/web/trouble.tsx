import { useProblemText } from '@liaison/core/web';
import { ErrorNote } from '@liaison/ui';
import { useTranslation } from 'react-i18next';

/** What went wrong, where it went wrong, with what is wrong about which field. Nothing while nothing did. */
export function Trouble({ error }: { error: unknown }) {
  const { t } = useTranslation('contacts');
  const problem = useProblemText();
  return error ? <ErrorNote title={t('trouble')}>{problem(error).text}</ErrorNote> : null;
}
