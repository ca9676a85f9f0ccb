import { api, codeOf, isLanguage, Trouble, usePageTitle, useRefreshSession } from '@liaison/core/web';
import { Button, PageLoading, TextInput } from '@liaison/ui';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { checkSetUp, setUp } from '../../contract/index.ts';
import { isAddress, isDomain, localPartOf, minPasswordLength } from '../shared/fields.ts';
import { useGo } from '../shared/go.ts';
import { LanguageSelect } from '../shared/language-select.tsx';
import { NewPassword } from '../shared/new-password.tsx';
import { ownZone } from '../shared/time-zones.ts';
import { ZoneSelect } from '../shared/zone-select.tsx';
import { DeadLink } from './dead-link.tsx';
import classes from './frame.module.css';
import { OutsideFrame } from './frame.tsx';
import { looksLikeToken, useLinkToken } from './link-token.ts';

/** Behind the one-time link of the first start: the organisation and its owner. */
export function SetupPage() {
  const { t } = useTranslation('people');
  const token = useLinkToken();
  usePageTitle(t('setup.page'));
  const check = useQuery({
    queryKey: ['people', 'setup', token],
    queryFn: () => api(checkSetUp, { body: { token } }),
    enabled: looksLikeToken(token),
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const code = check.error ? codeOf(check.error) : null;
  if (!looksLikeToken(token) || code === 'not-found') {
    return (
      <OutsideFrame>
        <DeadLink title={t('setup.dead.title')}>{t('setup.dead.why')}</DeadLink>
      </OutsideFrame>
    );
  }
  if (code === 'already-set-up' || code === 'conflict') {
    return (
      <OutsideFrame>
        <DeadLink title={t('setup.done.title')} signIn>
          {t('setup.done.why')}
        </DeadLink>
      </OutsideFrame>
    );
  }
  return (
    <OutsideFrame>
      <Trouble error={check.error} />
      {check.isPending ? <PageLoading /> : null}
      {check.data ? <SetupForm token={token} /> : null}
    </OutsideFrame>
  );
}

function SetupForm({ token }: { token: string }) {
  const { t, i18n } = useTranslation('people');
  const go = useGo();
  const refresh = useRefreshSession();
  const [organisation, setOrganisation] = useState('');
  const [domain, setDomain] = useState('');
  const [name, setName] = useState('');
  const [typedAddress, setTypedAddress] = useState<string | null>(null);
  const [password, setPassword] = useState('');
  const [timeZone, setTimeZone] = useState(ownZone);
  const [checked, setChecked] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const local = localPartOf(name);
  const address =
    typedAddress ?? (local && isDomain(domain) ? `${local}@${domain.trim().toLowerCase()}` : '');
  const language = isLanguage(i18n.language) ? i18n.language : 'en';
  const inDomain = address.toLowerCase().endsWith(`@${domain.trim().toLowerCase()}`);

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setChecked(true);
    const complete =
      organisation.trim() !== '' &&
      isDomain(domain) &&
      name.trim() !== '' &&
      isAddress(address) &&
      inDomain &&
      password.length >= minPasswordLength;
    if (!complete) return;
    setBusy(true);
    setError(null);
    try {
      await api(setUp, {
        body: {
          token,
          organisation: { name: organisation, domain },
          owner: { name, address, password, language, timeZone },
        },
      });
      await refresh();
      go.instead('/welcome');
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  return (
    <>
      <h1>{t('setup.title')}</h1>
      <p className={classes.lead}>{t('setup.lead')}</p>
      <form onSubmit={(event) => void submit(event)} noValidate>
        <h2>{t('setup.organisation')}</h2>
        <TextInput
          label={t('setup.name')}
          description={t('setup.nameHint')}
          autoComplete="organization"
          maxLength={120}
          value={organisation}
          onChange={(event) => setOrganisation(event.currentTarget.value)}
          error={checked && organisation.trim() === '' ? t('field.nameMissing') : undefined}
          autoFocus
        />
        <TextInput
          label={t('setup.domain')}
          description={t('setup.domainHint')}
          autoCapitalize="none"
          spellCheck={false}
          maxLength={200}
          value={domain}
          onChange={(event) => setDomain(event.currentTarget.value)}
          error={checked && !isDomain(domain) ? t('field.domainWrong') : undefined}
        />
        <h2>{t('setup.owner')}</h2>
        <TextInput
          label={t('field.name')}
          description={t('setup.ownerHint')}
          autoComplete="name"
          maxLength={120}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={checked && name.trim() === '' ? t('field.nameMissing') : undefined}
        />
        <TextInput
          label={t('field.address')}
          description={t('setup.addressHint')}
          type="email"
          name="username"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          maxLength={254}
          value={address}
          onChange={(event) => setTypedAddress(event.currentTarget.value)}
          error={
            !checked
              ? undefined
              : !isAddress(address)
                ? t('field.addressWrong')
                : inDomain
                  ? undefined
                  : t('field.addressDomain', { domain: domain.trim() })
          }
        />
        <NewPassword value={password} onChange={setPassword} checked={checked} />
        <LanguageSelect
          value={language}
          onChange={(chosen) => void i18n.changeLanguage(chosen)}
          description={t('setup.languageHint')}
        />
        <ZoneSelect value={timeZone} onChange={setTimeZone} />
        <Trouble error={error} title={t('setup.failed')} />
        <Button type="submit" size="lg" loading={busy}>
          {t('setup.verb')}
        </Button>
      </form>
    </>
  );
}
