import { Trouble, useAction } from '@liaison/core/web';
import { Button, Checkbox, TextInput } from '@liaison/ui';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { giveSecondFactor } from '../../contract/index.ts';
import classes from './frame.module.css';

/** The second step of a sign-in: a code of the authenticator, or a recovery code. */
export function CodeForm({ onDone, onBack }: { onDone: () => Promise<void>; onBack: () => void }) {
  const { t } = useTranslation('people');
  const [kind, setKind] = useState<'totp' | 'recovery-code'>('totp');
  const [code, setCode] = useState('');
  const [trustBrowser, setTrustBrowser] = useState(false);
  const [short, setShort] = useState(false);
  const give = useAction(giveSecondFactor, { onDone: () => void onDone() });
  const totp = kind === 'totp';

  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const typed = code.trim();
    const complete = totp ? /^\d{6}$/.test(typed.replace(/\s/g, '')) : typed.length >= 6;
    setShort(!complete);
    if (complete) give.mutate({ body: { kind, code: typed, trustBrowser } });
  };
  const change = (): void => {
    setKind(totp ? 'recovery-code' : 'totp');
    setCode('');
    setShort(false);
    give.reset();
  };
  return (
    <>
      <h1>{t('code.title')}</h1>
      <p className={classes.lead}>{t(totp ? 'code.leadTotp' : 'code.leadRecovery')}</p>
      <form onSubmit={submit} noValidate>
        <TextInput
          key={kind}
          label={t(totp ? 'code.totp' : 'code.recovery')}
          name="code"
          inputMode={totp ? 'numeric' : 'text'}
          autoComplete="one-time-code"
          autoCapitalize="none"
          spellCheck={false}
          maxLength={32}
          value={code}
          onChange={(event) => setCode(event.currentTarget.value)}
          error={short ? t(totp ? 'code.totpShort' : 'code.recoveryShort') : undefined}
          autoFocus
        />
        <Checkbox
          label={t('code.trust')}
          checked={trustBrowser}
          onChange={(event) => setTrustBrowser(event.currentTarget.checked)}
        />
        <Trouble error={give.error} title={t('code.failed')} />
        <Button type="submit" size="lg" loading={give.isPending}>
          {t('code.verb')}
        </Button>
      </form>
      <div className={classes.links}>
        <button type="button" onClick={change}>
          {t(totp ? 'code.useRecovery' : 'code.useTotp')}
        </button>
        <button type="button" onClick={onBack}>
          {t('code.back')}
        </button>
      </div>
    </>
  );
}
