import { beforeAll, describe, expect, test } from 'vitest';
import { type FindNumbers, loadNumberFinder } from './find-numbers.ts';
import { mayHoldNumber } from './scan-digits.ts';

let find: FindNumbers;
beforeAll(async () => {
  find = await loadNumberFinder();
});

/** What stands there, and what it means: `+…`, with its extension behind `x`; `x12` for one of the house. */
const read = (text: string, ...countries: string[]): [there: string, means: string][] =>
  find(text, countries).map(({ start, end, e164, extension }) => [
    text.slice(start, end),
    `${e164 ?? ''}${extension === null ? '' : `x${extension}`}`,
  ]);

type Case = readonly [country: string, text: string, there: string, means: string];

const marseille = '+33491223344';
const lisbon = '+351213456789';
const one: readonly Case[] = [
  // With their country, in any spelling, wherever the reader is.
  ['', 'Call +33491223344 now', '+33491223344', marseille],
  ['', 'Call +33 4 91 22 33 44.', '+33 4 91 22 33 44', marseille],
  ['PT', '+33 (0)4 91 22 33 44', '+33 (0)4 91 22 33 44', marseille],
  ['PT', '+33(0)491223344', '+33(0)491223344', marseille],
  ['PT', '+33.4.91.22.33.44', '+33.4.91.22.33.44', marseille],
  ['PT', '+33-4-91-22-33-44', '+33-4-91-22-33-44', marseille],
  [
    'PT',
    '+33\u00a04\u00a091\u00a022\u00a033\u00a044',
    '+33\u00a04\u00a091\u00a022\u00a033\u00a044',
    marseille,
  ],
  [
    'PT',
    '+33\u202f4\u202f91\u202f22\u202f33\u202f44!',
    '+33\u202f4\u202f91\u202f22\u202f33\u202f44',
    marseille,
  ],
  [
    'PT',
    '+33\u20114\u201191\u201122\u201133\u201144',
    '+33\u20114\u201191\u201122\u201133\u201144',
    marseille,
  ],
  ['PT', '(+33) 4 91 22 33 44', '(+33) 4 91 22 33 44', marseille],
  ['PT', '(+33 4 91 22 33 44)', '+33 4 91 22 33 44', marseille],
  ['PT', '+ 33 4 91 22 33 44', '+ 33 4 91 22 33 44', marseille],
  ['PT', '0033 4 91 22 33 44', '0033 4 91 22 33 44', marseille],
  ['', '0033491223344', '0033491223344', marseille],
  ['PT', '00 33 4 91 22 33 44', '00 33 4 91 22 33 44', marseille],
  ['', '00 33 (0)4 91 22 33 44', '00 33 (0)4 91 22 33 44', marseille],
  ['US', '011 33 4 91 22 33 44', '011 33 4 91 22 33 44', marseille],
  ['JP', '010-33-4-91-22-33-44', '010-33-4-91-22-33-44', marseille],
  ['PT', '“+33 4 91 22 33 44”', '+33 4 91 22 33 44', marseille],
  ['PT', '\u202d+33 4 91 22 33 44\u202c', '+33 4 91 22 33 44', marseille],
  ['PT', 'tel. +33 4 91 22 33 44 18h30', '+33 4 91 22 33 44', marseille],
  ['PT', '+44 (0)20 7946 0017', '+44 (0)20 7946 0017', '+442079460017'],
  ['PT', '+221 77 123 45 67', '+221 77 123 45 67', '+221771234567'],
  ['PT', '+55 (11) 91234-5678', '+55 (11) 91234-5678', '+5511912345678'],
  ['PT', '+55 11 91234 5678, São Paulo', '+55 11 91234 5678', '+5511912345678'],
  ['PT', '+1 (213) 373-4253', '+1 (213) 373-4253', '+12133734253'],
  ['PT', '+1-213-373-4253', '+1-213-373-4253', '+12133734253'],
  ['PT', '+351 210 000 000', '+351 210 000 000', '+351210000000'],
  ['PT', '＋８１ ３ １２３４ ５６７８', '＋８１ ３ １２３４ ５６７８', '+81312345678'],
  ['PT', '+٣٣ ٤ ٩١ ٢٢ ٣٣ ٤٤', '+٣٣ ٤ ٩١ ٢٢ ٣٣ ٤٤', marseille],
  // France: what is dialled at home begins with 0.
  ['FR', '04 91 22 33 44', '04 91 22 33 44', marseille],
  ['FR', '0491223344', '0491223344', marseille],
  ['FR', '04.91.22.33.44', '04.91.22.33.44', marseille],
  ['FR', '04-91-22-33-44', '04-91-22-33-44', marseille],
  ['FR', '04/91/22/33/44', '04/91/22/33/44', marseille],
  ['FR', 'Tél.: 04 91 22 33 44', '04 91 22 33 44', marseille],
  ['FR', 'Tél.04 91 22 33 44', '04 91 22 33 44', marseille],
  ['FR', 'tél:0491223344', '0491223344', marseille],
  ['FR', '(04 91 22 33 44)', '04 91 22 33 44', marseille],
  ['FR', '(04) 91 22 33 44', '(04) 91 22 33 44', marseille],
  ['FR', '📞0491223344', '0491223344', marseille],
  ['FR', 'le 06 12 34 56 78, demain', '06 12 34 56 78', '+33612345678'],
  // Portugal, Spain, Senegal: nothing is dialled first.
  ['PT', '213 456 789', '213 456 789', lisbon],
  ['PT', '213456789', '213456789', lisbon],
  ['PT', '21 345 67 89', '21 345 67 89', lisbon],
  ['PT', 'ligue 912 345 678 ok?', '912 345 678', '+351912345678'],
  ['PT', '00351 213 456 789', '00351 213 456 789', lisbon],
  ['ES', '91 234 56 78', '91 234 56 78', '+34912345678'],
  ['SN', '77 123 45 67', '77 123 45 67', '+221771234567'],
  ['SN', '33 823 12 34', '33 823 12 34', '+221338231234'],
  ['SN', '00221 77 123 45 67', '00221 77 123 45 67', '+221771234567'],
  // Brazil, with and without what is dialled before another place.
  ['BR', '(11) 91234-5678', '(11) 91234-5678', '+5511912345678'],
  ['BR', '11 91234-5678', '11 91234-5678', '+5511912345678'],
  ['BR', '11912345678', '11912345678', '+5511912345678'],
  ['BR', '(021) 2123-4567', '(021) 2123-4567', '+552121234567'],
  ['BR', '0 15 11 91234-5678', '0 15 11 91234-5678', '+5511912345678'],
  // North America.
  ['US', '(213) 373-4253', '(213) 373-4253', '+12133734253'],
  ['US', '213-373-4253', '213-373-4253', '+12133734253'],
  ['US', '213.373.4253', '213.373.4253', '+12133734253'],
  ['US', '1-213-373-4253', '1-213-373-4253', '+12133734253'],
  ['US', '2133734253', '2133734253', '+12133734253'],
  // Japan, its own widths, and no blanks around.
  ['JP', '03-1234-5678', '03-1234-5678', '+81312345678'],
  ['JP', '０３－１２３４－５６７８', '０３－１２３４－５６７８', '+81312345678'],
  ['JP', '電話は03-1234-5678まで', '03-1234-5678', '+81312345678'],
  ['JP', '（03）1234-5678', '（03）1234-5678', '+81312345678'],
  ['JP', '090ー1234ー5678', '090ー1234ー5678', '+819012345678'],
  // Slashes behind the code of a place.
  ['DE', '030/12345678', '030/12345678', '+493012345678'],
  ['DE', '030 / 12 34 56 78', '030 / 12 34 56 78', '+493012345678'],
  // Extensions of a number.
  ['US', '213-373-4253 ext. 12', '213-373-4253 ext. 12', '+12133734253x12'],
  ['US', '213-373-4253x12', '213-373-4253x12', '+12133734253x12'],
  ['FR', '04 91 22 33 44 poste 12', '04 91 22 33 44 poste 12', `${marseille}x12`],
  ['PT', '+55 11 2123-4567 ramal 204', '+55 11 2123-4567 ramal 204', '+551121234567x204'],
  // Links of telephones.
  ['PT', '<tel:+33-4-91-22-33-44>', 'tel:+33-4-91-22-33-44', marseille],
  ['FR', 'tel:0491223344', 'tel:0491223344', marseille],
  ['PT', 'tel:491223344;phone-context=+33', 'tel:491223344;phone-context=+33', marseille],
  ['PT', 'tel:+33491223344;ext=12', 'tel:+33491223344;ext=12', `${marseille}x12`],
  // Of the house, where it says so.
  ['PT', 'dial ext. 12 please', 'ext. 12', 'x12'],
  ['FR', 'au poste 204.', 'poste 204', 'x204'],
  ['BR', 'Ramal: 204', 'Ramal: 204', 'x204'],
  ['PT', 'extensão 12', 'extensão 12', 'x12'],
  ['PT', 'tel:12', 'tel:12', 'x12'],
  // The second of two countries.
  ['SN FR', 'au 04 91 22 33 44', '04 91 22 33 44', marseille],
];

