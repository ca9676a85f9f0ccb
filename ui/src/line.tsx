import { IconDoor } from '@tabler/icons-react';
import { type ReactNode, type Ref, useState } from 'react';
import { Face } from './face.tsx';
import { type Labels, useLabels } from './labels.tsx';
import { Level } from './level.tsx';
import classes from './line.module.css';
import { type LineVerb, lineVerbLooks } from './line-verbs.tsx';
import type { PersonView } from './reach.ts';
import { Wire, type WireKind } from './wire.tsx';

type LinePerson = Pick<PersonView, 'id' | 'name' | 'photo'>;

/**
 * What the line shows. Times (`timer`) and sentences (`detail`) arrive formatted; `verbs` are drawn in the given order.
 * In `two`, `person` is who we talk to and `second` who is on hold.
 */
export type LineState =
  | {
      kind: 'idle';
      next?: { time: string; title: string; in: string; href?: string };
      verbs?: readonly LineVerb[];
    }
  | { kind: 'ringing-in'; person: LinePerson; detail?: string; timer: string; verbs: readonly LineVerb[] }
  | { kind: 'ringing-out'; person: LinePerson; detail?: string; timer: string; verbs: readonly LineVerb[] }
  | {
      kind: 'call';
      person: LinePerson;
      detail?: string;
      /** Stands in place of `detail` and is announced: the microphone gives nothing. */
      warning?: string;
      timer: string;
      verbs: readonly LineVerb[];
    }
  | { kind: 'held'; person: LinePerson; detail?: string; verbs: readonly LineVerb[] }
  | {
      kind: 'two';
      person: LinePerson;
      detail?: string;
      warning?: string;
      timer: string;
      second: LinePerson;
      secondDetail?: string;
      verbs: readonly LineVerb[];
    }
  | { kind: 'meeting'; title: string; detail?: string; timer: string; verbs: readonly LineVerb[] }
  | { kind: 'reconnecting'; person: LinePerson; detail?: string; timer: string; verbs: readonly LineVerb[] }
  /** What a call came to: who ended it, after how long, or why it came to nothing. The app takes it away again. */
  | { kind: 'ended'; person: LinePerson; detail: string; verbs: readonly LineVerb[] };

export interface LineProps {
  /** Whose line it is. */
  me: LinePerson;
  state: LineState;
  /** Pressing the names: opens the call or meeting in full. */
  onOpen?: () => void;
  /** How loud it is at both ends, 0 to 1; asked several times a second while a call is talked in. */
  levels?: { mine: () => number; theirs: () => number };
  /** For `Ctrl Shift L`: focus this element. */
  ref?: Ref<HTMLElement>;
}

const wires: Record<Exclude<LineState['kind'], 'idle'>, WireKind> = {
  'ringing-in': 'ring-in',
  'ringing-out': 'ring-out',
  call: 'live',
  held: 'held',
  two: 'live',
  meeting: 'live',
  reconnecting: 'lost',
  ended: 'ended',
};

/** What screen readers hear when the line becomes this. No running time is in it, so it is said once. */
export function lineAnnouncement(labels: Labels, state: LineState): string {
  const says = labels.lineSays;
  switch (state.kind) {
    case 'idle':
      return says.idle;
    case 'ringing-in':
      return says.ringingIn(state.person.name);
    case 'ringing-out':
      return says.ringingOut(state.person.name);
    case 'call':
      return says.call(state.person.name);
    case 'held':
      return says.held(state.person.name);
    case 'two':
      return says.two(state.person.name, state.second.name);
    case 'meeting':
      return says.meeting(state.title);
    case 'reconnecting':
      return says.reconnecting(state.person.name);
    case 'ended':
      return says.ended(state.person.name, state.detail);
  }
}

/**
 * The line: what you are in the middle of. It has one seat in the shell; render it once above the router's outlet, so
 * that its element stays while pages change.
 */
export function Line({ me, state, onOpen, levels, ref }: LineProps) {
  const labels = useLabels();
  const [opened, setOpened] = useState(false);
  const says = ('warning' in state && state.warning) || lineAnnouncement(labels, state);
  const busy = state.kind !== 'idle';
  return (
    <section
      ref={ref}
      className={classes.line}
      aria-label={labels.line}
      tabIndex={-1}
      data-line=""
      data-state={state.kind}
      data-open={(busy && opened) || undefined}
      data-urgent={busy || !!state.verbs?.length || undefined}
    >
      <p className={classes.live} role="status">
        {state.kind === 'ringing-in' ? '' : says}
      </p>
      <p className={classes.live} role="alert">
        {state.kind === 'ringing-in' ? says : ''}
      </p>
      {busy ? (
        <BusyLine
          me={me}
          state={state}
          onOpen={onOpen}
          levels={state.kind === 'call' || state.kind === 'two' ? levels : undefined}
          opened={opened}
          setOpened={setOpened}
        />
      ) : (
        <IdleLine state={state} />
      )}
    </section>
  );
}

