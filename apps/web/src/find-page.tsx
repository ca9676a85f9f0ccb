import { Panes } from '@liaison/ui';
import { useRouter } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import FindPalette from './find-palette.tsx';
import classes from './page.module.css';

/** The palette under an address of its own: telephones reach it through their tabs. */
export function FindPage() {
  const { t } = useTranslation('shell');
  const router = useRouter();
  const close = (): void => {
    // What was chosen goes elsewhere by itself; closing without choosing goes back.
    if (router.state.location.pathname === '/find') router.history.back();
  };
  return (
    <Panes>
      <h1 className={classes.hidden}>{t('find.open')}</h1>
      <FindPalette onClose={close} />
    </Panes>
  );
}
