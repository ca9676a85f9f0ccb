import { Trouble, useAction, useApi } from '@liaison/core/web';
import { Actions, Button, PasswordInput, Section, Tag, useToasts } from '@liaison/ui';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { changePassword, getSecurity, listSessions } from '../../contract/index.ts';
import { canUsePasskeys } from '../outside/passkeys.ts';
import { minPasswordLength } from '../shared/fields.ts';
import { NewPassword } from '../shared/new-password.tsx';
import { PasskeyList } from './passkey-list.tsx';
import classes from './settings.module.css';
import { SettingsPage } from './settings-page.tsx';
import { TotpOff, TotpRenew } from './totp-change.tsx';
import { TotpSetUp } from './totp-set-up.tsx';

/** How I prove who I am. */
export function Page() {
  const { t } = useTranslation('people');
  const security = useApi(getSecurity);
  const now = security.data;
  return (
    <SettingsPage title={t('settings.security')} meta={t('security.meta')}>
      <Trouble error={security.error} />
      <PasswordSection />
      {now ? (
        <>
          <Section title={t('security.totp.title')} why={t('security.totp.why')}>
            {now.totp ? (
              <>
                <p className={classes.text}>
                  <Tag tone="free">{t('security.on')}</Tag>{' '}
                  {t('security.totp.left', { count: now.recoveryCodesLeft })}
                </p>
                <TotpRenew />
                <TotpOff />
              </>
            ) : (
              <>
                <p className={classes.text}>
                  {now.secondFactorRequired ? t('security.totp.wanted') : t('security.totp.off')}
                </p>
                <TotpSetUp onDone={() => void security.refetch()} />
              </>
            )}
          </Section>
          <Section title={t('security.passkeys.title')} why={t('security.passkeys.why')}>
            {canUsePasskeys() ? (
              <PasskeyList passkeys={now.passkeys} onAdded={() => void security.refetch()} />
            ) : (
              <p className={classes.text}>{t('security.passkeys.not')}</p>
            )}
          </Section>
        </>
      ) : null}
    </SettingsPage>
  );
}

function PasswordSection() {
  const { t } = useTranslation('people');
  const toasts = useToasts();
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const [checked, setChecked] = useState(false);
  const change = useAction(changePassword, {
    invalidates: [listSessions],
    onDone: () => {
      setCurrent('');
      setNext('');
      setChecked(false);
      toasts.show({ text: t('security.password.done') });
    },
  });
  const submit = (): void => {
    setChecked(true);
    if (current !== '' && next.length >= minPasswordLength) change.mutate({ body: { current, next } });
  };
  return (
    <Section title={t('field.password')} why={t('security.password.why')} onSubmit={submit}>
      <PasswordInput
        label={t('security.password.current')}
        autoComplete="current-password"
        maxLength={256}
        value={current}
        onChange={(event) => setCurrent(event.currentTarget.value)}
        error={checked && current === '' ? t('field.passwordMissing') : undefined}
        visibilityToggleButtonProps={{ 'aria-label': t('field.passwordShow'), tabIndex: 0 }}
      />
      <NewPassword label={t('security.password.next')} value={next} onChange={setNext} checked={checked} />
      <Trouble error={change.error} title={t('security.password.failed')} />
      <Actions>
        <Button type="submit" variant="default" size="md" loading={change.isPending}>
          {t('security.password.verb')}
        </Button>
      </Actions>
    </Section>
  );
}
