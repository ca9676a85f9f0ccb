import {
  type Birthday,
  birthdaySchema,
  bounds,
  type CsvField,
  contactInputSchema,
  type ImportFault,
} from '../../contract/index.ts';
import { nameOf } from '../derive.ts';
import { multipleLines, oneLine, within } from '../import/clean-text.ts';
import { emptyDraft, type TakenCard } from '../import/taken-card.ts';
import { readBirthday } from '../vcard/birthday.ts';
import { restore } from './formulas.ts';
import type { RefusedRow, TableRow } from './table.ts';

type Place = 'work' | 'home' | 'other';

const placeOf = (kind: string): Place =>
  /work|business|bureau|profes|trabajo|trabalho|emprego|gesch[aä]ft|arbeit|dienst|b[uü]ro/i.test(kind)
    ? 'work'
    : /home|domicil|maison|casa|particular|residen|priva|person|pessoal/i.test(kind)
      ? 'home'
      : 'other';
const numberLabelOf = (kind: string): Place | 'mobile' | 'fax' =>
  /fax|t[eé]l[eé]cop/i.test(kind)
    ? 'fax'
    : /mobil|cel|handy|portable|m[oó]vil|telem/i.test(kind)
      ? 'mobile'
      : placeOf(kind);

/** Days as tables have them; one that could be read two ways is none. */
function readDay(text: string): Birthday | null | 'ambiguous' {
  const day = readBirthday(text);
  if (day) return day;
  const found = /^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})$/.exec(text);
  if (!found) return null;
  const [first, second, year] = found.slice(1).map(Number) as [number, number, number];
  const isDayFirst = text.includes('.') || first > 12;
  if (!isDayFirst && second <= 12 && first !== second) return 'ambiguous';
  const [d, month] = isDayFirst ? [first, second] : [second, first];
  const read = birthdaySchema.safeParse({ year, month, day: d });
  return read.success ? read.data : null;
}

