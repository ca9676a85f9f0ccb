/** How many tones there are for faces without a picture. */
export const toneCount = 5;

/** The tone of a name or an id, from 1 to 5: the same on every device and for ever (FNV-1a over UTF-16 units). */
export function toneOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < key.length; index += 1) {
    hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193) >>> 0;
  }
  return (hash % toneCount) + 1;
}

/** Two letters at most: of the first word and of the last; one for a single word; nothing for what has no letters. */
export function initialsOf(name: string): string {
  const words = name
    .normalize('NFC')
    .split(/[\s_]+/u)
    .map((word) => word.replace(/^[^\p{L}\p{N}]+/u, ''))
    .filter(Boolean);
  const first = words[0];
  if (!first) return '';
  const last = words.length > 1 ? words.at(-1) : undefined;
  const letter = (word: string) => [...new Intl.Segmenter().segment(word)][0]?.segment ?? '';
  return (letter(first) + (last ? letter(last) : '')).toLocaleUpperCase();
}

/** A telephone number in place of a name: initials of it would be two digits that say nothing. */
export const isNumber = (name: string): boolean =>
  /^\+?[\d\s().\-/]+$/.test(name) && (name.startsWith('+') || name.replace(/\D/g, '').length > 4);
