import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { ContactInput, ImportFault } from '../../contract/index.ts';
import { nameOf } from '../derive.ts';
import type { TakenCard } from '../import/taken-card.ts';
import { anyInput } from '../testing/any-input.ts';
import { maxCardBytes, readRawCards } from './card-lines.ts';
import { readCard } from './read-card.ts';
import { type VcardVersion, writeCard } from './write-card.ts';

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
async function read(file: string | Buffer, size = 64 * 1024): Promise<(TakenCard | ImportFault)[]> {
  const cards: (TakenCard | ImportFault)[] = [];
  for await (const raw of readRawCards(inPieces(Buffer.from(file), size))) cards.push(readCard(raw));
  return cards;
}
const card = (...lines: string[]): string =>
  ['BEGIN:VCARD', 'VERSION:4.0', ...lines, 'END:VCARD', ''].join('\r\n');
const one = async (...lines: string[]): Promise<TakenCard> => {
  const [taken] = await read(card(...lines));
  if (!taken || !('input' in taken)) throw new Error(JSON.stringify(taken));
  return taken;
};
const write = (
  input: ContactInput,
  version: VcardVersion,
  kept: TakenCard['kept'] = [],
  photo: Buffer | null = null,
) =>
  writeCard(
    {
      id: '018f0000-0000-7000-8000-000000000001',
      name: nameOf(input),
      input,
      kept,
      photo,
      changedAt: new Date(0),
    },
    version,
  );

it('reads what telephones and address books write', async () => {
  const taken = await one(
    'FN:Zoë Lefèvre',
    'N:Lefèvre;Zoë;;Mme;',
    'ORG:Phares et Balises du Ponant;Pilotage',
    'TITLE:Pilote\\, première classe',
    'TEL;TYPE="cell,pref";VALUE=uri:tel:+33-199-00-40-17;ext=12',
    'item1.TEL;type=WORK;type=FAX:01 99 00 40 18',
    'item1.X-ABLabel:_$!<Other>!$_',
    'TEL;HOME:01 99 00 40 19',
    'EMAIL;TYPE=work:zoe@phares.example',
    'IMPP;TYPE=work:sip:zoe@phares.example',
    'IMPP:xmpp:zoe@phares.example',
    'ADR;TYPE=home:;;1 quai du Port\\n2e étage;Brest;;29200;France',
    'BDAY:--0229',
    'CATEGORIES:Pilots,Bre\\,st',
    'NOTE:Only after ten.\\nKnows the',
    '  bar.',
    'X-TWITTER;X-LABEL="a:b^n":zoe',
  );
  expect(taken.remarks).toEqual([]);
  expect(taken.input).toMatchObject({
    name: 'Zoë Lefèvre',
    family: 'Lefèvre',
    prefix: 'Mme',
    organisation: 'Phares et Balises du Ponant',
    title: 'Pilote, première classe',
    numbers: [
      { label: 'mobile', number: '+33-199-00-40-17 ext. 12' },
      { label: 'fax', number: '01 99 00 40 18' },
      { label: 'home', number: '01 99 00 40 19' },
    ],
    emails: [{ label: 'work', address: 'zoe@phares.example' }],
    sip: [{ label: 'work', address: 'sip:zoe@phares.example' }],
    addresses: [{ label: 'home', street: '1 quai du Port\n2e étage', city: 'Brest', postalCode: '29200' }],
    birthday: { year: null, month: 2, day: 29 },
    labels: ['Pilots', 'Bre,st'],
    notes: 'Only after ten.\nKnows the bar.',
  });
  // What it does not know comes back, group, parameters and departments included.
  const again = write(taken.input, '4.0', taken.kept);
  expect(again).toContain('item1.X-ABLABEL:_$!<Other>!$_\r\n');
  expect(again).toContain('X-TWITTER;X-LABEL="a:b":zoe\r\n');
  expect(again).toContain('ORG:Phares et Balises du Ponant;Pilotage\r\n');
  expect(again).toContain('IMPP:xmpp:zoe@phares.example\r\n');
  expect(again.match(/^ORG/gm)).toHaveLength(1);
});