function IdleLine({ state }: { state: Extract<LineState, { kind: 'idle' }> }) {
  const labels = useLabels();
  return (
    <>
      {state.next ? (
        <p className={classes.next}>
          <span className={classes.nextWord}>{labels.next}</span>
          <time>{state.next.time}</time>
          <span className={classes.nextTitle}>{state.next.title}</span>
          <span className={classes.nextIn}>{state.next.in}</span>
        </p>
      ) : null}
      <span className={classes.rest} />
      {state.verbs?.map((verb) => (
        <VerbButton key={verb.id} verb={verb} idle />
      ))}
    </>
  );
}

interface BusyLineProps {
  me: LinePerson;
  state: Exclude<LineState, { kind: 'idle' }>;
  onOpen?: () => void;
  levels?: LineProps['levels'];
  opened: boolean;
  setOpened: (opened: boolean) => void;
}

function BusyLine({ me, state, onOpen, levels, opened, setOpened }: BusyLineProps) {
  const labels = useLabels();
  const face = (person: LinePerson) => (
    <Face name={person.name} id={person.id} photo={person.photo} size={32} />
  );
  const mine = (
    <span className={classes.mine}>
      {face(me)}
      {levels ? <Level shape="ring" read={levels.mine} /> : null}
    </span>
  );
  const warning = 'warning' in state ? state.warning : undefined;
  const wire = (
    <span className={classes.wire}>
      <Wire kind={wires[state.kind]}>
        {'timer' in state ? (
          <time role="timer" aria-live="off">
            {state.timer}
          </time>
        ) : null}
      </Wire>
    </span>
  );
  const who =
    state.kind === 'meeting' ? (
      <Who title={state.title} detail={state.detail} onOpen={onOpen} />
    ) : (
      <Who title={state.person.name} detail={warning ?? state.detail} warns={!!warning} onOpen={onOpen} />
    );
  const other =
    state.kind === 'meeting' ? (
      <span className={classes.room} aria-hidden="true">
        <IconDoor size={19} />
      </span>
    ) : (
      <span className={classes.theirs}>
        {face(state.person)}
        {levels ? <Level shape="ring" read={levels.theirs} /> : null}
      </span>
    );
  const extra = state.verbs.some((verb) => !lineVerbLooks[verb.id].keep);
  const swap = state.kind === 'two' ? state.verbs.filter((verb) => verb.id === 'swap') : [];
  const rest = state.kind === 'two' ? state.verbs.filter((verb) => verb.id !== 'swap') : state.verbs;
  return (
    <>
      {state.kind === 'ringing-in' ? (
        <>
          {other}
          {who}
          {wire}
          {mine}
        </>
      ) : (
        <>
          {mine}
          {wire}
          {other}
          {who}
        </>
      )}
      {state.kind === 'two' ? (
        <>
          {swap.map((verb) => (
            <VerbButton key={verb.id} verb={verb} />
          ))}
          <span className={classes.second}>
            {face(state.second)}
            <Who title={state.second.name} detail={state.secondDetail} />
          </span>
        </>
      ) : null}
      <span className={classes.verbs}>
        {rest.map((verb) => (
          <VerbButton key={verb.id} verb={verb}>
            {verb.id === 'mute' && !verb.pressed && levels ? <Level shape="bar" read={levels.mine} /> : null}
          </VerbButton>
        ))}
      </span>
      {extra ? (
        // On a telephone the capsule itself is pressed: this lies over it, under the verbs that stay.
        <button
          type="button"
          className={classes.more}
          aria-expanded={opened}
          aria-label={opened ? labels.fewerVerbs : labels.moreVerbs}
          onClick={() => setOpened(!opened)}
        />
      ) : null}
    </>
  );
}

function Who({
  title,
  detail,
  warns,
  onOpen,
}: {
  title: string;
  detail?: ReactNode;
  warns?: boolean;
  onOpen?: () => void;
}) {
  const words = (
    <>
      <b>{title}</b>
      {detail ? <span data-warns={warns || undefined}>{detail}</span> : null}
    </>
  );
  return onOpen ? (
    <button type="button" className={classes.who} onClick={onOpen}>
      {words}
    </button>
  ) : (
    <span className={classes.who}>{words}</span>
  );
}

function VerbButton({ verb, idle, children }: { verb: LineVerb; idle?: boolean; children?: ReactNode }) {
  const labels = useLabels();
  const look = lineVerbLooks[verb.id];
  const Icon = (verb.pressed && look.pressedIcon) || look.icon;
  const label = verb.label ?? labels.lineVerb[verb.id];
  return (
    <button
      type="button"
      className={classes.verb}
      data-verb={verb.id}
      data-tone={idle ? 'idle' : look.tone}
      data-on={verb.pressed || undefined}
      data-keep={look.keep || undefined}
      aria-pressed={verb.pressed}
      aria-label={look.word ? undefined : label}
      title={look.word ? undefined : label}
      aria-keyshortcuts={verb.shortcut}
      onClick={verb.onSelect}
    >
      {verb.id === 'leave' ? null : <Icon size={look.word ? 17 : 20} />}
      <span className={look.word ? classes.beside : classes.word}>{label}</span>
      {children}
    </button>
  );
}
