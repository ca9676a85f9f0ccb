import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { ImportFault } from '../../contract/index.ts';
import { nameOf } from '../derive.ts';
import type { TakenCard } from '../import/taken-card.ts';
import { anyInput } from '../testing/any-input.ts';
import { guessFields } from './fields.ts';
import { neutralise, restore } from './formulas.ts';
import { readRow } from './read-row.ts';
import { decodeTable, readTable } from './table.ts';
import { tableCells, tableHeadings, writeRow } from './write-row.ts';

async function read(file: string | Buffer): Promise<(TakenCard | ImportFault)[]> {
  const cards: (TakenCard | ImportFault)[] = [];
  let fields: ReturnType<typeof guessFields> | undefined;
  for await (const rows of readTable(decodeTable(Buffer.from(file)))) {
    for (const row of rows) {
      if (!fields) fields = 'cells' in row ? guessFields(row.cells) : [];
      else cards.push(readRow(row, fields));
    }
  }
  return cards;
}

it('reads the table of Google', async () => {
  const [card] = await read(
    'First Name,Last Name,Organization Name,Organization Title,Labels,E-mail 1 - Label,E-mail 1 - Value,Phone 1 - Label,' +
      'Phone 1 - Value,Address 1 - Label,Address 1 - Street,Address 1 - City,Website 1 - Value,Birthday\r\n' +
      'Zoë,Lefèvre,Phares,Pilote,* myContacts ::: Pilots,* Work,zoe@phares.example,Mobile,+33 199 00 40 17 ::: 01 99 00 40 18,' +
      'Home,"1 quai\nPort",Brest,phares.example,--02-29\r\n',
  );
  expect(card).toMatchObject({
    line: 2,
    remarks: [],
    input: {
      given: 'Zoë',
      organisation: 'Phares',
      title: 'Pilote',
      labels: ['Pilots'],
      emails: [{ label: 'work', address: 'zoe@phares.example' }],
      numbers: [
        { label: 'mobile', number: '+33 199 00 40 17' },
        { label: 'mobile', number: '01 99 00 40 18' },
      ],
      addresses: [{ label: 'home', street: '1 quai\nPort', city: 'Brest' }],
      webPages: ['https://phares.example'],
      birthday: { year: null, month: 2, day: 29 },
    },
  });
});

it('reads the table of Outlook, in the letters of Western Europe, and says what it leaves out', async () => {
  const table =
    'Title;First Name;Last Name;Suffix;Company;Job Title;Business Street;Business City;Home Street;Business Phone;Business Fax;' +
    'E-mail Address;Birthday;Notes\r\nDr;Zo\xeb;Lef\xe8vre;;Phares;Pilote;1 quai;Brest;2 rue;0199004017;0199004018;no address;' +
    '3/4/1980;hello\r\n\r\n;;;;;;;;;;;;;only a note\r\n"open;;\r\n';
  const cards = await read(Buffer.from(table, 'latin1'));
  expect(cards[0]).toMatchObject({
    line: 2,
    input: {
      prefix: 'Dr',
      given: 'Zoë',
      numbers: [
        { label: 'work', number: '0199004017' },
        { label: 'fax', number: '0199004018' },
      ],
      addresses: [
        { label: 'work', street: '1 quai', city: 'Brest' },
        { label: 'home', street: '2 rue' },
      ],
      birthday: null,
    },
    remarks: [
      { line: 2, code: 'invalid', detail: 'email-other: no address' },
      { line: 2, code: 'invalid', detail: 'birthday: 3/4/1980' },
    ],
  });
  expect(cards[1]).toMatchObject({ line: 4, code: 'nothing' });
  expect(cards[2]).toMatchObject({ line: 5, code: 'unreadable' });
});

