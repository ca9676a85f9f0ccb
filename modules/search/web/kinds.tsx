import {
  IconAddressBook,
  IconCalendarEvent,
  IconFile,
  IconFileSearch,
  IconFolder,
  IconMessageCircle,
  IconPhone,
  IconUser,
  IconUsersGroup,
} from '@tabler/icons-react';
import type { ComponentType } from 'react';

/** What is known of a kind: its picture, and the word that is written behind `type:`. */
interface ShownKind {
  readonly kind: string;
  readonly word: string;
  readonly icon: ComponentType<{ size?: number }>;
}

/** In the order of the filters. A kind that is not here is found and shown as well, with a plain picture. */
export const shownKinds: readonly ShownKind[] = [
  { kind: 'chat.message', word: 'message', icon: IconMessageCircle },
  { kind: 'files.file', word: 'file', icon: IconFile },
  { kind: 'files.folder', word: 'folder', icon: IconFolder },
  { kind: 'people.person', word: 'person', icon: IconUser },
  { kind: 'contacts.card', word: 'card', icon: IconAddressBook },
  { kind: 'calendar.appointment', word: 'appointment', icon: IconCalendarEvent },
  { kind: 'calls.call', word: 'call', icon: IconPhone },
  { kind: 'people.team', word: 'team', icon: IconUsersGroup },
];

export const iconOf = (kind: string): ShownKind['icon'] =>
  shownKinds.find((each) => each.kind === kind)?.icon ?? IconFileSearch;

const wordOf = (kind: string): string => shownKinds.find((each) => each.kind === kind)?.word ?? 'other';

/** Keys of a kind's words: what one is called, and what many are. */
export const kindKey = (kind: string): string => `kind.${wordOf(kind)}`;
export const kindsKey = (kind: string): string => `kinds.${wordOf(kind)}`;
