import type { ReactNode } from 'react';

/** One thing that the palette offers for what was typed. */
export interface PaletteResult {
  /** Unique among all sources: `people:<id>`. */
  readonly id: string;
  readonly title: string;
  /** Second line: state, place, or what matters here. */
  readonly detail?: ReactNode;
  /** A `Face`, or an icon of 20 px. */
  readonly icon?: ReactNode;
  /** What Enter does; the palette closes first. */
  readonly run: () => void;
  /** What Enter does, in a word: "Call", "Open". */
  readonly verb?: string;
  /** Other verbs, reached with Tab. */
  readonly verbs?: readonly {
    readonly id: string;
    readonly label: string;
    readonly icon?: ReactNode;
    readonly run: () => void;
  }[];
}

export interface PaletteGroup {
  readonly title: string;
  readonly results: readonly PaletteResult[];
  /** More is being fetched. */
  readonly busy?: boolean;
}

/** Something that Ctrl+K can find. */
export interface PaletteSource {
  readonly name: string;
  /** Lower stands first. */
  readonly order: number;
  /**
   * A hook, called while the palette is open with what was typed, trimmed and at most 100 characters ('' at first).
   * Null: nothing for this.
   */
  readonly useResults: (query: string) => PaletteGroup | null;
}
