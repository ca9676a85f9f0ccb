import { splitEscaped, unescapeText } from '@liaison/core/content-lines';
import { bounds, contactInputSchema, type ImportFault } from '../../contract/index.ts';
import { cut, nameOf } from '../derive.ts';
import { multipleLines, oneLine, within } from '../import/clean-text.ts';
import { type Draft, emptyDraft, type TakenCard } from '../import/taken-card.ts';
import type { KeptProperty } from '../rows.ts';
import { readBirthday } from './birthday.ts';
import type { RawCard, RefusedCard } from './card-lines.ts';
import { readPhoto } from './photo.ts';
import { type Property, parameterOf, parseProperty, typesOf } from './property.ts';

/** What is kept of a card beside what this suite knows. */
const maxKeptCharacters = 64 * 1024;
const maxValueCharacters = 64 * 1024;
/** Properties that are made anew whenever a card goes out. */
const ours = new Set(['BEGIN', 'END', 'VERSION', 'PRODID', 'REV', 'X-ABSHOWAS']);

const components = (value: string): string[] =>
  splitEscaped(value, ';').map((part) => splitEscaped(part, ',').map(unescapeText).join(' '));
const placeOf = (types: Set<string>) => (types.has('work') ? 'work' : types.has('home') ? 'home' : 'other');
const isFirst = (property: Property): boolean =>
  typesOf(property).has('pref') || parameterOf(property, 'PREF') === '1';

/**
 * Reads one card of version 3.0 or 4.0 (RFC 2426, RFC 6350). What this suite does not know is kept as it stands there; what it
 * knows and cannot hold is kept too, or left out with a remark.
 *
 * @returns a refusal with its line where nothing can be taken.
 */
export function readCard(raw: RawCard | RefusedCard): TakenCard | ImportFault {
  if ('refused' in raw) return { line: raw.line, code: raw.refused, detail: raw.detail };
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const properties: Property[] = [];
  for (const { line, bytes } of raw.lines) {
    const unreadable = (detail: string): ImportFault => ({ line, code: 'unreadable', detail });
    if (bytes.includes(0)) return unreadable('there is a NUL in it');
    let text: string;
    try {
      text = decoder.decode(bytes);
    } catch {
      return unreadable('it is not written in UTF-8');
    }
    const property = parseProperty(text, line);
    if (!property) return unreadable(`"${cut(text.replace(/\p{Cc}/gu, ' '), 40)}" is no line of a card`);
    properties.push(property);
  }
  const version = properties.find(({ name }) => name === 'VERSION')?.value.trim();
  if (version !== '3.0' && version !== '4.0') {
    return {
      line: raw.line,
      code: 'unreadable',
      detail: version ? `vCard ${oneLine(version, 10)}; save it as 3.0 or 4.0` : 'VERSION is missing',
    };
  }
  return takeProperties(raw.line, properties);
}

