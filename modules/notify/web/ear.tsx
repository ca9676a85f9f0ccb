import { invalidate, putAnswer, routeKey, useLiveEvent, useSession, useTitleCount } from '@liaison/core/web';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import {
  countNews,
  listDigest,
  listNews,
  listNewsOfGroup,
  type NewsChanged,
  newsChanged,
  preferencesChanged,
  readPreferences,
  readPush,
} from '../contract/index.ts';
import { useNewsCount } from './state/count.ts';
import { wantsPush } from './state/this-browser.ts';

/** A burst of news is one question, asked this much later, in milliseconds. */
const gatherMs = 150;

/** Keeps counts and lists true on whatever page, and this browser known to the server. */
export function Ear(): null {
  const client = useQueryClient();
  const { personId } = useSession();
  const { needsMe } = useNewsCount();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useTitleCount(needsMe);
  useLiveEvent<NewsChanged>(newsChanged.name, ({ data }) => {
    putAnswer(client, routeKey(countNews, {}), data.count);
    clearTimeout(timer.current);
    timer.current = setTimeout(
      () => void invalidate(client, [listNews, listNewsOfGroup, listDigest]),
      gatherMs,
    );
  });
  useLiveEvent(preferencesChanged, () => void invalidate(client, [readPreferences, readPush]));
  useEffect(() => () => clearTimeout(timer.current), []);
  useEffect(() => {
    if (!wantsPush(personId)) return;
    // A new session of the same person in this browser: it is to be reached as before.
    void import('./state/push.ts').then(({ renewSubscription }) => renewSubscription(personId));
  }, [personId]);
  return null;
}
