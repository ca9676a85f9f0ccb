import { Slot, useFormat, useSession, useSlot } from '@liaison/core/web';
import { Button, Dossier, usePersonVerbs, WaitingCard } from '@liaison/ui';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { type CallView, callDossier, refuseWithWord } from '../contract/index.ts';
import { useCalls, useTelephone } from './calls-provider.tsx';
import { LastCalls } from './last-calls.tsx';
import { isWaiting, ringingCall } from './shown-call.ts';
import { useClock } from './use-clock.ts';
import { usePartyView } from './use-party-view.ts';

/** Under the line while somebody rings, until the ring is silenced. Always gives `children` at the same place, so that the shell below stays. */
export function DossierSeat({ children }: { children: (dossier: ReactNode) => ReactNode }) {
  const state = useCalls();
  const ringing = ringingCall(state);
  const call = ringing && ringing.id !== state.silenced ? ringing : null;
  return children(
    call ? <RingingDossier key={call.id} call={call} waiting={isWaiting(call, state)} /> : null,
  );
}

type Send = (text: string) => Promise<void>;

function RingingDossier({ call, waiting }: { call: CallView; waiting: boolean }) {
  const { personId } = call.peer;
  const [Words] = useSlot(refuseWithWord);
  if (!Words || personId === null) return <CallerDossier call={call} waiting={waiting} send={null} />;
  return (
    <Words personId={personId}>{(send) => <CallerDossier call={call} waiting={waiting} send={send} />}</Words>
  );
}

function CallerDossier({ call, waiting, send }: { call: CallView; waiting: boolean; send: Send | null }) {
  const { t } = useTranslation('calls');
  const session = useSession();
  const format = useFormat();
  const { controller } = useTelephone();
  const now = useClock(true);
  const caller = usePartyView(call.peer);
  const verbs = usePersonVerbs(caller ?? { id: '', name: '' });
  if (!caller) return null;
  const { personId } = call.peer;
  const words = [
    { id: 'later', text: t('dossier.words.later') },
    { id: 'write', text: t('dossier.words.write') },
    { id: 'meeting', text: t('dossier.words.meeting') },
  ];
  const { telephones } = call.ringing;
  const rings = t('dossier.rings', { time: format.duration(now - Date.parse(call.startedAt)) });
  const refusal = send
    ? {
        words,
        onRefuseWith: (id: string) => {
          const word = words.find((each) => each.id === id);
          void controller.decline(call.id);
          // A word that does not arrive must not keep it ringing.
          if (word) void send(word.text).catch(() => {});
        },
      }
    : {};
  const shared = personId ? (
    <>
      <Slot slot={callDossier} personId={personId} />
      <LastCalls personId={personId} running={call.id} />
    </>
  ) : null;
  const answer = (): void => void controller.answer(call.id);
  const refuse = (): void => void controller.decline(call.id);
  if (waiting) {
    return (
      <WaitingCard
        caller={caller}
        detail={[caller.office, rings].filter(Boolean).join(', ')}
        answer={t('waiting.answer')}
        onAnswer={answer}
        onRefuse={refuse}
        {...refusal}
      >
        {shared}
      </WaitingCard>
    );
  }
  return (
    <Dossier
      caller={caller}
      me={{
        id: session.personId,
        name: session.name,
        ...(session.photo === null ? {} : { photo: session.photo }),
      }}
      timer={rings}
      reason={telephones > 0 ? t('dossier.ringsBoth', { count: telephones }) : t('dossier.ringsPages')}
      onAnswer={answer}
      onRefuse={refuse}
      onSilence={() => controller.silenceRing(call.id)}
      {...refusal}
      title={t('dossier.title')}
      titleAction={
        verbs.open ? (
          <Button variant="subtle" onClick={verbs.open}>
            {t('dossier.open')}
          </Button>
        ) : null
      }
    >
      {shared}
    </Dossier>
  );
}
