import { useFormat, useProblemText } from '@liaison/core/web';
import { ErrorNote } from '@liaison/ui';
import { useTranslation } from 'react-i18next';

/** An error in words; what does not fit says how much would. */
export function useTroubleText(): (error: unknown) => string {
  const { t } = useTranslation('files');
  const problem = useProblemText();
  const format = useFormat();
  return (error) => {
    const { errors, code } = (error ?? {}) as { errors?: { path: string; message: string }[]; code?: string };
    const left = code === 'files-quota' ? errors?.find(({ path }) => path === 'left')?.message : undefined;
    return left === undefined ? problem(error).text : t('quotaLeft', { left: format.bytes(Number(left)) });
  };
}

/** What went wrong, where it went wrong. Nothing while nothing did. */
export function Trouble({ error }: { error: unknown }) {
  const { t } = useTranslation('files');
  const text = useTroubleText();
  return error ? <ErrorNote title={t('trouble')}>{text(error)}</ErrorNote> : null;
}
