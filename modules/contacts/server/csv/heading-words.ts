import type { CsvField } from '../../contract/index.ts';

const list = (words: string): ReadonlySet<string> => new Set(words.split(' '));

/** What headings say that they hold, in en, de, fr, es and pt; the first that is said counts: "Pays/Région" is a country. */
const kinds = {
  label: list('label libelle etiqueta bezeichnung marcador rotulo'),
  fax: list('fax telefax telecopie telecopieur'),
  mobile: list(
    'mobile mobil handy mobiltelefon mobilnummer handynummer portable gsm cell movil celular telemovel',
  ),
  email: list('email mail emails messagerie courriel correo emailadresse mailadresse'),
  webPage: list('web webseite webpage website webadresse homepage internet internetseite url'),
  number: list('phone telephone tel telefon telefonnummer rufnummer telefono telefone fone'),
  country: list('country pays pais land'),
  postalCode: list('zip plz postleitzahl postcode cp cep'),
  region: list('state region province provincia estado dep distrito bundesland kanton canton county'),
  city: list('city town ville localite ciudad localidad poblacion cidade localidade ort stadt wohnort'),
  street: list('street rue calle rua strasse postfach'),
  address: list('address adresse anschrift direccion endereco morada'),
};

const places = {
  work: list(
    'work business office company bureau professionnel professionnelle travail pro societe trabajo oficina laboral profesional ' +
      'organizacion empresa trabalho emprego comercial escritorio profissional geschaftlich dienstlich beruflich arbeit buro firma',
  ),
  home: list(
    'home private domicile personnel personnelle prive privee maison perso particular casa residencia residencial domicilio ' +
      'personal pessoal privat zuhause',
  ),
  other: list(
    'other autre otro otra outro outra weitere weiterer weiteres weiteren andere anderes sonstige sonstiges',
  ),
};

/** Said beside, and changing nothing. */
const beside = list(
  'value valeur valor wert code codigo cod postal postale number numero nummer num nr no electronique electronico electronica ' +
    'eletronico main principal principale page pagina site sitio seite e o a r s y et und and of the de del du des d la le les l ' +
    'der die das do da dos hausnummer',
);

const sayIn = <Name extends string>(said: Record<Name, ReadonlySet<string>>, words: readonly string[]) =>
  (Object.keys(said) as Name[]).find((name) => words.some((word) => said[name].has(word)));

/**
 * What a column holds, by the words of its heading ("Straße geschäftlich 2", "Code postal (bureau)", "Otro fax"); undefined where a word
 * is among them that says something else ("Telefon Assistent").
 */
export function readHeading(heading: string): CsvField | undefined {
  const words = (
    heading
      .normalize('NFKD')
      .replace(/\p{M}/gu, '')
      .toLowerCase()
      .replaceAll('ß', 'ss')
      .replace(/\be[- ]mail/g, 'email')
      .replace(/\b(code|codigo|cod\.?) postal\b|\b(postal|zip|post) code\b/g, 'zip')
      .match(/\p{L}+/gu) ?? []
  ).slice(0, 12);
  const all = [...Object.values(kinds), ...Object.values(places), beside];
  if (words.some((word) => !all.some((known) => known.has(word)))) return undefined;
  const kind = sayIn(kinds, words);
  const place = sayIn(places, words);
  switch (kind) {
    case undefined:
      return undefined;
    case 'label':
      // Google has it in the column before; nothing asks what kind of page one is.
      return words.length === 1 || words.some((word) => kinds.webPage.has(word)) ? undefined : 'kind-of-next';
    case 'fax':
    case 'mobile':
      return `number-${kind}`;
    case 'webPage':
      return kind;
    case 'number':
      return `number-${place ?? (/\d/.test(heading) ? 'other' : 'work')}`;
    case 'address':
      return `street-${place ?? 'other'}`;
    default:
      return `${kind}-${place ?? 'other'}`;
  }
}
