import {
  type ContactDraft,
  type ContactInput,
  contactInputSchema,
  type ImportFault,
} from '../../contract/index.ts';
import type { KeptProperty } from '../rows.ts';

/** A card that was read from a file. */
export interface TakenCard {
  /** Where it begins. */
  readonly line: number;
  readonly input: ContactInput;
  readonly kept: readonly KeptProperty[];
  /** A picture as it came, not looked at yet. */
  readonly photo: Buffer | null;
  /** What could not be taken as it stands there. */
  readonly remarks: readonly ImportFault[];
}

/** A card that is being read. */
export type Draft = Required<ContactDraft>;

/** Lists of its own: they are filled. */
export const emptyDraft = (): Draft => ({
  ...contactInputSchema.parse({}),
  numbers: [],
  emails: [],
  sip: [],
  addresses: [],
  webPages: [],
  languages: [],
  labels: [],
});
