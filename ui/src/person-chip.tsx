import '@mantine/core/styles/Popover.layer.css';
import { Popover } from '@mantine/core';
import { type KeyboardEvent, type PointerEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import { Button } from './button.tsx';
import { Dot } from './dot.tsx';
import { Face } from './face.tsx';
import { IconButton } from './icon-button.tsx';
import { useLabels } from './labels.tsx';
import classes from './person-chip.module.css';
import { type PersonVerbs, personVerbIcons, usePersonVerbs } from './person-verbs.tsx';
import { type PersonView, personLabel, reachText } from './reach.ts';
import { ReachWord } from './reach-word.tsx';

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
  second?: ReactNode;
  /** Medium: what stands at the end, mostly a time. */
  time?: ReactNode;
  /** Large: pixels of the face, 64 to 104. */
  faceSize?: number;
  /** Large: verbs under it (the usual four by default; `false` for none). */
  actions?: ReactNode;
  /** The card that opens on hover and long press; `false` where the chip is on that card already. */
  card?: boolean;
}

/** The one way to show a person, wherever it is. */
export function PersonChip({ size = 'medium', ...props }: PersonChipProps) {
  if (size === 'large') return <LargeChip {...props} />;
  return <ActiveChip size={size} {...props} />;
}

/** What is said below a name: the state with its end, then the hour there. */
export function PersonState({ person }: { person: PersonView }) {
  const labels = useLabels();
  const says = reachText(labels, person);
  return (
    <>
      {says && person.reach ? <ReachWord state={person.reach.state}>{says}</ReachWord> : says}
      {person.localTime ? `${says ? ', ' : ''}${labels.hourThere(person.localTime)}` : null}
    </>
  );
}

function ActiveChip({ person, size, verbs: given, second, time, card = true }: PersonChipProps) {
  const labels = useLabels();
  const verbs = usePersonVerbs(person, given);
  const [opened, setOpened] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const pressed = useRef(false);

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
      type="button"
      className={classes.chip}
      data-size={size}
      aria-label={personLabel(labels, person)}
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
            <span className={classes.name}>{person.name}</span>
            <span className={classes.second}>{second ?? <PersonState person={person} />}</span>
          </span>
          {time ? <span className={classes.time}>{time}</span> : null}
        </>
      )}
    </button>
  );
  if (!card) return button;
  return (
    <Popover
      opened={opened}
      onChange={setOpened}
      position="bottom-start"
      offset={6}
      trapFocus={false}
      returnFocus={false}
      withRoles={false}
      transitionProps={{ transition: 'fade', duration: 140 }}
    >
      <Popover.Target>{button}</Popover.Target>
      <Popover.Dropdown
        p={16}
        onPointerEnter={() => clearTimeout(timer.current)}
        onPointerLeave={() => after(leaveDelayMs, () => setOpened(false))}
      >
        <LargeChip person={person} verbs={given} />
      </Popover.Dropdown>
    </Popover>
  );
}

function LargeChip({ person, verbs: given, faceSize = 64, actions }: PersonChipProps) {
  const labels = useLabels();
  const verbs = usePersonVerbs(person, given);
  const place = [person.role, person.office].filter(Boolean).join(', ');
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would be announced as a form
    <div
      className={classes.large}
      data-size={faceSize > 80 ? 'page' : 'card'}
      role="group"
      aria-label={personLabel(labels, person)}
    >
      <Face
        name={person.name}
        id={person.id}
        photo={person.photo}
        size={faceSize}
        reach={person.reach?.state}
      />
      <div className={classes.words}>
        <span className={classes.name}>{person.name}</span>
        {place ? <span className={classes.role}>{place}</span> : null}
        <span className={classes.state}>
          <PersonState person={person} />
        </span>
      </div>
      {actions === undefined ? <PersonActions person={person} verbs={verbs} /> : actions}
    </div>
  );
}

/** The verbs of a person as buttons: call with its word, the others as icons. Nothing when there are none. */
export function PersonActions({ person, verbs: given }: { person: PersonView; verbs?: PersonVerbs }) {
  const labels = useLabels();
  const verbs = usePersonVerbs(person, given);
  if (!personVerbIcons.some(([id]) => verbs[id])) return null;
  return (
    <div className={classes.verbs}>
      {personVerbIcons.map(([id, Icon]) => {
        const onClick = verbs[id];
        if (!onClick) return null;
        if (id === 'call') {
          return (
            <Button key={id} variant="call" leftSection={<Icon size={17} />} onClick={onClick}>
              {labels.call}
            </Button>
          );
        }
        return (
          <IconButton key={id} aria-label={labels.verbFor(labels[id], person.name)} onClick={onClick}>
            <Icon size={18} />
          </IconButton>
        );
      })}
    </div>
  );
}
