import { Empty } from '@liaison/ui';
import { useTranslation } from 'react-i18next';
import classes from './search.module.css';

/** Nothing is shown: what can be asked for, each as something to try. */
export function Teaching({
  title,
  why,
  q,
  onQuery,
}: {
  title: string;
  why?: string;
  q: string;
  onQuery: (q: string) => void;
}) {
  const { t } = useTranslation('search');
  const examples = [
    { key: 'from', text: `${t('operator.from')}:` },
    { key: 'in', text: `${t('operator.in')}:` },
    { key: 'type', text: `${t('operator.type')}:${t('word.file')}` },
    { key: 'after', text: `${t('operator.after')}:${new Date().getFullYear()}-01-01` },
    { key: 'before', text: `${t('operator.before')}:${new Date().getFullYear()}-01-01` },
    { key: 'phrase', text: `"${t('teach.phraseExample')}"` },
    { key: 'without', text: `-${t('teach.withoutExample')}` },
  ] as const;
  return (
    <Empty title={title}>
      {why === undefined ? <p>{t('start.why')}</p> : <p>{why}</p>}
      <ul className={classes.examples} aria-label={t('teach.label')}>
        {examples.map(({ key, text }) => (
          <li key={key}>
            <button
              type="button"
              className={classes.example}
              onClick={() => onQuery([q, text].filter(Boolean).join(' '))}
            >
              {text}
            </button>
            <span>{t(`teach.${key}`)}</span>
          </li>
        ))}
      </ul>
    </Empty>
  );
}
