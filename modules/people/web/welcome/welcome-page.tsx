import { Trouble, useApi, useMaybeSession, usePageTitle, useRefreshSession } from '@liaison/core/web';
import { Link, Mark, PageLoading } from '@liaison/ui';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { getPerson } from '../../contract/index.ts';
import { useGo } from '../shared/go.ts';
import classes from './welcome.module.css';
import { WelcomeForm } from './welcome-form.tsx';

/** The first run: sound, language and hour, face. Everything can be skipped, and changed later in the settings. */
export function WelcomePage() {
  const { t } = useTranslation('people');
  const go = useGo();
  const session = useMaybeSession();
  const refresh = useRefreshSession();
  const [asked, setAsked] = useState(session !== null);
  const [failed, setFailed] = useState<unknown>(null);
  usePageTitle(t('welcome.page'));
  // This page stands outside the shell, so after a reload nobody has asked yet who is here.
  useEffect(() => {
    if (!asked) refresh().then(() => setAsked(true), setFailed);
  }, [asked, refresh]);
  useEffect(() => {
    if (asked && !session) go.instead('/sign-in?back=/welcome');
  }, [asked, session, go]);
  if (!session) return failed ? <Trouble error={failed} /> : <PageLoading />;
  return (
    <div className={classes.page}>
      <div className={classes.paper}>
        <header className={classes.brand}>
          <Mark size={34} />
          <b>Liaison</b>
          <Link href="/" className={classes.skip}>
            {t('welcome.skip')}
          </Link>
        </header>
        <Loaded personId={session.personId} />
      </div>
    </div>
  );
}

function Loaded({ personId }: { personId: string }) {
  const person = useApi(getPerson, { params: { id: personId } });
  return (
    <>
      <Trouble error={person.error} />
      {person.data ? <WelcomeForm person={person.data} /> : person.error ? null : <PageLoading />}
    </>
  );
}