it('reads an older card, a company and an embedded photo', async () => {
  const [old] = await read(
    'BEGIN:vCard\nVERSION:3.0\nFN:Perpetua Ltd\nN:;;;;\nORG:Perpetua Ltd\nX-ABShowAs:COMPANY\n' +
      'BDAY;X-APPLE-OMIT-YEAR=1604:1604-07-14\nPHOTO;ENCODING=b;TYPE=JPEG:aGVsbG8=\nEND:vCard\n',
  );
  expect(old).toMatchObject({
    input: {
      kind: 'company',
      name: 'Perpetua Ltd',
      organisation: '',
      birthday: { year: null, month: 7, day: 14 },
    },
    photo: Buffer.from('hello'),
  });
  const outside = await one('FN:A', 'PHOTO:https://pictures.example/a.jpg');
  expect(outside.photo).toBeNull();
  expect(outside.kept).toEqual([['photo', {}, 'unknown', 'https://pictures.example/a.jpg']]);
});

it('refuses what is hostile or broken with its line, and goes on with the next card', async () => {
  const good = card('FN:Good');
  const cases: [string | Buffer, Partial<ImportFault>][] = [
    [card('FN:a\0b'), { line: 3, code: 'unreadable' }],
    [Buffer.from(card('FN:\xff\xfe'), 'latin1'), { line: 3, code: 'unreadable' }],
    [card('FN:x', 'this is nothing'), { line: 4, code: 'unreadable' }],
    [card('FN:x').replace('4.0', '2.1'), { line: 1, code: 'unreadable' }],
    [card('NOTE:nobody'), { line: 1, code: 'nothing' }],
    ['what is this\r\n', { line: 1, code: 'unreadable' }],
    [card('FN:x').replace('END:VCARD\r\n', ''), { line: 1, code: 'unreadable' }],
    [card('FN:x', ...Array.from({ length: 2100 }, () => 'X-A:b')), { line: 1, code: 'too-large' }],
    // Folded deeper than any card is long: empty folds count too.
    [card(`NOTE:x${'\r\n '.repeat(maxCardBytes / 3 + 10)}`), { line: 1, code: 'too-large' }],
    [card(`NOTE:${'x'.repeat(maxCardBytes)}`), { line: 1, code: 'too-large' }],
  ];
  for (const [bad, fault] of cases) {
    const cards = await read(Buffer.concat([Buffer.from(bad), Buffer.from(good)]));
    expect(cards[0]).toMatchObject(fault);
    expect(cards.at(-1)).toMatchObject({ input: { name: 'Good' } });
  }
});

it('holds 50 MB without a line end in little memory', async () => {
  async function* endless(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('BEGIN:VCARD\r\nVERSION:4.0\r\nFN:');
    const part = Buffer.alloc(1024 * 1024, 'x');
    for (let n = 0; n < 50; n += 1) yield part;
    yield Buffer.from('\r\nEND:VCARD\r\n');
  }
  const seen: unknown[] = [];
  for await (const raw of readRawCards(endless())) seen.push(raw);
  expect(seen).toEqual([{ line: 1, refused: 'too-large', detail: 'more than 4 MB' }]);
});

it('never fails on any bytes', async () => {
  const part = fc.oneof(
    fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
    fc
      .constantFrom(
        'BEGIN:VCARD\r\n',
        'END:VCARD\n',
        'VERSION:3.0\r\n',
        '\r\n ',
        'TEL;TYPE="',
        'FN:a',
        ';',
        ':',
        '\\',
        'N:;;',
        'BDAY:',
      )
      .map((text) => Buffer.from(text)),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(part, { maxLength: 30 }), async (parts) => {
      await read(Buffer.concat(parts), 7);
    }),
    { numRuns: 200 },
  );
});

it.each(['3.0', '4.0'] as const)('comes back as it went out, as %s', async (version) => {
  await fc.assert(
    fc.asyncProperty(anyInput, async (input) => {
      const out = write(input, version, [], Buffer.from('photo'));
      for (const line of out.split('\r\n')) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75);
      const [taken] = await read(out, 13);
      expect(taken).toMatchObject({ remarks: [], photo: Buffer.from('photo') });
      expect((taken as TakenCard).input).toEqual(input);
    }),
    { numRuns: 150 },
  );
});
