import { Button, PageHeader, Refusal } from '@liaison/ui';
import { useTranslation } from 'react-i18next';
import classes from './files.module.css';

/** In the place of what an address does not lead to. @param why another reason than that it is not there. */
export function Missing({ why }: { why?: string | undefined }) {
  const { t } = useTranslation('files');
  return (
    <>
      <PageHeader title={t('title')} />
      <div className={classes.middle}>
        <Refusal
          title={why ?? t('missing.title')}
          actions={<Button href="/files">{t('missing.back')}</Button>}
        >
          {why === undefined ? t('missing.why') : null}
        </Refusal>
      </div>
    </>
  );
}
