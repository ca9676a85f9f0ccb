import { api, Trouble, useAction } from '@liaison/core/web';
import { Button, PasswordInput, TextInput } from '@liaison/ui';
import { IconFingerprint } from '@tabler/icons-react';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { passkeySignInOptions, signIn, signInWithPasskey } from '../../contract/index.ts';
import { isAddress } from '../shared/fields.ts';
import classes from './frame.module.css';
import { askForPasskey, canOfferPasskeys, canUsePasskeys, wasGivenUp } from './passkeys.ts';

/** Address and password; or a passkey, offered by the browser under the address field and by a button. */
export function PasswordForm({ onDone, onCode }: { onDone: () => Promise<void>; onCode: () => void }) {
  const { t } = useTranslation('people');
  const [address, setAddress] = useState('');
  const [password, setPassword] = useState('');
  const [checked, setChecked] = useState(false);
  const enter = useAction(signIn, {
    onDone: ({ next }) => (next === 'done' ? void onDone() : onCode()),
  });
  const passkey = usePasskeySignIn(onDone);
  const addressWrong = checked && !isAddress(address);
  const passwordWrong = checked && password === '';

  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setChecked(true);
    if (!isAddress(address) || password === '') return;
    enter.mutate({ body: { address: address.trim().toLowerCase(), password } });
  };
  return (
    <>
      <h1>{t('signIn.title')}</h1>
      <p className={classes.lead}>{t('signIn.lead')}</p>
      <form onSubmit={submit} noValidate>
        <TextInput
          label={t('field.address')}
          type="email"
          name="username"
          autoComplete="username webauthn"
          autoCapitalize="none"
          spellCheck={false}
          value={address}
          onChange={(event) => setAddress(event.currentTarget.value)}
          error={addressWrong ? t('field.addressWrong') : undefined}
          data-autofocus
          autoFocus
        />
        <PasswordInput
          label={t('field.password')}
          name="password"
          autoComplete="current-password"
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          error={passwordWrong ? t('field.passwordMissing') : undefined}
          visibilityToggleButtonProps={{ 'aria-label': t('field.passwordShow'), tabIndex: 0 }}
        />
        <Trouble error={enter.error} title={t('signIn.failed')} />
        <Button type="submit" size="lg" loading={enter.isPending}>
          {t('signIn.verb')}
        </Button>
      </form>
      {canUsePasskeys() ? (
        <>
          <div className={classes.or}>{t('or')}</div>
          <Button
            variant="default"
            size="lg"
            className={classes.wide}
            leftSection={<IconFingerprint size={19} />}
            loading={passkey.busy}
            onClick={passkey.ask}
          >
            {t('signIn.passkey')}
          </Button>
          <Trouble error={passkey.error} title={t('signIn.failed')} />
        </>
      ) : null}
      <details className={classes.aside}>
        <summary>{t('signIn.forgot')}</summary>
        <p>{t('signIn.forgotHow')}</p>
      </details>
    </>
  );
}

/** Waits quietly for a passkey under the address field as long as the form stands; `ask` opens the browser's own window. */
function usePasskeySignIn(onDone: () => Promise<void>) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const waiting = useRef<AbortController | null>(null);
  const done = useRef(onDone);
  useEffect(() => {
    done.current = onDone;
  });
  useEffect(() => {
    const stop = new AbortController();
    waiting.current = stop;
    void (async () => {
      try {
        if (!(await canOfferPasskeys()) || stop.signal.aborted) return;
        const { options } = await api(passkeySignInOptions, {}, { signal: stop.signal });
        const response = await askForPasskey(options, { quietly: true, signal: stop.signal });
        await api(signInWithPasskey, { body: { response } });
        await done.current();
      } catch (problem) {
        // Nobody has asked for it yet, so only a passkey that was tried and refused is worth a word.
        if (!stop.signal.aborted && isRefusal(problem)) setError(problem);
      }
    })();
    return () => stop.abort();
  }, []);
  const ask = async (): Promise<void> => {
    // A browser has one such request at a time.
    waiting.current?.abort();
    setBusy(true);
    setError(null);
    try {
      const { options } = await api(passkeySignInOptions);
      const response = await askForPasskey(options);
      await api(signInWithPasskey, { body: { response } });
      await done.current();
    } catch (problem) {
      if (!wasGivenUp(problem)) setError(problem);
    } finally {
      setBusy(false);
    }
  };
  return { busy, error, ask: () => void ask() };
}

const isRefusal = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'wrong-passkey' || error.code === 'suspended');
