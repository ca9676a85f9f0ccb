import { invalidate, useHoldReload, useLiveEvent } from '@liaison/core/web';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { callAnswered, callEnded, callStarted, countMissedCalls, listCalls } from '../contract/index.ts';
import { useCalls, useTelephone } from './calls-provider.tsx';
import { isWaiting, ringingCall } from './shown-call.ts';
import { ringAlone } from './sole-ringer.ts';

/** What calls do beside the page: tones, a notice while nobody looks, no leaving by accident, lists that stay true. */
export function CallWatch() {
  const state = useCalls();
  const { tones } = useTelephone();
  const { t } = useTranslation('calls');
  const client = useQueryClient();
  const { here, silenced, note } = state;

  const ringing = ringingCall(state);
  const ringingId = ringing?.id ?? null;
  const callerName = ringing?.peer.name ?? '';
  const waiting = ringing !== null && isWaiting(ringing, state);
  const aloud = ringingId !== null && ringingId !== silenced && here === null && !waiting;
  const noticeTitle = t('notice.title', { name: callerName });
  const noticeText = t('notice.text');
  useEffect(() => {
    if (!aloud || ringingId === null) return;
    return ringAlone(() => {
      const stopTone = tones.ring();
      const notice =
        document.visibilityState === 'hidden' ? notify(noticeTitle, noticeText, ringingId) : null;
      return () => {
        stopTone();
        notice?.close();
      };
    });
  }, [aloud, ringingId, tones, noticeTitle, noticeText]);

  // In the ear of who talks here, and nowhere else.
  const knocks = waiting && ringingId !== silenced && here !== null;
  useEffect(() => {
    if (!knocks || ringingId === null) return;
    const stopTone = tones.knock();
    const notice = document.visibilityState === 'hidden' ? notify(noticeTitle, noticeText, ringingId) : null;
    return () => {
      stopTone();
      notice?.close();
    };
  }, [knocks, ringingId, tones, noticeTitle, noticeText]);

  // A telephone that sounds before it is answered is heard instead.
  const waits = here?.direction === 'outgoing' && here.state === 'ringing' && state.sound !== 'flowing';
  useEffect(() => (waits ? tones.ringBack() : undefined), [waits, tones]);

  const unreached =
    note?.kind === 'refused' ||
    (note?.kind === 'ended' && note.call.direction === 'outgoing' && note.call.reason !== 'completed');
  useEffect(() => {
    if (unreached) tones.refused();
  }, [unreached, tones]);

  const talking = here !== null;
  useHoldReload(talking || ringingId !== null);
  useEffect(() => {
    if (!talking) return;
    const ask = (event: BeforeUnloadEvent): void => event.preventDefault();
    window.addEventListener('beforeunload', ask);
    return () => window.removeEventListener('beforeunload', ask);
  }, [talking]);

  const stale = (): void => void invalidate(client, [listCalls, countMissedCalls]);
  useLiveEvent(callStarted, stale);
  useLiveEvent(callAnswered, stale);
  useLiveEvent(callEnded, stale);
  return null;
}

function notify(title: string, body: string, callId: string): Notification | null {
  if (!('Notification' in window) || Notification.permission !== 'granted') return null;
  try {
    const notice = new Notification(title, {
      body,
      tag: callId,
      requireInteraction: true,
      icon: '/icons/192.png',
    });
    notice.onclick = () => {
      window.focus();
      notice.close();
    };
    return notice;
  } catch {
    // Some telephones show notices only through a service worker; it rings there all the same.
    return null;
  }
}