const several: readonly (readonly [country: string, text: string, means: readonly string[]])[] = [
  ['FR', '04 91 22 33 44 / 06 12 34 56 78', [marseille, '+33612345678']],
  ['FR', '04 91 22 33 44/06 12 34 56 78', [marseille, '+33612345678']],
  ['FR', '04 91 22 33 44 - 06 12 34 56 78', [marseille, '+33612345678']],
  ['FR', '0491223344,0612345678', [marseille, '+33612345678']],
  ['FR', '0491223344\n0612345678', [marseille, '+33612345678']],
  ['FR', '0491223344\t06 12 34 56 78\t2026', [marseille, '+33612345678']],
  ['PT', '+33491223344 +351213456789', [marseille, lisbon]],
  ['PT', '+33 4 91 22 33 44+351 213 456 789', [marseille]],
  ['FR', '+33 4 91 22 33 44 / 06 12 34 56 78', [marseille, '+33612345678']],
];

const none: readonly (readonly [country: string, text: string])[] = [
  ['PT', ''],
  ['PT', 'no digits here, next to none'],
  // Days and hours.
  ['US', '2026-11-23'],
  ['FR', '23/11/2026 14:30'],
  ['PT', '23.11.2026'],
  ['US', '2026-11-23T14:30:00Z'],
  ['DE', '01.02.2026-03.04.2026'],
  ['DK', '2019-2026'],
  // Amounts.
  ['PT', '912 345 678 €'],
  ['PT', '€ 912 345 678'],
  ['SN', '770 000 000 F CFA'],
  ['BR', 'R$ 11.912.345.678,00'],
  ['PT', '912.345.678,50'],
  ['PT', '912,345,678'],
  ['PT', '912 345 678 EUR'],
  ['US', '3.141592653'],
  // Accounts, cards, invoices, taxes.
  ['FR', 'FR76 3000 6000 0112 3456 7890 189'],
  ['PT', 'PT50 0002 0123 1234 5678 9015 4'],
  ['DK', '4111 1111 1111 1111'],
  ['FR', 'SIRET 732 829 320 00074'],
  ['FR', '491223344'],
  ['PT', 'NIF 213 456 789'],
  ['PT', 'fatura n.º 213456789'],
  ['PT', '#213456789'],
  ['BR', '119.912.345-67'],
  ['BR', '12.345.678/0001-90'],
  // Machines.
  ['DK', '192.168.1.10'],
  ['US', '10.12.213.37:4253'],
  ['US', '550e8400-e29b-41d4-a716-213373425300'],
  ['US', '01890000-0000-7000-8000-2133734253ab'],
  ['FR', '00:04:91:22:33:44'],
  ['FR', 'sha 0491223344abcdef'],
  ['FR', 'v0491223344'],
  ['FR', 'file_0491223344_b'],
  ['FR', 'https://estuaria.example/0491223344?tel=+33491223344'],
  ['FR', '0491223344@estuaria.example'],
  ['PT', '12'],
  ['PT', 'room 204, page 12'],
  ['PT', 'the next 12 texts'],
  ['PT', '5+3310000000'],
  ['PT', '+12'],
  ['PT', '+999 999 999 999'],
  // Where nobody knows the country.
  ['', '04 91 22 33 44'],
];

