import { usePageTitle } from '@liaison/core/web';
import { PageHeader, Panes } from '@liaison/ui';
import { useTranslation } from 'react-i18next';
import MyThings from './my-things.tsx';
import classes from './page.module.css';

/** What stands in the menu behind my face, as a page: telephones have no top bar. */
export function MePage() {
  const { t } = useTranslation('shell');
  usePageTitle(t('me.title'));
  return (
    <Panes>
      <PageHeader title={t('me.title')} />
      <div className={classes.body}>
        <MyThings onDone={() => {}} />
      </div>
    </Panes>
  );
}
