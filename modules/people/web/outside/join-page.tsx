import {
  api,
  browserLanguage,
  codeOf,
  isLanguage,
  Trouble,
  useApi,
  useFormat,
  usePageTitle,
  useRefreshSession,
} from '@liaison/core/web';
import { Button, ErrorNote, PageLoading, TextInput } from '@liaison/ui';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { acceptInvitation, getSession, openInvitation } from '../../contract/index.ts';
import { minPasswordLength } from '../shared/fields.ts';
import { useGo } from '../shared/go.ts';
import { LanguageSelect } from '../shared/language-select.tsx';
import { NewPassword } from '../shared/new-password.tsx';
import { ownZone } from '../shared/time-zones.ts';
import { DeadLink } from './dead-link.tsx';
import classes from './frame.module.css';
import { OutsideFrame } from './frame.tsx';
import { looksLikeToken, useLinkToken } from './link-token.ts';

/** Behind an invitation: joining, or starting again with a new password. */
export function JoinPage() {
  const { t } = useTranslation('people');
  const token = useLinkToken();
  usePageTitle(t('join.page'));
  const open = useQuery({
    queryKey: ['people', 'invitation', token],
    queryFn: () => api(openInvitation, { body: { token } }),
    enabled: looksLikeToken(token),
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (!looksLikeToken(token) || (open.error && codeOf(open.error) === 'not-found')) {
    return (
      <OutsideFrame>
        <DeadLink title={t('join.dead.title')}>{t('join.dead.why')}</DeadLink>
      </OutsideFrame>
    );
  }
  return (
    <OutsideFrame {...(open.data ? { foot: open.data.organisationName } : {})}>
      <Trouble error={open.error} />
      {open.isPending ? <PageLoading /> : null}
      {open.data ? <JoinForm token={token} invitation={open.data} /> : null}
    </OutsideFrame>
  );
}

type Invitation = NonNullable<Awaited<ReturnType<typeof api<typeof openInvitation>>>>;

function JoinForm({ token, invitation }: { token: string; invitation: Invitation }) {
  const { t, i18n } = useTranslation('people');
  const go = useGo();
  const format = useFormat();
  const refresh = useRefreshSession();
  const here = useApi(getSession, {}, { staleMs: 0 });
  const [name, setName] = useState(invitation.name);
  const [password, setPassword] = useState('');
  const [checked, setChecked] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const renew = invitation.purpose === 'renew';
  // The page speaks the language that was chosen for this person, until she chooses another one.
  useEffect(() => {
    if (invitation.language) void i18n.changeLanguage(invitation.language);
  }, [i18n, invitation.language]);
  const language = isLanguage(i18n.language) ? i18n.language : browserLanguage();

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setChecked(true);
    if (name.trim() === '' || password.length < minPasswordLength) return;
    setBusy(true);
    setError(null);
    try {
      await api(acceptInvitation, {
        body: { token, name, password, language, ...(renew ? {} : { timeZone: ownZone() }) },
      });
      await refresh();
      go.instead(renew ? '/' : '/welcome');
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  return (
    <>
      <h1>{renew ? t('join.renewTitle') : t('join.title', { organisation: invitation.organisationName })}</h1>
      <p className={classes.lead}>
        {renew
          ? t('join.renewWhy')
          : invitation.invitedBy
            ? t('join.invitedBy', { name: invitation.invitedBy, until: format.day(invitation.expiresAt) })
            : t('join.invited', { until: format.day(invitation.expiresAt) })}
      </p>
      {here.data?.state === 'signed-in' ? (
        <ErrorNote tone="warn" title={t('join.otherTitle', { name: here.data.person.name })}>
          {t('join.otherWhy')}
        </ErrorNote>
      ) : null}
      <div className={classes.fixed}>
        <span>{t('join.address')}</span>
        <b>{invitation.address}</b>
      </div>
      <form onSubmit={(event) => void submit(event)} noValidate>
        <input
          type="text"
          name="username"
          autoComplete="username"
          value={invitation.address}
          readOnly
          hidden
        />
        {renew ? null : (
          <TextInput
            label={t('field.name')}
            description={t('join.nameHint')}
            autoComplete="name"
            maxLength={120}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            error={checked && name.trim() === '' ? t('field.nameMissing') : undefined}
          />
        )}
        <NewPassword value={password} onChange={setPassword} checked={checked} />
        {renew ? null : (
          <LanguageSelect value={language} onChange={(chosen) => void i18n.changeLanguage(chosen)} />
        )}
        <Trouble error={error} title={t('join.failed')} />
        <Button type="submit" size="lg" loading={busy}>
          {renew ? t('join.renewVerb') : t('join.verb')}
        </Button>
      </form>
    </>
  );
}
