import type { ContactInput } from '../../contract/index.ts';
import { writeBirthday, writeWholeDate } from '../vcard/birthday.ts';
import { neutralise } from './formulas.ts';

/** How many columns of each kind a table needs. */
export interface TableWidth {
  readonly numbers: number;
  readonly emails: number;
  readonly sip: number;
  readonly addresses: number;
}

const times = (count: number, headings: (at: number) => string[]): string[] =>
  Array.from({ length: count }, (_, at) => headings(at + 1)).flat();

/** Headings as Google has them, so that other programs read the table too; Kind, SIP and Language are ours. */
export const tableHeadings = ({ numbers, emails, sip, addresses }: TableWidth): string[] => [
  'Kind',
  'Name',
  'Name Prefix',
  'First Name',
  'Middle Name',
  'Last Name',
  'Name Suffix',
  'Nickname',
  'Organization Name',
  'Organization Title',
  'Birthday',
  'Labels',
  'Language',
  'Website 1 - Value',
  ...times(emails, (at) => [`E-mail ${at} - Label`, `E-mail ${at} - Value`]),
  ...times(numbers, (at) => [`Phone ${at} - Label`, `Phone ${at} - Value`]),
  ...times(sip, (at) => [`SIP ${at} - Label`, `SIP ${at} - Value`]),
  ...times(addresses, (at) =>
    ['Label', 'Street', 'City', 'Region', 'Postal Code', 'Country'].map((part) => `Address ${at} - ${part}`),
  ),
  'Notes',
];

const labels = { work: 'Work', home: 'Home', mobile: 'Mobile', fax: 'Fax', other: 'Other' } as const;
const several = (list: readonly string[]): string => list.join(' ::: ');
const filled = <T>(list: readonly T[], count: number, cells: (each: T | undefined) => string[]): string[] =>
  Array.from({ length: count }, (_, at) => cells(list[at])).flat();

/** @param name as lists show it. */
export function tableCells(name: string, input: ContactInput, width: TableWidth): string[] {
  const { birthday } = input;
  return [
    input.kind,
    name,
    input.prefix,
    input.given,
    input.additional,
    input.family,
    input.suffix,
    input.nickname,
    input.organisation,
    input.title,
    birthday ? (birthday.year === null ? writeBirthday(birthday) : writeWholeDate(birthday)) : '',
    several(input.labels),
    several(input.languages),
    several(input.webPages),
    ...filled(input.emails, width.emails, (each) => [each ? labels[each.label] : '', each?.address ?? '']),
    ...filled(input.numbers, width.numbers, (each) => [each ? labels[each.label] : '', each?.number ?? '']),
    ...filled(input.sip, width.sip, (each) => [each ? labels[each.label] : '', each?.address ?? '']),
    ...filled(input.addresses, width.addresses, (each) => [
      each ? labels[each.label] : '',
      each?.street ?? '',
      each?.city ?? '',
      each?.region ?? '',
      each?.postalCode ?? '',
      each?.country ?? '',
    ]),
    input.notes,
  ];
}

/** One record (RFC 4180 §2): what has commas, quotes or line ends stands in quotes, and nothing is a formula. */
export const writeRow = (cells: readonly string[]): string =>
  `${cells
    .map(neutralise)
    .map((cell) => (/[",\n\r;]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell))
    .join(',')}\r\n`;