describe('numbers in a text', () => {
  test.each(one)('%s: %s', (country, text, there, means) => {
    expect(read(text, ...country.split(' '))).toEqual([[there, means]]);
  });
  test.each(several)('%s: several in %j', (country, text, means) => {
    expect(read(text, country).map(([, e164]) => e164)).toEqual(means);
  });
  test.each(none)('%s: nothing to dial in %j', (country, text) => {
    expect(read(text, country)).toEqual([]);
  });

  test('stand where they stand, behind letters of two units too', () => {
    const text = '𝔗𝔢𝔩 😀 +33 4 91 22 33 44 👍';
    expect(find(text, []).map(({ start, end }) => text.slice(start, end))).toEqual(['+33 4 91 22 33 44']);
  });

  test('are found among very many', () => {
    const text = Array.from(
      { length: 900 },
      (_, i) => `04 91 22 ${33 + Math.floor(i / 100)} ${String(i % 100).padStart(2, '0')}`,
    );
    expect(find(text.join('\n'), ['FR'])).toHaveLength(900);
  });
});

describe('what somebody made to take long', () => {
  const size = 100_000;
  test.each([
    '1',
    '1 ',
    '+1',
    '+1 ',
    '+33 4 ',
    '0033 ',
    '1/',
    '04 91 22 33 44 / ',
    '+33 4 91 22 33 4 ',
    '912345678 ',
    '- ',
    '-',
    '(',
    '(0)',
    '1(',
    '1\u0301',
    '\u0301',
    'ext. ',
    'ext. 1',
    'ext 12 ',
    'tel:',
    'tel:1',
    'tel:+33491223344 ',
    'http://',
    'https://1 ',
    '1\u200b',
    '😀1',
    '1.1',
    '\u00a0',
  ])('%j is read in bounded time', (piece) => {
    const text = piece.repeat(Math.ceil(size / piece.length)).slice(0, size);
    const started = performance.now();
    const found = find(text, ['FR', 'PT']);
    expect(performance.now() - started).toBeLessThan(2000);
    expect(found.length).toBeLessThanOrEqual(1000);
  });
});

test('a text without digits costs no plans', () => {
  expect(mayHoldNumber('The tide tables of May, as text.')).toBe(false);
  expect(mayHoldNumber('In 2026 we were 12 at 3 tables')).toBe(false);
  expect(mayHoldNumber('ext. 12')).toBe(true);
  expect(mayHoldNumber('06 12 34 56 78')).toBe(true);
});
