/** Longer words may have two mistakes. */
const mostMistakes = (word: string): number => (word.length < 4 ? 0 : word.length < 7 ? 1 : 2);

/**
 * What a mistyped word may begin with: three letters of it, with two of the first four exchanged or one of them left out. Two
 * letters were too many words.
 */
export function likelyBeginnings(word: string): string[] {
  const letters = [...word].slice(0, 5);
  const found = new Set([letters.slice(0, 3).join('')]);
  for (let at = 0; at < 3; at += 1) {
    const [one = '', two = ''] = letters.slice(at, at + 2);
    found.add([...letters.slice(0, at), two, one, ...letters.slice(at + 2)].slice(0, 3).join(''));
    found.add([...letters.slice(0, at), ...letters.slice(at + 1)].slice(0, 3).join(''));
  }
  return [...found].filter((each) => [...each].length === 3);
}

const alphabet = [...'abcdefghijklmnopqrstuvwxyz'];

/** What it may begin with where its first letter is another or is missing: any letter, and the three that would follow it. */
export function beginningsWithAnotherFirst(word: string): string[] {
  const letters = [...word];
  const behind = new Set([letters.slice(1, 4).join(''), letters.slice(0, 3).join('')]);
  return alphabet.flatMap((first) => [...behind].map((rest) => `${first}${rest}`));
}

/** Letters to add, leave out, replace or exchange with their neighbour (optimal string alignment); more than `most` is `most + 1`. */
export function mistakesBetween(one: string, two: string, most: number): number {
  const [a, b] = [[...one], [...two]];
  if (Math.abs(a.length - b.length) > most) return most + 1;
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const isSame = a[i - 1] === b[j - 1];
      let least = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + (isSame ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        least = Math.min(least, before[j - 2]! + 1);
      }
      row.push(least);
    }
    if (Math.min(...row) > most) return most + 1;
    before = last;
    last = row;
  }
  return Math.min(most + 1, last[b.length]!);
}

/** Whether a word, or one that begins with it while it is typed, is one of these. */
export const isAmong = (
  word: string,
  there: readonly { readonly word: string }[],
  isBeginning: boolean,
): boolean => there.some((each) => each.word === word || (isBeginning && each.word.startsWith(word)));

/** Of words that there are, those that somebody most likely meant; empty where she wrote one of them, or none is near. */
export function neighboursOf(
  word: string,
  there: readonly { readonly word: string; readonly documents: number }[],
  isBeginning: boolean,
): string[] {
  const most = mostMistakes(word);
  if (most === 0 || isAmong(word, there, isBeginning)) return [];
  return there
    .map((each) => ({ ...each, mistakes: mistakesBetween(word, each.word, most) }))
    .filter(({ mistakes }) => mistakes <= most)
    .sort((a, b) => a.mistakes - b.mistakes || b.documents - a.documents || (a.word < b.word ? -1 : 1))
    .slice(0, 4)
    .map((each) => each.word);
}