function takeProperties(line: number, properties: readonly Property[]): TakenCard | ImportFault {
  const draft: Draft = emptyDraft();
  const { numbers, emails, sip, addresses, webPages, languages, labels } = draft;
  const kept: KeptProperty[] = [];
  const remarks: ImportFault[] = [];
  const notes: string[] = [];
  let keptCharacters = 0;
  let photo: Buffer | null = null;
  let fullName = '';

  const remark = (property: Property, code: ImportFault['code'], detail: string): void => {
    remarks.push({ line: property.line, code, detail });
  };
  const keep = (property: Property): void => {
    const value = property.value.replace(/\p{Cc}+/gu, ' ');
    keptCharacters += value.length + 100;
    if (keptCharacters > maxKeptCharacters) {
      remark(property, 'cut', property.name);
      return;
    }
    const parameters: Record<string, string[]> = {};
    for (const { name: parameter, values } of property.parameters) {
      const key = parameter.toLowerCase();
      // A parameter may be there twice (TYPE=home;TYPE=voice), which is the same as a list.
      parameters[key] = [...(parameters[key] ?? []), ...values.map((each) => oneLine(each, 500))];
    }
    // RFC 7095 §5.1: a value whose type is not known is handed on as it stands there, escaped.
    kept.push([
      property.name.toLowerCase(),
      property.group === null ? parameters : { ...parameters, group: property.group },
      'unknown',
      value,
    ]);
  };
  /** Puts one into a list, or keeps the property where the list is full or does not take it. */
  const put = <T>(
    property: Property,
    list: T[],
    field: 'numbers' | 'emails' | 'sip' | 'addresses' | 'webPages' | 'languages',
    max: number,
    value: T,
  ): void => {
    if (list.length >= max || !contactInputSchema.shape[field].safeParse([value]).success) {
      keep(property);
    } else if (isFirst(property)) list.unshift(value);
    else list.push(value);
  };
  const text = (property: Property, max: number, value = unescapeText(property.value)): string => {
    const clean = oneLine(value, max);
    if (clean.length < value.trim().length) remark(property, 'cut', property.name);
    return clean;
  };

  for (const property of properties) {
    const { name, value } = property;
    const types = typesOf(property);
    if (name === 'PHOTO') {
      const read: ReturnType<typeof readPhoto> | null = photo === null ? readPhoto(property) : null;
      if (read === 'elsewhere' || read === null) keep(property);
      else if (read === 'unreadable') remark(property, 'photo', 'it is no picture, or too large');
      else photo = read;
      continue;
    }
    if (value.length > maxValueCharacters) {
      remark(property, 'cut', name);
      continue;
    }
    switch (name) {
      case 'FN':
        fullName ||= text(property, 200);
        break;
      case 'N': {
        const [family = '', given = '', additional = '', prefix = '', suffix = ''] = components(value);
        draft.family = oneLine(family, 120);
        draft.given = oneLine(given, 120);
        draft.additional = oneLine(additional, 120);
        draft.prefix = oneLine(prefix, 60);
        draft.suffix = oneLine(suffix, 60);
        break;
      }
      case 'NICKNAME':
        if (draft.nickname) keep(property);
        else draft.nickname = text(property, 120, splitEscaped(value, ',').map(unescapeText).join(', '));
        break;
      case 'ORG': {
        const [organisation = '', ...units] = splitEscaped(value, ';').map(unescapeText);
        if (draft.organisation) keep(property);
        else {
          draft.organisation = text(property, 200, organisation);
          // Departments have no place of their own: the whole line is, and goes out again while the company is the same.
          if (units.some(Boolean)) keep(property);
        }
        break;
      }
      case 'TITLE':
        if (draft.title) keep(property);
        else draft.title = text(property, 200);
        break;
      case 'TEL': {
        const uri = /^tel:([^;]*)(?:.*?;ext=([^;]*))?/i.exec(value);
        const typed = uri ? `${uri[1]}${uri[2] ? ` ext. ${uri[2]}` : ''}` : unescapeText(value);
        const label = types.has('fax') ? 'fax' : types.has('cell') ? 'mobile' : placeOf(types);
        put(property, numbers, 'numbers', bounds.numbers, { label, number: typed.trim() });
        break;
      }
      case 'EMAIL':
        put(property, emails, 'emails', bounds.emails, {
          label: placeOf(types),
          address: unescapeText(value)
            .replace(/^mailto:/i, '')
            .trim(),
        });
        break;
      case 'IMPP':
      case 'X-SIP':
        if (name === 'IMPP' && !/^sips?:/i.test(value)) keep(property);
        else
          put(property, sip, 'sip', bounds.emails, {
            label: placeOf(types),
            address: unescapeText(value).trim(),
          });
        break;
      case 'ADR': {
        const [box = '', more = '', street = '', city = '', region = '', postalCode = '', country = ''] =
          components(value);
        put(property, addresses, 'addresses', bounds.addresses, {
          label: placeOf(types),
          street: multipleLines([box, more, street].filter(Boolean).join('\n'), 500),
          city: oneLine(city, 120),
          region: oneLine(region, 120),
          postalCode: oneLine(postalCode, 30),
          country: oneLine(country, 120),
        });
        break;
      }
      case 'BDAY': {
        const day =
          draft.birthday === null ? readBirthday(value, parameterOf(property, 'X-APPLE-OMIT-YEAR')) : null;
        if (day) draft.birthday = day;
        else keep(property);
        break;
      }
      case 'URL':
        put(property, webPages, 'webPages', bounds.webPages, value.trim());
        break;
      case 'LANG':
      case 'X-LANG':
        put(property, languages, 'languages', bounds.languages, value.trim());
        break;
      case 'CATEGORIES':
        labels.push(
          ...splitEscaped(value, ',')
            .map((each) => oneLine(unescapeText(each), 40))
            .filter(Boolean),
        );
        break;
      case 'NOTE':
        notes.push(unescapeText(value));
        break;
      case 'KIND':
        if (/^org$/i.test(value.trim())) draft.kind = 'company';
        else if (!/^individual$/i.test(value.trim())) keep(property);
        break;
      default:
        if (name === 'X-ABSHOWAS' && /^company$/i.test(value.trim())) draft.kind = 'company';
        else if (!ours.has(name)) keep(property);
    }
  }
  if (labels.length > bounds.labels) remarks.push({ line, code: 'cut', detail: 'CATEGORIES' });
  draft.labels = within(labels, bounds.labels);
  const note = notes.join('\n\n');
  draft.notes = multipleLines(note, bounds.noteCharacters);
  if (note.length > bounds.noteCharacters) remarks.push({ line, code: 'cut', detail: 'NOTE' });
  // Where the name is what lists would make of its parts, the parts are enough.
  const bare = contactInputSchema.safeParse(draft);
  if (!bare.success) return { line, code: 'invalid', detail: bare.error.issues[0]?.path.join('.') ?? '' };
  if (fullName !== nameOf(bare.data)) draft.name = fullName;
  if (draft.kind === 'company' && draft.organisation === (fullName || nameOf(bare.data))) {
    draft.name = fullName || nameOf(bare.data);
    draft.organisation = '';
  }
  const input = contactInputSchema.parse(draft);
  if (nameOf(input) === '') return { line, code: 'nothing', detail: '' };
  return { line, input, kept, photo, remarks };
}
