import { useFormat, useKeys, useProblemText, useSession } from '@liaison/core/web';
import {
  Line,
  type LineState,
  type LineVerb,
  type PersonView,
  useLabels,
  usePersonVerbs,
  useToasts,
} from '@liaison/ui';
import { lazy, type RefObject, Suspense, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CallView, EndReason } from '../contract/index.ts';
import { CallPicture } from './call-picture.tsx';
import { useCalls, useTelephone } from './calls-provider.tsx';
import type { CallsState, EndedNote } from './calls-state.ts';
import { useEndText } from './end-text.ts';
import { MicrophoneRefusal } from './microphone-refusal.tsx';
import { placeOf, ringingCall, ringsForMe, shownCall } from './shown-call.ts';
import { useTroubleText } from './trouble-text.ts';
import { useClock } from './use-clock.ts';
import { useHeardKeys } from './use-heard-keys.ts';
import { usePartyView } from './use-party-view.ts';

// Keys and devices are looked at in few calls: they come when they are first opened.
const CallPanel = lazy(() => import('./call-panel.tsx'));
const TransferPanel = lazy(() => import('./transfer-panel.tsx'));

/** The line with the call that this person is in the middle of. Mounted once, for as long as somebody is signed in. */
export function LineSeat() {
  const session = useSession();
  const state = useCalls();
  const line = useRef<HTMLElement>(null);
  const [panel, setPanel] = useState<Panel | null>(null);
  const call = state.dialling ? null : shownCall(state);
  const note = call || state.dialling ? null : state.note;
  const party = call?.peer ?? partyOf(state, note);
  const person = usePartyView(party);
  const second = usePartyView(call && call === state.here ? (state.aside?.peer ?? null) : null);
  const { controller } = useTelephone();
  const levels = useMemo(
    () => ({ mine: () => controller.levels.mine, theirs: () => controller.levels.theirs }),
    [controller],
  );
  const now = useClock(call !== null);
  const keys = useHeardKeys(call?.id ?? null);
  const lineState = useLineState({ state, call, note, person, second, now, panel, setPanel, keys });
  useLineKeys(state, call, line, setPanel);
  const me = {
    id: session.personId,
    name: session.name,
    ...(session.photo === null ? {} : { photo: session.photo }),
  };
  const open = call && call === state.here && call.state === 'connected' ? call : null;
  return (
    <>
      <Line
        ref={line}
        me={me}
        state={lineState}
        {...(state.sound === 'flowing' ? { levels } : {})}
        {...(open ? { onOpen: () => setPanel(toggled(panel, open.id, 'keypad')) } : {})}
      />
      {open && panel?.callId === open.id ? (
        <Suspense fallback={null}>
          {panel.kind === 'keypad' ? (
            <CallPanel onClose={() => setPanel(null)} />
          ) : (
            <TransferPanel call={open} onClose={() => setPanel(null)} />
          )}
        </Suspense>
      ) : null}
      <CallPicture person={person} />
      <MicrophoneRefusal />
    </>
  );
}

/** What is open under the line. */
interface Panel {
  readonly callId: string;
  readonly kind: 'keypad' | 'transfer';
}

const toggled = (panel: Panel | null, callId: string, kind: Panel['kind']): Panel | null =>
  panel?.callId === callId && panel.kind === kind ? null : { callId, kind };

/** Whom the line names when there is no call yet, or none any more. */
function partyOf({ dialling }: CallsState, note: EndedNote | null): CallView['peer'] | null {
  if (note?.kind === 'ended') return note.call.peer;
  const to = dialling ?? note;
  if (!to) return null;
  const id = /^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(to.to) ? to.to : null;
  return { personId: id, name: to.name, address: id ? null : to.to, extension: null };
}

function useNoteText(note: EndedNote | null): string | null {
  const endText = useEndText();
  const problemText = useProblemText();
  if (!note) return null;
  return note.kind === 'ended' ? endText(note.call) : problemText(note.error).text;
}

interface Shown {
  state: CallsState;
  call: CallView | null;
  note: EndedNote | null;
  person: PersonView | null;
  /** Who is on hold beside. */
  second: PersonView | null;
  now: number;
  panel: Panel | null;
  setPanel: (panel: Panel | null) => void;
  /** What the other one pressed just now. */
  keys: string;
}

