import type { SlotDefinition } from '@liaison/core/web';

/** A file that lies in another module, as the viewer shows it. */
export interface FileElsewhere {
  readonly id: string;
  readonly name: string;
  readonly mediaType: string;
  readonly bytes: number;
  /** Its bytes; it answers as a download does. */
  readonly content: string;
  /** A picture of it drawn anew; null where there is none. */
  readonly drawn: string | null;
}

/**
 * Among the places of Files: `Row`s that lead to `/files/from/<source>`. `path` is the address that is open. Slots are named here
 * by hand, because the server reads this folder too and cannot load core/web.
 */
export const placesElsewhere: SlotDefinition<{ path: string }> = { name: 'files.places-elsewhere' };

/** The page at `/files/from/<source>/<part>`, of one source each. `onView` shows one of several files over it. */
export const filesElsewhere = (
  source: string,
): SlotDefinition<{
  part: string | null;
  onView: (files: readonly FileElsewhere[], at: number) => void;
}> => ({ name: `files.elsewhere.${source}` });

/**
 * Where something is written: chooses a file. Files itself fills this one, so that any page may draw it while somebody chooses;
 * `onChoose` gets the file's name and its address in the suite. Whoever may not read the file is refused at that address.
 */
export const chooseFile: SlotDefinition<{
  onChoose: (chosen: { name: string; href: string }) => void;
  onClose: () => void;
}> = { name: 'files.choose-file' };
