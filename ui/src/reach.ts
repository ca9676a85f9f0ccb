import type { Labels } from './labels.tsx';

/** The seven states of reachability, in the order that wins when several are true (offline only without a device). */
export const reaches = ['ringing', 'call', 'meeting', 'dnd', 'away', 'free', 'offline'] as const;

/** One state of reachability. Each has a hue, a shape and a word that always agree. */
export type Reach = (typeof reaches)[number];

/** A state and what is known of its end. */
export interface Reachability {
  state: Reach;
  /** When it ends, formatted for the reader: "14:30". Say it whenever it is known. */
  until?: string;
  /** A sentence that is better than the state's own word: "Away 12 min", "In a call with you". */
  says?: string;
}

/**
 * A person as the screen shows one. Without `reach` the state is unknown (somebody outside, or we are offline): no dot
 * is drawn, and `lastKnown` is said with its hour.
 */
export interface PersonView {
  id: string;
  name: string;
  /** Address of a picture, same origin. */
  photo?: string;
  role?: string;
  office?: string;
  /** The hour where they are, formatted: "15:41". Leave it out when it is ours too. */
  localTime?: string;
  reach?: Reachability;
  lastKnown?: { state: Reach; at: string };
}

/** What is said about somebody's reachability, or nothing when we know nothing. */
export function reachText(
  labels: Labels,
  person: Pick<PersonView, 'reach' | 'lastKnown'>,
): string | undefined {
  const { reach, lastKnown } = person;
  if (reach) {
    if (reach.says) return reach.says;
    return reach.until ? labels.reachUntil(reach.state, reach.until) : labels.reach[reach.state];
  }
  return lastKnown ? labels.lastKnown(lastKnown.state, lastKnown.at) : undefined;
}

/** "Njeri Wambuto, free until 14:30". */
export function personLabel(labels: Labels, person: PersonView): string {
  const says = reachText(labels, person);
  return says ? labels.chipName(person.name, says) : person.name;
}