function useLineState({ state, call, note, person, second, now, panel, setPanel, keys }: Shown): LineState {
  const { t } = useTranslation('calls');
  const labels = useLabels();
  const { controller } = useTelephone();
  const format = useFormat();
  const noteText = useNoteText(note);
  const toasts = useToasts();
  const problem = useProblemText();
  const verbsOfPerson = usePersonVerbs(person ?? { id: '', name: '' });
  const trouble = useTroubleText()(state.quality?.trouble ?? null);
  if (!person) return { kind: 'idle' };
  const since = (from: string | null): string => format.duration(from === null ? 0 : now - Date.parse(from));
  const place = [person.office, person.localTime ? labels.hourThere(person.localTime) : '']
    .filter(Boolean)
    .join(', ');

  if (!call) {
    if (state.dialling) {
      return {
        kind: 'ringing-out',
        person,
        detail: t('line.dialling'),
        timer: '',
        verbs: [end(() => void controller.hangUp())],
      };
    }
    const again = (): void =>
      void controller.call(
        note?.kind === 'refused' ? note.to : (note?.call.peer.personId ?? person.name),
        person.name,
      );
    const verbs: LineVerb[] = [];
    if (note?.kind === 'ended') {
      if (note.call.peer.personId)
        verbs.push({
          id: 'again',
          label: missed(note) ? t('line.callBack') : t('line.callAgain'),
          onSelect: again,
        });
      const { chat } = verbsOfPerson;
      const talked = note.call.answeredAt !== null;
      if (chat)
        verbs.push({ id: 'write', ...(talked ? {} : { label: t('line.leaveWord') }), onSelect: chat });
    }
    return { kind: 'ended', person, detail: noteText ?? '', verbs };
  }

  const hangUp = end(() => void controller.hangUp(call.id));
  if (ringsForMe(call)) {
    return {
      kind: 'ringing-in',
      person,
      detail: call.returned
        ? t(`returned.${returnedKey(call.returned.reason)}`, { name: call.returned.from.name })
        : call.transferredBy
          ? t('line.transferredBy', { name: call.transferredBy.name })
          : t('line.incoming'),
      timer: since(call.startedAt),
      // The dossier has the other verbs until it is folded away.
      verbs:
        state.silenced === call.id
          ? [
              { id: 'answer', onSelect: () => void controller.answer(call.id), shortcut: 'Control+Shift+A' },
              { id: 'refuse', onSelect: () => void controller.decline(call.id), shortcut: 'Control+Shift+D' },
            ]
          : [{ id: 'silence', onSelect: () => controller.silenceRing(call.id) }],
    };
  }
  const elsewhere = call !== state.here;
  const camera: LineVerb = {
    id: 'camera',
    pressed: state.myPicture !== null,
    onSelect: () => void controller.setCamera(state.myPicture === null),
    shortcut: 'Control+Shift+E',
  };
  const join: LineVerb = {
    id: 'join',
    label: t('transfer.connect'),
    onSelect: () =>
      void controller
        .connectThem()
        .catch((error: unknown) =>
          toasts.show({ id: 'calls-join', tone: 'danger', text: problem(error).text }),
        ),
  };
  const bring: LineVerb[] =
    elsewhere && (placeOf(call) === 'page' || (placeOf(call) === 'telephone' && call.state === 'connected'))
      ? [{ id: 'swap', label: t('line.bringHere'), onSelect: () => void controller.take(call.id) }]
      : [];
  if (call.state === 'ringing') {
    const { pages, telephones } = call.ringing;
    const detail = elsewhere
      ? t('line.fromElsewhere')
      : call.transferredBy
        ? t('line.handedOver', { name: call.transferredBy.name })
        : telephones > 0
          ? pages
            ? t('line.ringsBoth', { count: telephones })
            : t('line.ringsTelephones', { count: telephones })
          : pages
            ? t('line.ringsPages')
            : t('line.dialling');
    // Asked before a transfer: the one on hold may be given the ringing as it is.
    const connect: LineVerb[] = second && !elsewhere ? [join] : [];
    // Who is called with a picture sees it as soon as she answers.
    const show: LineVerb[] = elsewhere || call.direction !== 'outgoing' ? [] : [camera];
    const verbs = [...bring, ...connect, ...show, hangUp];
    return { kind: 'ringing-out', person, detail, timer: since(call.startedAt), verbs };
  }

  const timer = since(call.answeredAt);
  const resume: LineVerb = {
    id: 'resume',
    onSelect: () => void controller.hold(call.id, false),
    shortcut: 'Control+Shift+A',
  };
  if (elsewhere) {
    const detail = call.mine?.kind === 'telephone' ? t('line.onTelephone') : t('line.onOtherPage');
    return { kind: 'call', person, detail, timer, verbs: [...bring, hangUp] };
  }
  const swap: LineVerb[] = second ? [{ id: 'swap', onSelect: () => void controller.swap() }] : [];
  const heldFor = (from: number | null): string => format.duration(from === null ? 0 : now - from);
  if (call.heldByMe) {
    const detail = t('line.onHold', {
      time: heldFor(state.heldAt),
    });
    return { kind: 'held', person, detail, verbs: [resume, ...swap, hangUp] };
  }
  if (call.heldByPeer) {
    const detail = t('line.heldByPeer', { name: person.name });
    return { kind: 'held', person, detail, verbs: [...swap, hangUp] };
  }
  if (call.peerLost) {
    return { kind: 'reconnecting', person, detail: t('line.peerLost'), timer, verbs: [hangUp] };
  }
  if (state.interruptedAt !== null) {
    const seconds = Math.max(1, Math.round((now - state.interruptedAt) / 1000));
    return {
      kind: 'reconnecting',
      person,
      detail: t('line.lost', { count: seconds }),
      timer,
      verbs: [hangUp],
    };
  }
  const talking = {
    person,
    detail:
      state.sound === 'waiting'
        ? t('line.connecting')
        : call.movingTo
          ? t('line.moving')
          : state.muted
            ? t('line.muted')
            : keys
              ? t('line.keysHeard', { keys })
              : place || (call.peerKind === 'telephone' ? t('line.peerOnTelephone') : t('line.talking')),
    ...(state.microphoneDead ? { warning: t('line.microphoneDead') } : trouble ? { warning: trouble } : {}),
    timer,
  };
  const mute: LineVerb = {
    id: 'mute',
    pressed: state.muted,
    onSelect: () => controller.setMuted(!state.muted),
    shortcut: 'Control+Shift+M',
  };
  const keypad: LineVerb = {
    id: 'keypad',
    label: t('line.panel'),
    pressed: panel?.callId === call.id && panel.kind === 'keypad',
    onSelect: () => setPanel(toggled(panel, call.id, 'keypad')),
  };
  const transfer: LineVerb = {
    id: 'transfer',
    pressed: panel?.callId === call.id && panel.kind === 'transfer',
    onSelect: () => setPanel(toggled(panel, call.id, 'transfer')),
    shortcut: 'Control+Shift+F',
  };
  if (second) {
    return {
      kind: 'two',
      ...talking,
      second,
      secondDetail: t('line.asideHeld', { time: heldFor(state.asideHeldAt) }),
      verbs: [...swap, mute, keypad, join, hangUp],
    };
  }
  const hold: LineVerb = {
    id: 'hold',
    onSelect: () => void controller.hold(call.id, true),
    shortcut: 'Control+Shift+H',
  };
  return { kind: 'call', ...talking, verbs: [mute, camera, hold, keypad, transfer, hangUp] };
}

