import { Trouble as PlainTrouble, useFormat, useProblemText } from '@liaison/core/web';
import { useTranslation } from 'react-i18next';

/** What does not fit says how much would; null for every other error. */
function useQuotaText(): (error: unknown) => string | null {
  const { t } = useTranslation('files');
  const format = useFormat();
  return (error) => {
    const { errors, code } = (error ?? {}) as { errors?: { path: string; message: string }[]; code?: string };
    const left = code === 'files-quota' ? errors?.find(({ path }) => path === 'left')?.message : undefined;
    return left === undefined ? null : t('quotaLeft', { left: format.bytes(Number(left)) });
  };
}

/** An error in words. */
export function useTroubleText(): (error: unknown) => string {
  const quotaText = useQuotaText();
  const problem = useProblemText();
  return (error) => quotaText(error) ?? problem(error).text;
}

/** What went wrong, where it went wrong. Nothing while nothing did. */
export function Trouble({ error }: { error: unknown }) {
  const text = useQuotaText()(error);
  return <PlainTrouble error={error} {...(text === null ? {} : { text })} />;
}
