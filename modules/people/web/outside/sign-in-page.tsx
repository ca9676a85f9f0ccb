import { Trouble, useApi, usePageTitle, useRefreshSession } from '@liaison/core/web';
import { ErrorNote } from '@liaison/ui';
import { useRouterState } from '@tanstack/react-router';
import { lazy, Suspense, useCallback, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { getSession } from '../../contract/index.ts';
import { useGo } from '../shared/go.ts';
import { CodeForm } from './code-form.tsx';
import classes from './frame.module.css';
import { OutsideFrame } from './frame.tsx';
import { PasswordForm } from './password-form.tsx';

// Asked of few, and it weighs more than the page.
const AddFactor = lazy(() => import('./add-factor.tsx').then((file) => ({ default: file.AddFactor })));

/** An address of ours to return to; anything else leads to the first page. */
function useWayBack(): string {
  const search = useRouterState({ select: (state) => state.location.search as { back?: unknown } });
  const { back } = search;
  return typeof back === 'string' && /^\/(?![/\\])/.test(back) && !back.startsWith('/sign-in') ? back : '/';
}

/** Signing in, in one or two steps; and what else may stand before a session. */
export function SignInPage() {
  const { t } = useTranslation('people');
  const go = useGo();
  const back = useWayBack();
  const refresh = useRefreshSession();
  const { data, error, refetch } = useApi(getSession, {}, { staleMs: 0 });
  const [step, setStep] = useState<'password' | 'code'>('password');
  const [failed, setFailed] = useState<unknown>(null);
  usePageTitle(t('signIn.page'));

  const enter = useCallback(async (): Promise<void> => {
    try {
      const { data: now } = await refetch();
      // The password was right, and something is still wanted: shown below instead of leaving.
      if (now && now.state !== 'signed-in') return;
      await refresh();
      go.instead(back);
    } catch (problem) {
      setFailed(problem);
    }
  }, [refetch, refresh, go, back]);
  const signedIn = data?.state === 'signed-in';
  useEffect(() => {
    if (signedIn) void enter();
  }, [signedIn, enter]);

  if (data?.state === 'second-factor-required') {
    return (
      <OutsideFrame foot={data.organisationName}>
        <Suspense fallback={null}>
          <AddFactor organisation={data.organisationName} onDone={enter} onLeave={() => void refetch()} />
        </Suspense>
      </OutsideFrame>
    );
  }
  return (
    <OutsideFrame>
      {data?.state === 'setup' ? (
        <>
          <h1>{t('signIn.setup.title')}</h1>
          <p className={classes.lead}>{t('signIn.setup.why')}</p>
        </>
      ) : step === 'code' ? (
        <CodeForm onDone={enter} onBack={() => setStep('password')} />
      ) : (
        <PasswordForm onDone={enter} onCode={() => setStep('code')} />
      )}
      <Trouble error={failed ?? error} title={t('signIn.failed')} />
      {signedIn ? <ErrorNote tone="plain" title={t('signIn.opening')} /> : null}
    </OutsideFrame>
  );
}
