import { invalidate, Trouble, useAction } from '@liaison/core/web';
import { Actions, Button, PasswordInput, TextInput } from '@liaison/ui';
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { beginTotp, confirmTotp, getSecurity } from '../../contract/index.ts';
import { SecretLine } from '../shared/secret-line.tsx';
import { QrCode } from './qr-code.tsx';
import { RecoveryCodes } from './recovery-codes.tsx';
import classes from './settings.module.css';

/** Adding an authenticator app: password, QR code, first code, recovery codes. `onDone` after these were kept. */
export function TotpSetUp({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation('people');
  const client = useQueryClient();
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const [checked, setChecked] = useState(false);
  const begin = useAction(beginTotp, { onDone: () => setChecked(false) });
  const confirm = useAction(confirmTotp);
  if (confirm.data) {
    return (
      <RecoveryCodes
        codes={confirm.data.recoveryCodes}
        onKept={() => {
          void invalidate(client, [getSecurity]);
          onDone();
        }}
      />
    );
  }
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    event.stopPropagation();
    setChecked(true);
    if (!begin.data) {
      if (password !== '') begin.mutate({ body: { password } });
    } else if (/^\d{6}$/.test(code.replace(/\s/g, ''))) {
      confirm.mutate({ body: { code: code.replace(/\s/g, '') } });
    }
  };
  return (
    <form className={classes.stack} onSubmit={submit} noValidate>
      {begin.data ? (
        <>
          <div className={classes.qr}>
            <QrCode text={begin.data.uri} label={t('security.totp.qr')} size={180} />
            <div>
              <p className={classes.text}>{t('security.totp.scan')}</p>
              <SecretLine
                text={begin.data.secret}
                label={t('security.totp.byHand')}
                copy={t('security.totp.copy')}
              />
            </div>
          </div>
          <TextInput
            key="code"
            label={t('security.totp.first')}
            inputMode="numeric"
            autoComplete="one-time-code"
            maxLength={12}
            value={code}
            onChange={(event) => setCode(event.currentTarget.value)}
            error={checked && !/^\d{6}$/.test(code.replace(/\s/g, '')) ? t('code.totpShort') : undefined}
            autoFocus
          />
          <Trouble error={confirm.error} title={t('code.failed')} />
          <Actions>
            <Button type="submit" size="md" loading={confirm.isPending}>
              {t('security.totp.confirm')}
            </Button>
          </Actions>
        </>
      ) : (
        <>
          <PasswordInput
            key="password"
            label={t('security.again')}
            autoComplete="current-password"
            maxLength={256}
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
            error={checked && password === '' ? t('field.passwordMissing') : undefined}
            visibilityToggleButtonProps={{ 'aria-label': t('field.passwordShow'), tabIndex: 0 }}
          />
          <Trouble error={begin.error} />
          <Actions>
            <Button type="submit" variant="default" size="md" loading={begin.isPending}>
              {t('security.totp.begin')}
            </Button>
          </Actions>
        </>
      )}
    </form>
  );
}
