import {
  type KeyboardEvent,
  lazy,
  type PointerEvent,
  type ReactNode,
  Suspense,
  useEffect,
  useRef,
  useState,
} from 'react';
import { Dot } from './dot.tsx';
import { Face } from './face.tsx';
import { type Labels, useLabels } from './labels.tsx';
import { PersonCard } from './person-card.tsx';
import classes from './person-chip.module.css';
import { PersonState } from './person-state.tsx';
import { type PersonVerbs, usePersonVerbs } from './person-verbs.tsx';
import { type PersonView, personLabel, reachText } from './reach.ts';

// What floats needs half as much code as all of the shell: it comes when the first card opens.
const ChipCard = lazy(() => import('./chip-card.tsx'));

const hoverDelayMs = 450;
const leaveDelayMs = 180;
const longPressMs = 500;

export interface PersonChipProps {
  person: PersonView;
  /** In a sentence, in a row, on a card. */
  size?: 'small' | 'medium' | 'large';
  /** What can be done; those of `PersonVerbsProvider` when left out. */
  verbs?: PersonVerbs;
  /** Medium: a second line that matters more here than the state. */
  second?: string;
  /** Medium: what stands at the end, mostly a time. */
  time?: string;
  /** Large: pixels of the face, 64 to 104. */
  faceSize?: number;
  /** Large: verbs under it (the usual four by default; `false` for none). */
  actions?: ReactNode;
  /** The card that opens on hover and long press; `false` where the chip is on that card already. */
  card?: boolean;
}

/** The one way to show a person, wherever it is. */
export function PersonChip({ size = 'medium', ...props }: PersonChipProps) {
  if (size === 'large') return <PersonCard {...props} />;
  return <ActiveChip size={size} {...props} />;
}

/** All that is written on it in its order, so that it can be called by what is seen; and the state, where that is not written. */
function chipLabel(labels: Labels, person: PersonView, second?: string, time?: string): string {
  const says = reachText(labels, person);
  if (second !== undefined) {
    const written = [person.name, second, time].filter(Boolean).join(', ');
    return says ? labels.chipName(written, says) : written;
  }
  const hour = person.localTime ? labels.hourThere(person.localTime) : undefined;
  return [personLabel(labels, person), hour, time].filter(Boolean).join(', ');
}

function ActiveChip({ person, size, verbs: given, second, time, card = true }: PersonChipProps) {
  const labels = useLabels();
  const verbs = usePersonVerbs(person, given);
  const [opened, setOpened] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const pressed = useRef(false);
  const chip = useRef<HTMLButtonElement>(null);
  const [used, setUsed] = useState(false);
  if (opened && !used) setUsed(true);

  const after = (delayMs: number, next: () => void) => {
    clearTimeout(timer.current);
    timer.current = setTimeout(next, delayMs);
  };
  useEffect(() => () => clearTimeout(timer.current), []);

  const hold = (event: PointerEvent) => {
    if (event.pointerType === 'mouse' || !card) return;
    pressed.current = false;
    after(longPressMs, () => {
      pressed.current = true;
      setOpened(true);
    });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape' && opened) {
      event.stopPropagation();
      setOpened(false);
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const verb = { c: verbs.call, m: verbs.chat, e: verbs.mail }[event.key.toLowerCase()];
    if (!verb) return;
    event.preventDefault();
    event.stopPropagation();
    verb();
  };
  const button = (
    <button
      ref={chip}
      type="button"
      className={classes.chip}
      data-size={size}
      aria-label={chipLabel(labels, person, second, time)}
      aria-keyshortcuts={verbs.call ? 'C' : undefined}
      onClick={() => {
        clearTimeout(timer.current);
        if (pressed.current) {
          pressed.current = false;
          return;
        }
        setOpened(false);
        if (verbs.open) verbs.open();
        else if (card) setOpened((before) => !before);
      }}
      onKeyDown={onKeyDown}
      onPointerEnter={(event) => {
        if (card && event.pointerType === 'mouse') after(hoverDelayMs, () => setOpened(true));
      }}
      onPointerLeave={() => after(leaveDelayMs, () => setOpened(false))}
      onPointerDown={hold}
      onPointerUp={(event) => {
        if (event.pointerType !== 'mouse') clearTimeout(timer.current);
      }}
      onContextMenu={(event) => {
        if (pressed.current) event.preventDefault();
      }}
    >
      {size === 'small' ? (
        <>
          {person.reach ? <Dot state={person.reach.state} size={10} /> : null}
          {person.name}
        </>
      ) : (
        <>
          <Face name={person.name} id={person.id} photo={person.photo} reach={person.reach?.state} />
          <span className={classes.words}>
            {/* Spaces that nobody sees: what is read aloud, copied or searched has its words apart. */}
            <span className={classes.name}>{person.name}</span>{' '}
            <span className={classes.second}>{second ?? <PersonState person={person} />}</span>
          </span>{' '}
          {time ? <span className={classes.time}>{time}</span> : null}
        </>
      )}
    </button>
  );
  if (!card) return button;
  return (
    <>
      {button}
      {used ? (
        <Suspense fallback={null}>
          <ChipCard
            chip={chip}
            opened={opened}
            onChange={setOpened}
            onEnter={() => clearTimeout(timer.current)}
            onLeave={() => after(leaveDelayMs, () => setOpened(false))}
          >
            <PersonCard person={person} verbs={given} />
          </ChipCard>
        </Suspense>
      ) : null}
    </>
  );
}
