import { namesOfNumbers } from '@liaison/contacts';
import { NumberText, Slot, useApi, useFormat, useSession, useSlot } from '@liaison/core/web';
import { Button, Dossier, useNarrow, usePersonVerbs, WaitingCard } from '@liaison/ui';
import { useRouter, useRouterState } from '@tanstack/react-router';
import { type ReactNode, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { type CallView, callDossier, outsideNumber, refuseWithWord } from '../contract/index.ts';
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

/** Where the dossier covers the whole screen, what was opened out of it is under it: it makes room, and the line goes on ringing. */
function useRoomForPage(makeRoom: () => void): void {
  const isNarrow = useNarrow();
  const href = useRouterState({ select: ({ location }) => location.href });
  const begun = useRef(href);
  useEffect(() => {
    if (href === begun.current) return;
    begun.current = href;
    if (isNarrow) makeRoom();
  });
}

const digitsOf = (text: string): string => text.replace(/\D/g, '');

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
  const { history } = useRouter();
  const { personId, contactId } = call.peer;
  const number = outsideNumber(call.peer);
  const known = useApi(namesOfNumbers, number === null ? null : { query: { numbers: number } });
  const organisation = known.data?.rows[0]?.organisation;
  const cardId = contactId ?? known.data?.rows[0]?.contactId;
  const open =
    personId !== null ? verbs.open : cardId ? () => history.push(`/contacts/${cardId}`) : undefined;
  useRoomForPage(() => controller.silenceRing(call.id));
  if (!caller) return null;
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
  const shared =
    personId !== null || number !== null ? (
      <>
        <Slot slot={callDossier} personId={personId} number={number} contactId={contactId ?? null} />
        <LastCalls {...(personId === null ? { numbers: number ?? '' } : { personId })} running={call.id} />
      </>
    ) : null;
  const answer = (): void => void controller.answer(call.id);
  const refuse = (): void => void controller.decline(call.id);
  if (waiting) {
    return (
      <WaitingCard
        caller={caller}
        detail={[caller.office ?? organisation, rings].filter(Boolean).join(', ')}
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
      caller={organisation ? { ...caller, role: organisation } : caller}
      me={{
        id: session.personId,
        name: session.name,
        ...(session.photo === null ? {} : { photo: session.photo }),
      }}
      {...(number === null || digitsOf(caller.name) === digitsOf(number)
        ? {}
        : { from: <NumberText number={number} /> })}
      timer={rings}
      reason={telephones > 0 ? t('dossier.ringsBoth', { count: telephones }) : t('dossier.ringsPages')}
      onAnswer={answer}
      onRefuse={refuse}
      onSilence={() => controller.silenceRing(call.id)}
      {...refusal}
      title={t('dossier.title')}
      titleAction={
        open ? (
          <Button variant="subtle" onClick={open}>
            {t('dossier.open')}
          </Button>
        ) : null
      }
    >
      {shared}
    </Dossier>
  );
}
