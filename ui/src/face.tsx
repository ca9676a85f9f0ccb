import { IconPhone } from '@tabler/icons-react';
import type { CSSProperties, ReactNode } from 'react';
import { useEffect, useState } from 'react';
import { Dot } from './dot.tsx';
import classes from './face.module.css';
import type { PersonView, Reach } from './reach.ts';
import { initialsOf, isNumber, toneOf } from './tone.ts';

export interface FaceProps {
  name: string;
  /** What the tone is taken from when there is no picture; the name if left out. Give the person's id. */
  id?: string;
  photo?: string;
  /** Pixels; 36 in rows, 64 to 104 on cards. */
  size?: number;
  /** The state of reachability cut out at the lower corner; nothing when it is unknown. */
  reach?: Reach;
  /** Things (teams, rooms, files) are rounded squares; people are round. */
  square?: boolean;
  /** Drawn instead of initials: the icon of a thing. A number has a telephone's. */
  icon?: ReactNode;
  /** A tone from 1 to 5 instead of the one taken from the id. */
  tone?: number;
  /** The ring around the face of somebody who calls. */
  ringing?: boolean;
}

function dotSize(size: number): number {
  if (size >= 96) return 18;
  if (size >= 56) return 14;
  return size <= 26 ? 8 : 11;
}

/** Before a photo that did not come is asked for again, in milliseconds: it may be gone, or only its answer was lost. */
const againAfterMs = [1000, 5000, 20_000];

/** Whether the photo is to be drawn now, and what its image calls when it did not come. */
function usePhoto(photo: string | undefined): readonly [isDrawn: boolean, onError: () => void] {
  const [lost, setLost] = useState({ photo, times: 0, isWaiting: false });
  const { times, isWaiting } = lost.photo === photo ? lost : { times: 0, isWaiting: false };
  useEffect(() => {
    const afterMs = againAfterMs[times - 1];
    if (!isWaiting || afterMs === undefined) return;
    const timer = setTimeout(() => setLost({ photo, times, isWaiting: false }), afterMs);
    return () => clearTimeout(timer);
  }, [photo, times, isWaiting]);
  return [Boolean(photo) && !isWaiting, () => setLost({ photo, times: times + 1, isWaiting: true })];
}

/** The face of a person or thing. Decorative: the name stands beside it or names what it is in. */
export function Face({ name, id, photo, size = 36, reach, square, icon, tone, ringing }: FaceProps) {
  const [isDrawn, onError] = usePhoto(photo);
  const drawn = icon ?? (isNumber(name) ? <IconPhone /> : undefined);
  const style = {
    '--f': `${size}px`,
    '--d': `${dotSize(size)}px`,
    '--tone': `var(--tone-${tone ?? toneOf(id ?? name)})`,
  } as CSSProperties;
  return (
    <span
      className={classes.face}
      style={style}
      data-shape={square ? 'square' : 'round'}
      data-ringing={ringing || undefined}
      aria-hidden="true"
    >
      {isDrawn ? (
        <img className={classes.picture} src={photo} alt="" draggable={false} onError={onError} />
      ) : (
        // Drawn, not written: no words of the page, nor of the button that it is in.
        <span className={classes.letters} data-letters={drawn ? undefined : initialsOf(name)}>
          {drawn}
        </span>
      )}
      {reach ? (
        <span className={classes.dot} data-state={reach}>
          <Dot state={reach} size={dotSize(size)} />
        </span>
      ) : null}
    </span>
  );
}

/** Several faces in a row, each over the next. */
export function FaceStack({
  people,
  size = 24,
}: {
  people: readonly Pick<FaceProps, 'name' | 'id' | 'photo'>[];
  size?: number;
}) {
  return (
    <span className={classes.stack}>
      {people.map((person) => (
        <Face
          key={person.id ?? person.name}
          name={person.name}
          id={person.id}
          photo={person.photo}
          size={size}
        />
      ))}
    </span>
  );
}

/** The face of a person with the state that is known of them. */
export function PersonFace({
  person,
  size,
  ringing,
}: { person: PersonView } & Pick<FaceProps, 'size' | 'ringing'>) {
  return (
    <Face
      name={person.name}
      id={person.id}
      photo={person.photo}
      reach={person.reach?.state}
      size={size}
      ringing={ringing}
    />
  );
}
