/** Letters that Unicode does not take apart into a letter and a mark. */
const whole: Record<string, string> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ł: 'l',
  ħ: 'h',
  ı: 'i',
  ŋ: 'n',
  ŧ: 't',
};

/** Lower case without accents: `Solvang-Mørk` and `Trần` become `solvang-mork` and `tran`. */
export function foldText(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replace(/[ßæœøđðþłħıŋŧ]/g, (letter) => whole[letter] ?? letter);
}

/** The words of a text as they are stored and looked up, at most 20 of at most 80 characters. */
export function wordsOf(text: string): string[] {
  const words = foldText(text)
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')
    .map((word) => word.slice(0, 80));
  return [...new Set(words)].slice(0, 20);
}

/** What somebody types of a telephone number, as the digits that a stored number may begin with; null for other text. */
export function digitsOf(text: string): string | null {
  if (!/^[+\d][\d\s().\-/]*$/.test(text)) return null;
  const digits = text.replace(/\D/g, '').replace(/^0+/, '');
  return digits.length >= 2 ? digits.slice(0, 15) : null;
}

/** The forms of one number that are stored as words: with its country, and each of its endings that people may type. */
export function numberWords(e164: string): string[] {
  const digits = e164.slice(1);
  // Country codes have one to three digits; what follows one is what is dialled at home.
  return [digits, digits.slice(1), digits.slice(2), digits.slice(3)].filter((form) => form.length >= 4);
}
