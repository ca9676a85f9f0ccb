/** What a person must have a word of: one that lies between two bounds, or one of a list. */
export type Wanted = { readonly from: string; readonly to: string } | { readonly oneOf: readonly string[] };

/** Sorts after everything that begins with the same letters. */
export const endOf = (beginning: string): string => `${beginning}\u{10ffff}`;

export const beginningWith = (word: string): Wanted => ({ from: word, to: endOf(word) });
