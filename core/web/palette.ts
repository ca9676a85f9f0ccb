import type { PaletteGroup } from '@liaison/ui';

/** Something that Ctrl+K can find. */
export interface PaletteSource {
  readonly name: string;
  /** Lower stands first; the places of Liaison are at 100. What comes from afar stands after what is there at once. */
  readonly order: number;
  /**
   * A hook, called while the palette is open with what was typed, trimmed and at most 100 characters ('' at first).
   * Null: nothing for this. `busy` while more is on its way. Ids of rows are unique among all sources: `people:<id>`.
   */
  readonly useResults: (query: string) => (PaletteGroup & { readonly busy?: boolean }) | null;
}
