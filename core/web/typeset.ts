import type { Strings } from './language.ts';

/** French puts a space before these marks, and inside its quotes: no line may begin with the one or end with the other. */
const spaceThatHolds = / (?=[;:!?%»])|(?<=«) /g;

/** Strings as they are shown: where a language wants a space that no line is broken at, translators write an ordinary one. */
export const typeset = (strings: Strings, language: string): Strings =>
  language === 'fr' ? (held(strings) as Strings) : strings;

function held(part: unknown): unknown {
  if (typeof part === 'string') return part.replace(spaceThatHolds, '\u00a0');
  if (typeof part !== 'object' || part === null) return part;
  return Object.fromEntries(Object.entries(part).map(([key, value]) => [key, held(value)]));
}
