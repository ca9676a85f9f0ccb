import type { DigitGroup, DigitRun } from './scan-digits.ts';

/** Letters that are written apart from digits. Scripts without blanks between words are not among them. */
const letter = /[\p{L}\p{M}\p{N}_]/u;
const withoutBlanks =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
export const isLetter = (sign: string): boolean => letter.test(sign) && !withoutBlanks.test(sign);

/** What stands behind amounts, and what they begin with. */
const amountBehind =
  /^[\s\u00a0\u202f]?(?:[€$£¥₣₦%‰°]|(?:EUR|USD|BRL|GBP|JPY|XOF|F?\s?CFA|euros?|reais|réis|dollars?|dólares|francs?|francos|yens?|km|kg|m²|m³|ha|kWh|MB|GB|ms)(?![\p{L}\p{N}]))/iu;
const amountBefore = /(?:[€$£¥₣₦]|(?<![\p{L}\p{N}])(?:EUR|USD|BRL|GBP|JPY|XOF|F?CFA))[\s\u00a0\u202f]?$/iu;
/** What is counted, and not dialled. */
const namedOtherwise =
  /(?:[#№]|(?<![\p{L}\p{N}])(?:n\.?[°º]|nr|r[eé]f|iban|bic|siret|siren|nif|nipc|nie|cpf|cnpj|vat|tva|iva|isbn|issn|imei|invoice|facture|fatura|factura|order|commande|pedido|encomenda|ticket|id|version|versão|versión|serial|série|serie))[\s\u00a0.:#-]{0,3}$/iu;
const lookedAt = 24;

/** What stands around a run of digits says that it is no number by itself: it is a part of something longer. */
export function isPartOfMore(
  text: string,
  start: number,
  end: number,
  { hasPlus = false, isBehindAnother = false }: { hasPlus?: boolean; isBehindAnother?: boolean } = {},
): boolean {
  const before = isBehindAnother ? '' : text.slice(Math.max(0, start - 2), start);
  const behind = text.slice(end, end + 6);
  const last = before.at(-1) ?? '';
  if (last !== '' && (isLetter(last) || '@#_\\%^&'.includes(last))) return true;
  if (/^[@_%]/.test(behind) || (behind !== '' && isLetter(behind[0]!))) return true;
  if (hasPlus) return false;
  if (/[\p{L}\p{N}][-/=]$/u.test(before) || last === '=') return true;
  // 10:30:00, 2001:db8::1; but `Tel:` and the like may stand directly before.
  if (/(?:[\d:]|^):$/.test(before)) return true;
  if (/^\d,$/.test(before) && /^\d{1,3}(?!\d)/.test(text.slice(start, start + 4))) return true;
  return /^(?:[:=]\d|[-/=][\p{L}_]|[.,]\d{1,3}(?!\d))/u.test(behind);
}

/** An amount, or the number of an invoice, by the words beside it. */
export function isNamedOtherwise(text: string, start: number, end: number): boolean {
  const before = text.slice(Math.max(0, start - lookedAt), start);
  const behind = text.slice(end, end + lookedAt);
  return amountBehind.test(behind) || amountBefore.test(before) || namedOtherwise.test(before);
}

const fits = (groups: readonly DigitGroup[], ...lengths: readonly (readonly [number, number])[]): boolean =>
  groups.length === lengths.length &&
  lengths.every(([least, most], i) => {
    const { length } = groups[i]!.digits;
    return length >= least && length <= most;
  });

/** Groups that one and the same sign holds together, and that stand so: 192.168.1.10, 2026-11-23. */
function* heldTogether(
  groups: readonly DigitGroup[],
): Generator<[sign: string, groups: readonly DigitGroup[]]> {
  let from = 0;
  for (let to = 1; to <= groups.length; to += 1) {
    const sign = groups[from + 1]?.gap ?? '';
    if (to < groups.length && to > from && groups[to]!.gap === sign) continue;
    if (to - from > 1) yield [sign, groups.slice(from, to)];
    from = to < groups.length ? Math.max(from + 1, to - 1) : to;
  }
}

const atMost = (group: DigitGroup | undefined, most: number): boolean => Number(group?.digits) <= most;

const isDay = (sign: string, groups: readonly DigitGroup[]): boolean => {
  if (!['-', '/', '.', '\u2010', '\u2011'].includes(sign)) return false;
  const [a, b, c] = groups;
  if (fits(groups, [4, 4], [1, 2], [1, 2])) return atMost(b, 12) && atMost(c, 31);
  if (!fits(groups, [1, 2], [1, 2], [2, 2]) && !fits(groups, [1, 2], [1, 2], [4, 4])) return false;
  return (atMost(a, 31) && atMost(b, 12)) || (atMost(a, 12) && atMost(b, 31));
};

/** Shapes of something else: a day, an address of IPv4, years, a fraction, a card, a tax number of Brazil. */
export function isShapedOtherwise({ groups }: Pick<DigitRun, 'groups'>): boolean {
  for (const [sign, held] of heldTogether(groups)) {
    if (isDay(sign, held)) return true;
    if (
      sign === '.' &&
      held.length === 4 &&
      held.every((group) => group.digits.length <= 3 && atMost(group, 255))
    )
      return true;
  }
  const gaps = groups.slice(1).map(({ gap }) => gap);
  if (groups.length === 2 && gaps[0] === '.') return true;
  if (groups.length === 2 && groups.every(({ digits }) => /^(?:19|20)\d\d$/.test(digits))) return true;
  if (fits(groups, [4, 4], [4, 4], [4, 4], [4, 4])) return true;
  if (fits(groups, [3, 3], [3, 3], [3, 3], [2, 2]) && gaps.join('') === '..-') return true;
  return fits(groups, [2, 2], [3, 3], [3, 3], [4, 4], [2, 2]) && gaps.join('') === '../-';
}
