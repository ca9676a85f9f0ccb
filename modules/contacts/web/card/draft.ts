import type { Birthday, Contact, ContactDraft } from '../../contract/index.ts';

/** Lines of which there may be several; the key stays while others come and go. */
export interface Line {
  readonly key: number;
  readonly label: string;
  readonly value: string;
}
export interface Place {
  readonly key: number;
  readonly label: 'work' | 'home' | 'other';
  readonly street: string;
  readonly postalCode: string;
  readonly city: string;
  readonly region: string;
  readonly country: string;
}

/** A card as its form holds it. */
export interface Draft {
  readonly kind: 'person' | 'company';
  readonly name: string;
  readonly given: string;
  readonly family: string;
  readonly prefix: string;
  readonly additional: string;
  readonly suffix: string;
  readonly nickname: string;
  readonly organisation: string;
  readonly title: string;
  readonly numbers: readonly Line[];
  readonly emails: readonly Line[];
  readonly sip: readonly Line[];
  readonly webPages: readonly Line[];
  readonly addresses: readonly Place[];
  readonly birthDay: string;
  readonly birthMonth: string;
  readonly birthYear: string;
  readonly languages: string;
  readonly labels: string;
  readonly notes: string;
}

const linesOf = <Row>(rows: readonly Row[], labelOf: (row: Row) => string, textOf: (row: Row) => string) =>
  rows.map((row, key) => ({ key, label: labelOf(row), value: textOf(row) }));

export function draftOf(
  contact: Contact | undefined,
  given: { name?: string; number?: string; email?: string } = {},
): Draft {
  const birthday = contact?.birthday;
  // The name is kept apart from its parts only where it is not made of them.
  const parts = contact
    ? [contact.prefix, contact.given, contact.additional, contact.family, contact.suffix]
        .filter(Boolean)
        .join(' ')
    : '';
  return {
    kind: contact?.kind ?? 'person',
    name: contact ? (contact.name === parts ? '' : contact.name) : '',
    given: contact?.given ?? given.name ?? '',
    family: contact?.family ?? '',
    prefix: contact?.prefix ?? '',
    additional: contact?.additional ?? '',
    suffix: contact?.suffix ?? '',
    nickname: contact?.nickname ?? '',
    organisation: contact?.organisation ?? '',
    title: contact?.title ?? '',
    numbers: contact
      ? linesOf(
          contact.numbers,
          ({ label }) => label,
          ({ number }) => number,
        )
      : [{ key: 0, label: 'work', value: given.number ?? '' }],
    emails: contact
      ? linesOf(
          contact.emails,
          ({ label }) => label,
          ({ address }) => address,
        )
      : [{ key: 0, label: 'work', value: given.email ?? '' }],
    sip: linesOf(
      contact?.sip ?? [],
      ({ label }) => label,
      ({ address }) => address,
    ),
    webPages: linesOf(
      contact?.webPages ?? [],
      () => 'work',
      (page) => page,
    ),
    addresses: (contact?.addresses ?? []).map((place, key) => ({
      key,
      label: place.label,
      street: place.street ?? '',
      postalCode: place.postalCode ?? '',
      city: place.city ?? '',
      region: place.region ?? '',
      country: place.country ?? '',
    })),
    birthDay: birthday ? String(birthday.day) : '',
    birthMonth: birthday ? String(birthday.month) : '',
    birthYear: birthday?.year ? String(birthday.year) : '',
    languages: (contact?.languages ?? []).join(', '),
    labels: (contact?.labels ?? []).join(', '),
    notes: contact?.notes ?? '',
  };
}

const listOf = (text: string): string[] => [
  ...new Set(
    text
      .split(/[,;\n]/)
      .map((each) => each.trim())
      .filter(Boolean),
  ),
];
const filled = (lines: readonly Line[]): Line[] => lines.filter(({ value }) => value.trim() !== '');

/** What the form says wrongly, by its field. */
export type DraftFault = 'name' | 'birthday';

export function faultsOf(draft: Draft): readonly DraftFault[] {
  const faults: DraftFault[] = [];
  const says = [draft.name, draft.given, draft.family, draft.nickname, draft.organisation].some((text) =>
    text.trim(),
  );
  if (!says && filled([...draft.numbers, ...draft.emails, ...draft.sip]).length === 0) faults.push('name');
  if (birthdayOf(draft) === undefined) faults.push('birthday');
  return faults;
}

/** Null where nothing is written; undefined where there is no such day. */
function birthdayOf({ birthDay, birthMonth, birthYear }: Draft): Birthday | null | undefined {
  if (![birthDay, birthMonth, birthYear].some((text) => text.trim())) return null;
  const [day, month] = [Number(birthDay), Number(birthMonth)];
  const year = birthYear.trim() === '' ? null : Number(birthYear);
  if (!Number.isInteger(day) || !Number.isInteger(month) || (year !== null && !Number.isInteger(year)))
    return undefined;
  if (month < 1 || month > 12 || day < 1 || (year !== null && (year < 1 || year > 9999))) return undefined;
  return day <= new Date(Date.UTC(year ?? 2000, month, 0)).getUTCDate() ? { day, month, year } : undefined;
}

/** The card as it is sent. A company that was chosen stays chosen while its name is not written over. */
export function inputOf(draft: Draft, before?: Contact): ContactDraft {
  const isPerson = draft.kind === 'person';
  const organisation = draft.organisation.trim();
  return {
    kind: draft.kind,
    name: draft.name,
    given: isPerson ? draft.given : '',
    family: isPerson ? draft.family : '',
    prefix: isPerson ? draft.prefix : '',
    additional: isPerson ? draft.additional : '',
    suffix: isPerson ? draft.suffix : '',
    nickname: draft.nickname,
    organisation: isPerson ? organisation : '',
    companyId:
      isPerson && before?.companyId && organisation === before.organisation ? before.companyId : null,
    title: draft.title,
    numbers: filled(draft.numbers).map(({ label, value }) => ({ label: label as 'work', number: value })),
    emails: filled(draft.emails).map(({ label, value }) => ({ label: label as 'work', address: value })),
    sip: filled(draft.sip).map(({ label, value }) => ({ label: label as 'work', address: value })),
    addresses: draft.addresses
      .filter((place) =>
        [place.street, place.postalCode, place.city, place.region, place.country].some((text) => text.trim()),
      )
      .map(({ key: _key, ...place }) => place),
    birthday: birthdayOf(draft) ?? null,
    webPages: filled(draft.webPages).map(({ value }) =>
      /^[a-z]+:/i.test(value.trim()) ? value.trim() : `https://${value.trim()}`,
    ),
    languages: listOf(draft.languages),
    labels: listOf(draft.labels),
    notes: draft.notes,
  };
}
