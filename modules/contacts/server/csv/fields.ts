import type { CsvField } from '../../contract/index.ts';
import { readHeading } from './heading-words.ts';

const letters = (heading: string): string =>
  heading
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll('ß', 'ss')
    .replace(/[^\p{L}\p{N}]/gu, '');

/** Headings of Google, Outlook and tables that people make, in letters and digits alone; for those of several words, see heading-words.ts. */
const known: Record<string, CsvField> = {
  name: 'name',
  fullname: 'name',
  displayname: 'name',
  fileas: 'skip',
  title: 'prefix',
  nameprefix: 'prefix',
  prefix: 'prefix',
  firstname: 'given',
  givenname: 'given',
  middlename: 'additional',
  additionalname: 'additional',
  lastname: 'family',
  familyname: 'family',
  surname: 'family',
  suffix: 'suffix',
  namesuffix: 'suffix',
  nickname: 'nickname',
  company: 'organisation',
  organization: 'organisation',
  organisation: 'organisation',
  organizationname: 'organisation',
  organization1name: 'organisation',
  jobtitle: 'title',
  position: 'title',
  organizationtitle: 'title',
  organization1title: 'title',
  phone: 'number-work',
  telephone: 'number-work',
  businessphone: 'number-work',
  businessphone2: 'number-work',
  companymainphone: 'number-work',
  homephone: 'number-home',
  homephone2: 'number-home',
  mobilephone: 'number-mobile',
  mobile: 'number-mobile',
  businessfax: 'number-fax',
  homefax: 'number-fax',
  otherfax: 'number-fax',
  fax: 'number-fax',
  otherphone: 'number-other',
  primaryphone: 'number-other',
  email: 'email-other',
  mail: 'email-other',
  emailaddress: 'email-other',
  email2address: 'email-other',
  email3address: 'email-other',
  sip: 'sip',
  webpage: 'webPage',
  website: 'webPage',
  birthday: 'birthday',
  notes: 'notes',
  note: 'notes',
  categories: 'labels',
  labels: 'labels',
  groups: 'labels',
  groupmembership: 'labels',
  language: 'language',
  kind: 'kind',
  // German
  anrede: 'prefix',
  titel: 'prefix',
  vorname: 'given',
  weiterevornamen: 'additional',
  nachname: 'family',
  familienname: 'family',
  zuname: 'family',
  vollstandigername: 'name',
  anzeigename: 'name',
  namenszusatz: 'suffix',
  spitzname: 'nickname',
  firma: 'organisation',
  unternehmen: 'organisation',
  funktion: 'title',
  geburtstag: 'birthday',
  geburtsdatum: 'birthday',
  notiz: 'notes',
  notizen: 'notes',
  bemerkung: 'notes',
  bemerkungen: 'notes',
  kategorien: 'labels',
  gruppe: 'labels',
  gruppen: 'labels',
  sprache: 'language',
  // French
  titre: 'prefix',
  civilite: 'prefix',
  suffixe: 'suffix',
  nom: 'family',
  nomdefamille: 'family',
  surnom: 'nickname',
  poste: 'title',
  datedenaissance: 'birthday',
  remarques: 'notes',
  commentaires: 'notes',
  groupe: 'labels',
  groupes: 'labels',
  langue: 'language',
  prenom: 'given',
  nomcomplet: 'name',
  deuxiemeprenom: 'additional',
  societe: 'organisation',
  entreprise: 'organisation',
  fonction: 'title',
  anniversaire: 'birthday',
  // Spanish
  tratamiento: 'prefix',
  sufijo: 'suffix',
  nombre: 'given',
  segundonombre: 'additional',
  nombrecompleto: 'name',
  apodo: 'nickname',
  puesto: 'title',
  particular: 'number-home',
  particular2: 'number-home',
  fechadenacimiento: 'birthday',
  observaciones: 'notes',
  comentarios: 'notes',
  categorias: 'labels',
  grupos: 'labels',
  etiquetas: 'labels',
  idioma: 'language',
  // What somebody is or does, as often as a part of a country.
  estado: 'skip',
  apellidos: 'family',
  apellido: 'family',
  organizacion: 'organisation',
  empresa: 'organisation',
  cargo: 'title',
  cumpleanos: 'birthday',
  notas: 'notes',
  // Portuguese
  titulo: 'prefix',
  sufixo: 'suffix',
  nome: 'given',
  primeironome: 'given',
  segundonome: 'additional',
  nomedomeio: 'additional',
  ultimonome: 'family',
  nomecompleto: 'name',
  alcunha: 'nickname',
  organizacao: 'organisation',
  funcao: 'title',
  datadenascimento: 'birthday',
  observacoes: 'notes',
  anotacoes: 'notes',
  lingua: 'language',
  nomeproprio: 'given',
  apelido: 'family',
  sobrenome: 'family',
  aniversario: 'birthday',
};

const part: Record<string, string> = {
  street: 'street',
  street2: 'street',
  street3: 'street',
  addresspobox: 'street',
  extendedaddress: 'street',
  pobox: 'street',
  city: 'city',
  state: 'region',
  region: 'region',
  province: 'region',
  postalcode: 'postalCode',
  zip: 'postalCode',
  country: 'country',
  countryregion: 'country',
};
const outlookPlace: Record<string, string> = { business: 'work', home: 'home', other: 'other' };

/** What a column is called, as a guess; Google's columns are numbered and each has its kind in the column before. */
function fieldOf(heading: string): CsvField {
  const key = letters(heading);
  const numbered = /^(email|phone|address|website|sip)(\d+)(.*)$/.exec(key);
  if (numbered) {
    const [, family, , rest = ''] = numbered;
    if (rest === 'label' || rest === 'type') return family === 'website' ? 'skip' : 'kind-of-next';
    if (rest === 'value') {
      const fields = { email: 'email-other', phone: 'number-other', website: 'webPage', sip: 'sip' } as const;
      return fields[family as keyof typeof fields] ?? 'skip';
    }
    if (family === 'address' && part[rest]) return `${part[rest]}-other` as CsvField;
  }
  const placed = /^(business|home|other)(.+)$/.exec(key);
  if (placed && part[placed[2] ?? '']) {
    return `${part[placed[2] ?? '']}-${outlookPlace[placed[1] ?? '']}` as CsvField;
  }
  return known[key] ?? readHeading(heading) ?? 'skip';
}

/** What the columns of a table are, as a guess that people can set right. */
export const guessFields = (headings: readonly string[]): CsvField[] => {
  const fields = headings.map(fieldOf);
  const keys = headings.map(letters);
  const has = (...those: string[]) => those.some((key) => keys.includes(key));
  const set = (heading: string, field: CsvField): void => {
    for (const [at, key] of keys.entries()) if (key === heading) fields[at] = field;
  };
  // A name without its other half beside it is the whole of it.
  if (!fields.includes('family')) {
    if (fields.includes('given') && has('vorname', 'firstname', 'givenname')) set('name', 'family');
    set('nome', 'name');
    set('nombre', 'name');
  }
  if (!fields.includes('given')) set('nom', 'name');
  // In Brazil, and beside a Spanish birthday, these are something else.
  if (has('sobrenome')) set('apelido', 'nickname');
  if (has('cumpleanos')) set('aniversario', 'skip');
  // Outlook calls "Mr" a title, which is a position where nothing else is one.
  const at = keys.indexOf('title');
  const isOutlook = has('jobtitle', 'suffix', 'nameprefix');
  if (at !== -1 && !isOutlook) fields[at] = 'title';
  return fields;
};
