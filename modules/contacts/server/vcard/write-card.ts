import {
  escapeText,
  formatLine,
  isLineName,
  type LineParameter,
  splitEscaped,
  unescapeText,
} from '@liaison/core/content-lines';
import type { ContactInput } from '../../contract/index.ts';
import type { KeptProperty } from '../rows.ts';
import { writeBirthday, writeWholeDate } from './birthday.ts';

export type VcardVersion = '3.0' | '4.0';

/** A card on its way out. */
export interface OutgoingCard {
  readonly id: string;
  /** As lists show it. */
  readonly name: string;
  readonly input: ContactInput;
  readonly kept: readonly KeptProperty[];
  readonly changedAt: Date;
  /** WebP. */
  readonly photo: Buffer | null;
}

const joined = (...parts: string[]): string => parts.map(escapeText).join(';');
const type = (label: string): LineParameter[] =>
  label === 'other' ? [] : [{ name: 'TYPE', values: [label === 'mobile' ? 'cell' : label] }];

/** Writes a card as RFC 6350 or RFC 2426 has it. */
export function writeCard(card: OutgoingCard, version: VcardVersion): string {
  const { input, kept } = card;
  const lines: string[] = [];
  const put = (name: string, value: string, parameters: readonly LineParameter[] = []): void => {
    lines.push(formatLine({ group: null, name, parameters, value }));
  };
  const isCompany = input.kind === 'company';
  const isOld = version === '3.0';
  lines.push('BEGIN:VCARD\r\n');
  // RFC 6350 §6.7.9: right after BEGIN.
  put('VERSION', version);
  if (isCompany && !isOld) put('KIND', 'org');
  if (isCompany && isOld) put('X-ABShowAs', 'COMPANY');
  put('FN', escapeText(card.name));
  const n = joined(input.family, input.given, input.additional, input.prefix, input.suffix);
  // RFC 2426 §3.1.2: N must be there; in 4.0 it need not.
  if (isOld || n !== ';;;;') put('N', n);
  if (input.nickname) put('NICKNAME', escapeText(input.nickname));
  const organisation = input.organisation || (isCompany && isOld ? card.name : '');
  const hasUnits = kept.some((each) => isSameOrganisation(each, input.organisation));
  if (organisation && !hasUnits) put('ORG', escapeText(organisation));
  if (input.title) put('TITLE', escapeText(input.title));
  // Departs from RFC 6350 §6.4.1: a text and no URI, because what was typed is what people recognise.
  for (const { label, number } of input.numbers) put('TEL', escapeText(number), type(label));
  for (const { label, address } of input.emails) put('EMAIL', escapeText(address), type(label));
  for (const { label, address } of input.sip) {
    // RFC 6350 §6.4.3 and, for 3.0, RFC 4770 §1.
    put('IMPP', /^sips?:/i.test(address) ? address : `sip:${address}`, type(label));
  }
  for (const { label, street, city, region, postalCode, country } of input.addresses) {
    put('ADR', joined('', '', street, city, region, postalCode, country), type(label));
  }
  if (input.birthday && !isOld) put('BDAY', writeBirthday(input.birthday));
  if (input.birthday && isOld) {
    // 3.0 has no day without a year; this is how address books of telephones say it.
    const without = input.birthday.year === null ? [{ name: 'X-APPLE-OMIT-YEAR', values: ['1604'] }] : [];
    put('BDAY', writeWholeDate(input.birthday), without);
  }
  for (const page of input.webPages) put('URL', page);
  for (const language of input.languages) put(isOld ? 'X-LANG' : 'LANG', language);
  if (input.labels.length > 0) put('CATEGORIES', input.labels.map(escapeText).join(','));
  if (input.notes) put('NOTE', escapeText(input.notes));
  if (card.photo) {
    const data = card.photo.toString('base64');
    if (isOld)
      put('PHOTO', data, [
        { name: 'ENCODING', values: ['b'] },
        { name: 'TYPE', values: ['WEBP'] },
      ]);
    else put('PHOTO', `data:image/webp;base64,${data}`);
  }
  for (const each of kept) {
    if (each[0] === 'org' && !isSameOrganisation(each, input.organisation) && input.organisation) continue;
    const line = writeKept(each);
    if (line !== null) lines.push(line);
  }
  if (!kept.some(([name]) => name === 'uid')) put('UID', `urn:uuid:${card.id}`);
  put('REV', card.changedAt.toISOString().replace(/[-:]|\.\d+/g, ''));
  lines.push('END:VCARD\r\n');
  return lines.join('');
}

/** A kept line of a company with its departments stands for the company as long as it is the same. */
const isSameOrganisation = ([name, , , value]: KeptProperty, organisation: string): boolean =>
  name === 'org' &&
  typeof value === 'string' &&
  organisation !== '' &&
  unescapeText(splitEscaped(value, ';')[0] ?? '').trim() === organisation;

/** What came in goes out; what is no line of a card does not. */
function writeKept([name, parameters, , value]: KeptProperty): string | null {
  if (!isLineName(name) || typeof value !== 'string' || /[\r\n\0]/.test(value)) return null;
  const { group = null, ...others } = parameters as Record<string, unknown>;
  return formatLine({
    group: typeof group === 'string' && isLineName(group) ? group : null,
    name: name.toUpperCase(),
    parameters: Object.entries(others)
      .filter(([key, values]) => isLineName(key) && Array.isArray(values))
      .map(([key, values]) => ({ name: key.toUpperCase(), values: (values as unknown[]).map(String) })),
    value,
  });
}
