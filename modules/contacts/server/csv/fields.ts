import type { CsvField } from '../../contract/index.ts';

const letters = (heading: string): string =>
  heading
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');

/** Headings of Google, Outlook and tables that people make, in letters and digits alone. */
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
  // French
  nom: 'family',
  prenom: 'given',
  nomcomplet: 'name',
  deuxiemeprenom: 'additional',
  societe: 'organisation',
  entreprise: 'organisation',
  fonction: 'title',
  telbureau: 'number-work',
  telephonebureau: 'number-work',
  teldomicile: 'number-home',
  telephonedomicile: 'number-home',
  telmobile: 'number-mobile',
  adressedemessagerie: 'email-other',
  courriel: 'email-other',
  anniversaire: 'birthday',
  // Spanish
  nombre: 'given',
  apellidos: 'family',
  apellido: 'family',
  organizacion: 'organisation',
  empresa: 'organisation',
  cargo: 'title',
  telefono: 'number-work',
  telefonodeltrabajo: 'number-work',
  telefonoparticular: 'number-home',
  movil: 'number-mobile',
  telefonomovil: 'number-mobile',
  correo: 'email-other',
  correoelectronico: 'email-other',
  direcciondecorreoelectronico: 'email-other',
  cumpleanos: 'birthday',
  notas: 'notes',
  // Portuguese
  nome: 'given',
  nomeproprio: 'given',
  apelido: 'family',
  sobrenome: 'family',
  telefone: 'number-work',
  telemovel: 'number-mobile',
  celular: 'number-mobile',
  telefonecomercial: 'number-work',
  enderecodeemail: 'email-other',
  aniversario: 'birthday',
};

const part: Record<string, string> = {
  street: 'street',
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
  return known[key] ?? 'skip';
}

/** What the columns of a table are, as a guess that people can set right. */
export const guessFields = (headings: readonly string[]): CsvField[] => {
  const fields = headings.map(fieldOf);
  // Outlook calls "Mr" a title, which is a position where nothing else is one.
  const at = headings.findIndex((heading) => letters(heading) === 'title');
  const isOutlook = headings.some((heading) => /^(jobtitle|suffix|nameprefix)$/.test(letters(heading)));
  if (at !== -1 && !isOutlook) fields[at] = 'title';
  return fields;
};
