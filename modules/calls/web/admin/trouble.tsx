import { useProblemText } from '@liaison/core/web';
import { ErrorNote } from '@liaison/ui';
import { useTranslation } from 'react-i18next';
import classes from './admin.module.css';

/** What went wrong, where it went wrong. */
export function Trouble({ error }: { error: unknown }) {
  const { t } = useTranslation('calls');
  const problem = useProblemText();
  if (!error) return null;
  return (
    <div className={classes.pad}>
      <ErrorNote title={t('admin.trouble')}>{problem(error).text}</ErrorNote>
    </div>
  );
}
