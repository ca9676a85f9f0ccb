import { isLanguage, sessionQuery, useMaybeSession, useRefreshSession, useWelcome } from '@liaison/core/web';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { useLeave } from './leave.ts';
import { sessionIsFromServer, sessionSource } from './session-source.ts';

/** Keeps the page in step with its session: its language, what changed while the connection was lost, its end. */
export function useSessionUpkeep(): void {
  const session = useMaybeSession();
  const refresh = useRefreshSession();
  const leave = useLeave();
  const queries = useQueryClient();
  const { i18n } = useTranslation();
  const language = session?.language;
  useEffect(() => {
    if (isLanguage(language) && language !== i18n.language) void i18n.changeLanguage(language);
  }, [language, i18n]);
  useWelcome(({ again }) => {
    // Whatever happened to the session meanwhile was not told to us.
    if (again || !sessionIsFromServer()) void refresh().catch(() => {});
  });
  const gone = session === null;
  useEffect(() => {
    // Somebody who has just signed in may be drawn before the cache has told it to all of the page.
    if (gone && !queries.getQueryData(sessionQuery(sessionSource).queryKey)) leave();
  }, [gone, leave, queries]);
}
