import { Trouble, useAction } from '@liaison/core/web';
import { Actions, Button, Dialog, PasswordInput, useLabels } from '@liaison/ui';
import { type FormEvent, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { disableTotp, getSecurity, renewRecoveryCodes } from '../../contract/index.ts';
import { RecoveryCodes } from './recovery-codes.tsx';
import classes from './settings.module.css';

/** New recovery codes, against the password. */
export function TotpRenew() {
  const { t } = useTranslation('people');
  const [asking, setAsking] = useState(false);
  const renew = useAction(renewRecoveryCodes, {
    invalidates: [getSecurity],
    onDone: () => setAsking(false),
  });
  if (renew.data) return <RecoveryCodes codes={renew.data.recoveryCodes} onKept={() => renew.reset()} />;
  return (
    <>
      <Actions>
        <Button variant="default" onClick={() => setAsking(true)}>
          {t('security.recovery.renew')}
        </Button>
      </Actions>
      {asking ? (
        <AskPassword
          title={t('security.recovery.renew')}
          why={t('security.recovery.renewWhy')}
          verb={t('security.recovery.renewVerb')}
          busy={renew.isPending}
          error={renew.error}
          onPassword={(password) => renew.mutate({ body: { password } })}
          onClose={() => setAsking(false)}
        />
      ) : null}
    </>
  );
}

/** No second factor any more, against the password. */
export function TotpOff() {
  const { t } = useTranslation('people');
  const [asking, setAsking] = useState(false);
  const off = useAction(disableTotp, { invalidates: [getSecurity], onDone: () => setAsking(false) });
  return (
    <>
      <Actions>
        <Button variant="default" onClick={() => setAsking(true)}>
          {t('security.totp.disable')}
        </Button>
      </Actions>
      {asking ? (
        <AskPassword
          title={t('security.totp.disable')}
          why={t('security.totp.disableWhy')}
          verb={t('security.totp.disableVerb')}
          busy={off.isPending}
          error={off.error}
          onPassword={(password) => off.mutate({ body: { password } })}
          onClose={() => setAsking(false)}
        />
      ) : null}
    </>
  );
}

function AskPassword({
  title,
  why,
  verb,
  busy,
  error,
  onPassword,
  onClose,
}: {
  title: string;
  why: string;
  verb: string;
  busy: boolean;
  error: unknown;
  onPassword: (password: string) => void;
  onClose: () => void;
}) {
  const { t } = useTranslation('people');
  const labels = useLabels();
  const form = useId();
  const [password, setPassword] = useState('');
  const [checked, setChecked] = useState(false);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    event.stopPropagation();
    setChecked(true);
    if (password !== '') onPassword(password);
  };
  return (
    <Dialog
      opened
      onClose={onClose}
      title={title}
      footer={
        <>
          <Button variant="default" onClick={onClose}>
            {labels.cancel}
          </Button>
          <Button type="submit" form={form} loading={busy}>
            {verb}
          </Button>
        </>
      }
    >
      <form id={form} className={classes.stack} onSubmit={submit} noValidate>
        <p className={classes.text}>{why}</p>
        <PasswordInput
          label={t('security.again')}
          autoComplete="current-password"
          maxLength={256}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          error={checked && password === '' ? t('field.passwordMissing') : undefined}
          visibilityToggleButtonProps={{ 'aria-label': t('field.passwordShow'), tabIndex: 0 }}
          data-autofocus
        />
        <Trouble error={error} />
      </form>
    </Dialog>
  );
}
