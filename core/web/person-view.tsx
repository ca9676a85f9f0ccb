import type { PersonVerbs, PersonView, Reachability } from '@liaison/ui';
import { createContext, type ReactNode, useContext, useMemo } from 'react';

/**
 * What modules know about persons and offer to every screen, so that a face is the same everywhere and no screen knows
 * whom to ask. All are hooks; the list of modules is fixed, so their order is too.
 */
export interface PersonOffers {
  /** By people: name and face from what is cached; undefined while it is fetched. Batch what is asked together. */
  readonly usePerson?: (personId: string) => Omit<PersonView, 'reach' | 'lastKnown'> | undefined;
  /** By reach: the state now, or the last known one while we are offline. */
  readonly useReachability?: (personId: string) => {
    reach?: Reachability;
    lastKnown?: PersonView['lastKnown'];
  };
  /** By those who can do something with a person: call, chat, open. Later modules add to earlier ones. */
  readonly usePersonVerbs?: () => (person: PersonView) => PersonVerbs;
  /** By people: who fits what is typed, best first; the first of all while it is empty. */
  readonly useFoundPeople?: (text: string) => FoundPeople;
  /** By calls: dials a number of somebody outside, under the name that she has here. */
  readonly useDial?: () => Dial;
}

export interface FoundPerson {
  readonly id: string;
  readonly name: string;
  readonly address: string;
  /** Cannot sign in any more: what is theirs can be looked for, and nothing asked of them. */
  readonly isSuspended: boolean;
}

export interface FoundPeople {
  readonly people: readonly FoundPerson[];
  readonly isFetching: boolean;
}

export type Dial = (number: string, name: string) => void;

const OffersContext = createContext<readonly PersonOffers[]>([]);

/** Gives what all modules offer about persons to everything below. `offers` must not change while the page lives. */
export function PersonOffersProvider({
  offers,
  children,
}: {
  offers: readonly PersonOffers[];
  children: ReactNode;
}) {
  return <OffersContext value={offers}>{children}</OffersContext>;
}

const nothing = {};
const useNoPerson = (): undefined => undefined;
const useNoReachability = (): { reach?: Reachability; lastKnown?: PersonView['lastKnown'] } => nothing;

/** The state of somebody's reachability as their chip shows it; empty where it is not known. */
export function useReachability(personId: string): {
  reach?: Reachability;
  lastKnown?: PersonView['lastKnown'];
} {
  const offers = useContext(OffersContext);
  const use = offers.find((each) => each.useReachability)?.useReachability ?? useNoReachability;
  return use(personId);
}

/**
 * A person as every chip and face draws one: name and photo with the state of now. Drawn again when either changes.
 *
 * @param known what the screen has already (a message's author); shown until, and where, people does not know better.
 */
export function usePersonView(
  personId: string,
  known?: Pick<PersonView, 'name' | 'photo'>,
): PersonView | undefined {
  const offers = useContext(OffersContext);
  const use = offers.find((each) => each.usePerson)?.usePerson ?? useNoPerson;
  const person = use(personId);
  const { reach, lastKnown } = useReachability(personId);
  const name = person?.name ?? known?.name;
  const photo = person ? person.photo : known?.photo;
  return useMemo(
    () =>
      name === undefined
        ? undefined
        : {
            ...person,
            id: personId,
            name,
            ...(photo === undefined ? {} : { photo }),
            ...(reach ? { reach } : {}),
            ...(lastKnown ? { lastKnown } : {}),
          },
    [personId, person, name, photo, reach, lastKnown],
  );
}

const nobody: FoundPeople = { people: [], isFetching: false };
const useNobody = (): FoundPeople => nobody;

/** People of the organisation by their names and addresses, as they are typed. */
export function useFoundPeople(text: string): FoundPeople {
  const offers = useContext(OffersContext);
  const use = offers.find((each) => each.useFoundPeople)?.useFoundPeople ?? useNobody;
  return use(text);
}

const useNoDial = (): undefined => undefined;

/** Dials numbers; undefined where nothing here does. */
export function useDial(): Dial | undefined {
  const offers = useContext(OffersContext);
  const use = offers.find((each) => each.useDial)?.useDial ?? useNoDial;
  return use();
}

/** All verbs that modules offer for a person, for the design system's `PersonVerbsProvider`. */
export function useOfferedVerbs(): (person: PersonView) => PersonVerbs {
  const makers = useContext(OffersContext).flatMap((each) => each.usePersonVerbs ?? []);
  const given = makers.map((use) => use());
  return (person) => Object.assign({}, ...given.map((verbsFor) => verbsFor(person)));
}
