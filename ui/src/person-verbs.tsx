import { IconMail, IconMessageCircle, IconPhone, IconVideo } from '@tabler/icons-react';
import { createContext, type ReactNode, useContext } from 'react';
import type { PersonView } from './reach.ts';

/** What can be done with a person. A verb that is left out does not exist for this person and is not drawn. */
export interface PersonVerbs {
  open?: () => void;
  call?: () => void;
  video?: () => void;
  chat?: () => void;
  mail?: () => void;
}

const noVerbs = () => ({});
const PersonVerbsContext = createContext<(person: PersonView) => PersonVerbs>(noVerbs);

/** Gives every chip below its verbs, so that each page need not pass them by hand. */
export function PersonVerbsProvider({
  verbsFor,
  children,
}: {
  verbsFor: (person: PersonView) => PersonVerbs;
  children: ReactNode;
}) {
  return <PersonVerbsContext value={verbsFor}>{children}</PersonVerbsContext>;
}

/** The verbs of a person: the given ones, or those that the app offers for everybody. */
export function usePersonVerbs(person: PersonView, given?: PersonVerbs): PersonVerbs {
  const verbsFor = useContext(PersonVerbsContext);
  return given ?? verbsFor(person);
}

/** The four verbs in the one order that they have everywhere. */
export const personVerbIcons = [
  ['call', IconPhone],
  ['video', IconVideo],
  ['chat', IconMessageCircle],
  ['mail', IconMail],
] as const;