/** Reads a record as a card, by what its columns are taken for. */
export function readRow(row: TableRow | RefusedRow, fields: readonly CsvField[]): TakenCard | ImportFault {
  const { line } = row;
  if ('refused' in row) return { line, code: 'unreadable', detail: row.refused };
  const draft = emptyDraft();
  const { numbers, emails, sip, addresses, webPages, languages, labels } = draft;
  const remarks: ImportFault[] = [];
  const notes: string[] = [];
  const placed = new Map<(typeof addresses)[number], { field: string; parts: Set<string> }>();
  let kind: string | null = null;

  const remark = (code: ImportFault['code'], at: number): void => {
    remarks.push({ line, code, detail: `${fields[at] ?? ''}: ${oneLine(row.cells[at] ?? '', 60)}` });
  };
  const put = <T>(
    at: number,
    list: T[],
    field: 'numbers' | 'emails' | 'sip' | 'webPages' | 'languages',
    max: number,
    value: T,
  ): void => {
    if (list.length >= max) remark('cut', at);
    else if (!contactInputSchema.shape[field].safeParse([value]).success) remark('invalid', at);
    else list.push(value);
  };
  const single = (
    at: number,
    field:
      | 'name'
      | 'prefix'
      | 'given'
      | 'additional'
      | 'family'
      | 'suffix'
      | 'nickname'
      | 'organisation'
      | 'title',
    max: number,
    text: string,
  ): void => {
    if (text.length > max) remark('cut', at);
    draft[field] ||= oneLine(text, max);
  };

  for (const [at, cell] of row.cells.entries()) {
    const field = fields[at] ?? 'skip';
    if (field === 'skip') continue;
    if (field === 'kind-of-next') {
      kind = cell.trim();
      continue;
    }
    const text = restore(cell).trim();
    const [family = '', place = ''] = field.split('-');
    // Google puts several into one cell with ::: between them.
    const several = text
      .split(':::')
      .map((each) => each.trim())
      .filter(Boolean);
    if (family === 'number' || family === 'email' || field === 'sip') {
      for (const value of several) {
        if (family === 'number') {
          const label = (kind ? numberLabelOf(kind) : place) as ReturnType<typeof numberLabelOf>;
          put(at, numbers, 'numbers', bounds.numbers, { label, number: value });
        } else {
          const label = kind ? placeOf(kind) : place === '' ? 'other' : (place as Place);
          if (field === 'sip') put(at, sip, 'sip', bounds.emails, { label, address: value });
          else put(at, emails, 'emails', bounds.emails, { label, address: value });
        }
      }
      kind = null;
      continue;
    }
    if (/^(street|city|region|postalCode|country)$/.test(family)) {
      // An address has each part once, but for its street; the next of a kind begins another.
      let open = [...placed].findLast(([, where]) => where.field === place);
      if (!open || (family !== 'street' && open[1].parts.has(family)) || kind !== null) {
        const address = {
          label: kind !== null ? placeOf(kind) : (place as Place),
          street: '',
          city: '',
          region: '',
          postalCode: '',
          country: '',
        };
        open = [address, { field: place, parts: new Set() }];
        placed.set(...open);
        kind = null;
      }
      const [address, { parts }] = open;
      parts.add(family);
      const part = family as 'street' | 'city' | 'region' | 'postalCode' | 'country';
      const max = { street: 500, city: 120, region: 120, postalCode: 30, country: 120 }[part];
      if (text.length > max) remark('cut', at);
      if (part === 'street')
        address.street = multipleLines([address.street, text].filter(Boolean).join('\n'), max);
      else address[part] = oneLine(text, max);
      continue;
    }
    if (text === '') continue;
    switch (field) {
      case 'name':
      case 'organisation':
      case 'title':
        single(at, field, 200, text);
        break;
      case 'given':
      case 'family':
      case 'additional':
      case 'nickname':
        single(at, field, 120, text);
        break;
      case 'prefix':
      case 'suffix':
        single(at, field, 60, text);
        break;
      case 'birthday': {
        // Outlook writes a day that is not known with zeros.
        if (/^[0/.-]+$/.test(text)) break;
        const day = readDay(text);
        if (day === null || day === 'ambiguous') remark('invalid', at);
        else draft.birthday = day;
        break;
      }
      case 'webPage':
        for (const page of several) {
          put(
            at,
            webPages,
            'webPages',
            bounds.webPages,
            /^[a-z]+:\/\//i.test(page) ? page : `https://${page}`,
          );
        }
        break;
      case 'language':
        for (const tag of several) put(at, languages, 'languages', bounds.languages, tag);
        break;
      case 'labels':
        labels.push(
          ...text
            .split(/:::|;/)
            .map((each) => oneLine(each.replace(/^\s*\*\s*/, ''), 40))
            // Google's own group of all.
            .filter((each) => each !== '' && !/^my ?contacts$/i.test(each)),
        );
        break;
      case 'notes':
        notes.push(text);
        break;
      case 'kind':
        if (/^(company|organi[sz]ation|entreprise|soci[eé]t[eé]|empresa|firma|unternehmen)$/i.test(text))
          draft.kind = 'company';
        break;
      default:
        break;
    }
  }
  addresses.push(
    ...[...placed.keys()]
      .filter(({ label: _, ...parts }) => Object.values(parts).some(Boolean))
      .slice(0, bounds.addresses),
  );
  if (labels.length > bounds.labels) remarks.push({ line, code: 'cut', detail: 'labels' });
  draft.labels = within(labels, bounds.labels);
  const note = notes.join('\n\n');
  if (note.length > bounds.noteCharacters) remarks.push({ line, code: 'cut', detail: 'notes' });
  draft.notes = multipleLines(note, bounds.noteCharacters);
  const read = contactInputSchema.safeParse(draft);
  if (!read.success) return { line, code: 'invalid', detail: read.error.issues[0]?.path.join('.') ?? '' };
  const input = read.data;
  if (input.name !== '' && input.name === nameOf({ ...input, name: '' })) input.name = '';
  if (nameOf(input) === '') return { line, code: 'nothing', detail: '' };
  return { line, input, kept: [], photo: null, remarks };
}