/** Why whom it was handed to did not take it. */
const returnedKey = (reason: EndReason): 'declined' | 'busy' | 'noAnswer' | 'unreached' =>
  reason === 'declined' || reason === 'busy' ? reason : reason === 'no-answer' ? 'noAnswer' : 'unreached';

const missed = (note: EndedNote): boolean => note.kind === 'ended' && note.call.direction === 'incoming';

const end = (onSelect: () => void): LineVerb => ({ id: 'end', onSelect, shortcut: 'Control+Shift+D' });

/** The line's keys work from anywhere, in text too. */
function useLineKeys(
  state: CallsState,
  call: CallView | null,
  line: RefObject<HTMLElement | null>,
  setPanel: (panel: Panel | null) => void,
): void {
  const { t } = useTranslation('calls');
  const { controller } = useTelephone();
  const group = t('keys.line');
  const ringing = ringingCall(state);
  const here = state.here;
  useKeys([
    {
      keys: 'Ctrl+Shift+A',
      label: t('keys.answer'),
      group,
      run: () => {
        if (ringing) void controller.answer(ringing.id);
        else if (here?.heldByMe) void controller.hold(here.id, false);
      },
    },
    {
      keys: 'Ctrl+Shift+D',
      label: t('keys.end'),
      group,
      run: () => {
        if (ringing) void controller.decline(ringing.id);
        else if (call) void controller.hangUp(call.id);
        else if (state.dialling) void controller.hangUp();
      },
    },
    { keys: 'Ctrl+Shift+M', label: t('keys.mute'), group, run: () => controller.setMuted(!state.muted) },
    {
      keys: 'Ctrl+Shift+H',
      label: t('keys.hold'),
      group,
      run: () => {
        if (here?.state === 'connected') void controller.hold(here.id, !here.heldByMe);
      },
    },
    {
      keys: 'Ctrl+Shift+E',
      label: t('keys.camera'),
      group,
      run: () => void controller.setCamera(state.myPicture === null),
    },
    {
      keys: 'Ctrl+Shift+F',
      label: t('keys.transfer'),
      group,
      run: () => {
        if (here?.state === 'connected' && !state.aside) setPanel({ callId: here.id, kind: 'transfer' });
      },
    },
    { keys: 'Ctrl+Shift+L', label: t('keys.focus'), group, run: () => line.current?.focus() },
  ]);
}
