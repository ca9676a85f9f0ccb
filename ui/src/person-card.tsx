import type { ReactNode } from 'react';
import { Button } from './button.tsx';
import { Face } from './face.tsx';
import { IconButton } from './icon-button.tsx';
import { useLabels } from './labels.tsx';
import classes from './person-chip.module.css';
import { PersonState } from './person-state.tsx';
import { type PersonVerbs, personVerbIcons, usePersonVerbs } from './person-verbs.tsx';
import { type PersonView, personLabel } from './reach.ts';

export interface PersonCardProps {
  person: PersonView;
  verbs?: PersonVerbs;
  /** Pixels of the face, 64 to 104. */
  faceSize?: number;
  /** Verbs under it (the usual four by default; `false` for none). */
  actions?: ReactNode;
}

/** A person with face, state and verbs: on a page, and in the card that a chip opens. */
export function PersonCard({ person, verbs: given, faceSize = 64, actions }: PersonCardProps) {
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
