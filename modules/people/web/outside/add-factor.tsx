import { api, Trouble } from '@liaison/core/web';
import { Button } from '@liaison/ui';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { signOut } from '../../contract/index.ts';
import { PasskeyList } from '../settings/passkey-list.tsx';
import { TotpSetUp } from '../settings/totp-set-up.tsx';
import classes from './frame.module.css';
import { canUsePasskeys } from './passkeys.ts';

/** The organisation wants a second factor and this person has none: the way in is to add one. */
export function AddFactor({
  organisation,
  onDone,
  onLeave,
}: {
  organisation: string;
  onDone: () => Promise<void>;
  onLeave: () => void;
}) {
  const { t } = useTranslation('people');
  const [error, setError] = useState<unknown>(null);
  const leave = (): void => void api(signOut).then(onLeave, setError);
  return (
    <>
      <h1>{t('addFactor.title')}</h1>
      <p className={classes.lead}>{t('addFactor.why', { organisation })}</p>
      <h2>{t('security.totp.title')}</h2>
      <TotpSetUp onDone={() => void onDone()} />
      {canUsePasskeys() ? (
        <>
          <div className={classes.or}>{t('or')}</div>
          <PasskeyList passkeys={[]} onAdded={() => void onDone()} />
        </>
      ) : null}
      <Trouble error={error} />
      <div className={classes.links}>
        <Button variant="subtle" onClick={leave}>
          {t('addFactor.leave')}
        </Button>
      </div>
    </>
  );
}
