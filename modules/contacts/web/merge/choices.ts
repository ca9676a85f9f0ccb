import type { Contact, ContactDraft } from '../../contract/index.ts';

/** Of these one is taken. */
export const singles = [
  'name',
  'given',
  'family',
  'nickname',
  'organisation',
  'title',
  'birthday',
  'notes',
] as const;
export type Single = (typeof singles)[number];
/** Of these as many as are wanted. */
export const severals = ['numbers', 'emails', 'sip', 'addresses', 'webPages', 'languages', 'labels'] as const;
export type Several = (typeof severals)[number];

/** The different values that some cards have of a field, those of the first card first. */
export function singleValues(contacts: readonly Contact[], field: Single): readonly string[] {
  const values = contacts.map((contact) =>
    field === 'birthday' ? (contact.birthday ? JSON.stringify(contact.birthday) : '') : contact[field],
  );
  return [...new Set(values.filter((value) => value !== ''))];
}

const keyOf = (field: Several, value: unknown): string => {
  if (typeof value === 'string') return value.toLowerCase();
  const { e164, number, address } = value as { e164?: string | null; number?: string; address?: string };
  if (field === 'numbers') return e164 ?? number ?? '';
  return field === 'addresses' ? JSON.stringify(value) : (address ?? '').toLowerCase();
};

/** The same of a field with several values: a number that two cards have in two spellings is one. */
export function severalValues<Field extends Several>(
  contacts: readonly Contact[],
  field: Field,
): readonly { key: string; value: Contact[Field][number] }[] {
  const found = new Map<string, Contact[Field][number]>();
  for (const contact of contacts) {
    for (const value of contact[field]) {
      const key = keyOf(field, value);
      if (!found.has(key)) found.set(key, value as Contact[Field][number]);
    }
  }
  return [...found].map(([key, value]) => ({ key, value }));
}

/** The card that comes of it: chosen values, and of several those that were not left out. */
export function mergedCard(
  contacts: readonly Contact[],
  chosen: Partial<Record<Single, string>>,
  leftOut: ReadonlySet<string>,
): ContactDraft {
  const single = (field: Single): string => chosen[field] ?? singleValues(contacts, field)[0] ?? '';
  const several = <Field extends Several>(field: Field) =>
    severalValues(contacts, field)
      .filter(({ key }) => !leftOut.has(`${field} ${key}`))
      .map(({ value }) => value);
  const organisation = single('organisation');
  const birthday = single('birthday');
  const first = contacts[0];
  return {
    kind: first?.kind ?? 'person',
    name: single('name'),
    given: single('given'),
    family: single('family'),
    prefix: contacts.map(({ prefix }) => prefix).find(Boolean) ?? '',
    additional: contacts.map(({ additional }) => additional).find(Boolean) ?? '',
    suffix: contacts.map(({ suffix }) => suffix).find(Boolean) ?? '',
    nickname: single('nickname'),
    organisation,
    companyId:
      contacts.find((each) => each.organisation === organisation && each.companyId)?.companyId ?? null,
    title: single('title'),
    numbers: several('numbers')
      .slice(0, 20)
      .map(({ label, number }) => ({ label, number })),
    emails: several('emails').slice(0, 20),
    sip: several('sip').slice(0, 20),
    addresses: several('addresses').slice(0, 10),
    birthday: birthday ? JSON.parse(birthday) : null,
    webPages: several('webPages').slice(0, 10),
    languages: several('languages').slice(0, 10),
    labels: several('labels').slice(0, 20),
    notes: single('notes'),
  };
}
