import {
  invalidate,
  type Notice,
  onWorkerMessage,
  showNotice,
  useHoldReload,
  useLiveEvent,
} from '@liaison/core/web';
import { useLabels } from '@liaison/ui';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { callAnswered, callEnded, callStarted, countMissedCalls, listCalls } from '../contract/index.ts';
import { useCalls, useTelephone } from './calls-provider.tsx';
import { ringUnlessQuiet } from './ring-unseen.ts';
import { isWaiting, ringingCall, ringsForMe } from './shown-call.ts';
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
  const { answer, refuse } = useLabels();
  const words = useMemo(
    () => ({ title: t('notice.title', { name: callerName }), body: t('notice.text'), answer, refuse }),
    [t, callerName, answer, refuse],
  );
  useAnswerFromNotice();
  useEffect(() => {
    if (!aloud || ringingId === null) return;
    return ringUnlessQuiet(() =>
      ringAlone(() => {
        const stopTone = tones.ring();
        const notice = document.visibilityState === 'hidden' ? notify(words, ringingId) : null;
        return () => {
          stopTone();
          notice?.close();
        };
      }),
    );
  }, [aloud, ringingId, tones, words]);

  // In the ear of who talks here, and nowhere else.
  const knocks = waiting && ringingId !== silenced && here !== null;
  useEffect(() => {
    if (!knocks || ringingId === null) return;
    const stopTone = tones.knock();
    const endNotice = ringUnlessQuiet(() => {
      const notice = document.visibilityState === 'hidden' ? notify(words, ringingId) : null;
      return () => notice?.close();
    });
    return () => {
      stopTone();
      endNotice();
    };
  }, [knocks, ringingId, tones, words]);

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

interface Words {
  readonly title: string;
  readonly body: string;
  readonly answer: string;
  readonly refuse: string;
}

function notify({ title, body, answer, refuse }: Words, callId: string): Notice | null {
  if (!('Notification' in window) || Notification.permission !== 'granted') return null;
  return showNotice({
    title,
    body,
    tag: callId,
    path: '/phone',
    requireInteraction: true,
    icon: '/icons/192.png',
    call: { id: callId, answer, refuse },
    onPress: () => {},
  });
}

/** "Answer" was pressed on a notification: takes the call as soon as this page knows that it rings. */
function useAnswerFromNotice(): void {
  const { calls } = useCalls();
  const { controller } = useTelephone();
  const [wanted, setWanted] = useState<string | null>(null);
  useEffect(() => onWorkerMessage('liaison.answer', ({ callId }) => setWanted(callId)), []);
  const rings = calls.some((call) => call.id === wanted && ringsForMe(call));
  useEffect(() => {
    if (!rings || wanted === null) return;
    setWanted(null);
    void controller.answer(wanted);
  }, [rings, wanted, controller]);
}