it('reads the headings of Outlook and Google in other languages, and of tables that people make', () => {
  const guesses: [headings: string, fields: string][] = [
    [
      'Anrede;Vorname;Weitere Vornamen;Nachname;Firma;Position;Straße geschäftlich;Straße geschäftlich 2;Ort geschäftlich;' +
        'Postleitzahl geschäftlich;Land/Region geschäftlich;Bundesland/Kanton privat;Weiterer Ort;Telefon Assistent;Fax geschäftlich;' +
        'Telefon geschäftlich 2;Telefon privat;Mobiltelefon;Weiteres Telefon;E-Mail-Adresse;E-Mail-Typ;E-Mail 2: Adresse;Geburtstag;' +
        'Kategorien;Notizen;Webseite',
      'prefix given additional family organisation title street-work street-work city-work postalCode-work country-work region-home ' +
        'city-other skip number-fax number-work number-home number-mobile number-other email-other skip email-other birthday labels ' +
        'notes webPage',
    ],
    [
      'Titre;Prénom;Nom;Société;Rue (bureau);Rue (bureau) 2;Ville (bureau);Dép/Région (bureau);Code postal (bureau);' +
        'Pays/Région (domicile);Télécopie (bureau);Téléphone 2 (bureau);Téléphone (autre);Tél. mobile;Adresse de messagerie 2;' +
        'Nom complet de l’adresse de messagerie;Page Web',
      'prefix given family organisation street-work street-work city-work region-work postalCode-work country-home number-fax ' +
        'number-work number-other number-mobile email-other skip webPage',
    ],
    [
      'Nombre;Apellidos;Calle del trabajo 2;Ciudad de residencia;Provincia o estado de residencia;Otro código postal;' +
        'País o región del trabajo;Fax particular;Particular;Número de móvil;Dirección de correo electrónico;Página Web;' +
        'Cumpleaños;Aniversario',
      'given family street-work city-home region-home postalCode-other country-work number-fax number-home number-mobile email-other ' +
        'webPage birthday skip',
    ],
    [
      'Nome;Sobrenome;Apelido;Rua do endereço comercial;Cidade do endereço residencial;CEP do endereço comercial;' +
        'Fax comercial;Telefone residencial;Telefone celular;Outro telefone;Endereço de email 3;Aniversário',
      'given family nickname street-work city-home postalCode-work number-fax number-home number-mobile number-other email-other ' +
        'birthday',
    ],
    ['Nome;Apelido;Telemóvel;Localidade', 'given family number-mobile city-other'],
    ['Téléphone 1 - Libellé;Téléphone 1 - Valeur;E-mail 1 - Valeur', 'kind-of-next number-other email-other'],
    ['Business Street;Business Street 2;Home Address PO Box', 'street-work street-work street-home'],
    ['Nome;Telefone', 'name number-work'],
    ['Nombre;Teléfono', 'name number-work'],
    ['Nom;Tél.', 'name number-work'],
    ['Nom;Prénom', 'family given'],
    ['Name;Telefon', 'name number-work'],
    ['Name;Vorname;Straße und Hausnummer;PLZ;Ort', 'family given street-other postalCode-other city-other'],
    ['Name;Given Name;Family Name', 'name given family'],
  ];
  for (const [headings, fields] of guesses)
    expect(guessFields(headings.split(';')), headings).toEqual(fields.split(' '));
});

it('makes every formula harmless, and gives it back as it was', () => {
  for (const cell of ['=1+1', '+cmd|x', '-2', '@SUM(A1)', '\t=1', "'=1", '＝1']) {
    expect(neutralise(cell)).toBe(`'${cell}`);
  }
  expect(neutralise('+44 1632 960017')).toBe('+44 1632 960017');
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('=', '+', '-', '@', "'", 'a', '1', '\t', ' ') }),
      (cell) => {
        expect(restore(neutralise(cell))).toBe(cell);
      },
    ),
  );
});

it('counts lines over batches of records and cells of several lines', async () => {
  const rows = Array.from({ length: 1300 }, (_, at) => `Name ${at},"a\nb"\n`).join('');
  const cards = await read(`Name,Notes\n${rows}`);
  expect(cards).toHaveLength(1300);
  expect(cards.at(-1)).toMatchObject({ line: 2 + 1299 * 2, input: { name: 'Name 1299' } });
});

it('comes back as it went out', async () => {
  const width = { numbers: 3, emails: 3, sip: 3, addresses: 3 };
  await fc.assert(
    fc.asyncProperty(anyInput, async (input) => {
      const out = writeRow(tableHeadings(width)) + writeRow(tableCells(nameOf(input), input, width));
      const [taken] = await read(`\u{feff}${out}`);
      // Several groups share a cell, so a semicolon parts them.
      const { labels: _, ...rest } = input;
      expect(taken).toMatchObject({
        remarks: [],
        input: { ...rest, addresses: input.addresses.filter(isSaid) },
      });
    }),
    { numRuns: 150 },
  );
});

const isSaid = ({ label: _, ...parts }: { label: string }): boolean => Object.values(parts).some(Boolean);
