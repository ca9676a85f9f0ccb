import { Empty, Panes } from '@liaison/ui';
import { useTranslation } from 'react-i18next';
import classes from './page.module.css';

/** The first page where no module has one. */
export function EmptyHome() {
  const { t } = useTranslation('shell');
  return (
    <Panes>
      <div className={classes.center}>
        <Empty isPage title={t('empty.title')}>
          {t('empty.why')}
        </Empty>
      </div>
    </Panes>
  );
}
