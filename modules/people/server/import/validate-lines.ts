import type { Role } from '@liaison/core/contract';
import type { z } from 'zod';
import { foldText } from '../../contract/fold-text.ts';
import {
  addressSchema,
  extensionSchema,
  type Language,
  languageSchema,
  nameSchema,
  type PhoneNumber,
  type RefusedLine,
  shortLineSchema,
  timeZoneSchema,
} from '../../contract/index.ts';
import { loadNumberParser, type NumberParser } from '../phone-numbers.ts';
import type { RawLine } from './read-csv.ts';

/** An accepted line: what the person to be created is told to be. */
export interface ParsedLine {
  readonly line: number;
  readonly name: string;
  readonly address: string;
  readonly extension: string | null;
  readonly title: string | null;
  readonly office: string | null;
  readonly language?: Language;
  readonly timeZone?: string;
  readonly teams: readonly string[];
  readonly numbers: readonly PhoneNumber[];
  readonly role: Role;
}

/** What a list is held against. */
export interface ImportRules {
  /** Domains of the organisation. */
  readonly domains: ReadonlySet<string>;
  readonly takenAddresses: ReadonlySet<string>;
  readonly takenExtensions: ReadonlySet<string>;
  mayGive(role: Role): boolean;
  readonly region: string | undefined;
  readonly timeZone: string;
}

const roleNames: Record<string, Role> = {
  guest: 'guest',
  invite: 'guest',
  invitado: 'guest',
  convidado: 'guest',
  member: 'member',
  membre: 'member',
  miembro: 'member',
  membro: 'member',
  manager: 'manager',
  gestionnaire: 'manager',
  gestor: 'manager',
  owner: 'owner',
  proprietaire: 'owner',
  propietario: 'owner',
  proprietario: 'owner',
};

const languageNames: Record<string, Language> = {
  french: 'fr',
  francais: 'fr',
  frances: 'fr',
  english: 'en',
  anglais: 'en',
  ingles: 'en',
  spanish: 'es',
  espagnol: 'es',
  espanol: 'es',
  portuguese: 'pt',
  portugais: 'pt',
  portugues: 'pt',
};

/** What became of one line: accepted whole, or refused with every reason found. */
export type CheckedLine =
  | { readonly accepted: ParsedLine; readonly faults?: undefined }
  | { readonly accepted?: undefined; readonly faults: readonly RefusedLine[] };

/**
 * Makes what holds the lines of one list against the rules, in the order of the file: it remembers what stood in
 * earlier lines.
 */
export async function createLineCheck(rules: ImportRules): Promise<(raw: RawLine) => CheckedLine> {
  const parseNumber = await loadNumberParser();
  const firstAt = { address: new Map<string, number>(), extension: new Map<string, number>() };
  // Asking the platform for a time zone is slow, and a list names few of them.
  const zones = new Map<string, boolean>();
  const isZone = (zone: string): boolean => {
    let known = zones.get(zone);
    if (known === undefined) {
      known = timeZoneSchema.safeParse(zone).success;
      if (zones.size < 1000) zones.set(zone, known);
    }
    return known;
  };
  return (raw) => {
    const faults: RefusedLine[] = [];
    const fault = (column: string | null, code: RefusedLine['code'], message: string, value = '') =>
      void faults.push({ line: raw.line, column, code, message, value: value.slice(0, 100) });
    const parsed = parseLine(raw, { ...rules, parseNumber, isZone }, fault);
    if (raw.extra !== null) fault(null, 'columns', 'There are more values than columns.', raw.extra);
    for (const column of ['address', 'extension'] as const) {
      const value = parsed[column];
      if (!value) continue;
      const first = firstAt[column].get(value);
      if (first !== undefined) fault(column, 'twice-in-file', `Line ${first} has it too.`, value);
      else firstAt[column].set(value, raw.line);
    }
    const { name, address } = parsed;
    if (faults.length > 0 || name === undefined || address === undefined) return { faults };
    return { accepted: { ...parsed, name, address } };
  };
}

interface LineRules extends ImportRules {
  readonly parseNumber: NumberParser;
  readonly isZone: (zone: string) => boolean;
}
type Fault = (column: string, code: RefusedLine['code'], message: string, value?: string) => void;
type Draft = Omit<ParsedLine, 'name' | 'address'> & { name?: string; address?: string };

function parseLine({ line, values }: RawLine, rules: LineRules, fault: Fault): Draft {
  function parse<Output>(column: keyof typeof values, schema: z.ZodType<Output>): Output | undefined {
    const result = schema.safeParse(values[column] ?? '');
    if (result.success) return result.data;
    fault(column, 'invalid', result.error.issues[0]?.message ?? 'This is not right.', values[column]);
    return undefined;
  }
  const optional = (column: keyof typeof values) => (values[column] ?? '') !== '';

  const name = values.name ? parse('name', nameSchema) : undefined;
  if (!values.name) fault('name', 'missing', 'A name is needed.');
  let address = values.address ? parse('address', addressSchema) : undefined;
  if (!values.address) fault('address', 'missing', 'An address is needed.');
  if (address && !rules.domains.has(address.slice(address.indexOf('@') + 1))) {
    fault('address', 'not-allowed', 'This is not a domain of the organisation.', address);
    address = undefined;
  } else if (address && rules.takenAddresses.has(address)) {
    fault('address', 'taken', 'Somebody has this address already.', address);
  }
  const extension = optional('extension') ? (parse('extension', extensionSchema) ?? null) : null;
  if (extension && rules.takenExtensions.has(extension)) {
    fault('extension', 'taken', 'Somebody has this extension already.', extension);
  }
  const title = parse('title', shortLineSchema) ?? null;
  const office = parse('office', shortLineSchema) ?? null;
  let timeZone: string | undefined;
  if (optional('timezone')) {
    if (rules.isZone(values.timezone!)) timeZone = values.timezone!;
    else fault('timezone', 'invalid', 'This is no IANA time zone, such as Europe/Lisbon.', values.timezone);
  }
  let language: Language | undefined;
  if (optional('language')) {
    const word = foldText(values.language!).trim();
    // `pt-BR` is Portuguese enough for an interface.
    const code = languageSchema.safeParse(languageNames[word] ?? word.split(/[-_]/)[0]);
    if (code.success) language = code.data;
    else fault('language', 'invalid', 'Write fr, en, es or pt.', values.language);
  }
  let role: Role = 'member';
  if (optional('role')) {
    const known = roleNames[foldText(values.role!).trim()];
    if (!known) fault('role', 'invalid', 'Write guest, member, manager or owner.', values.role);
    else if (!rules.mayGive(known)) fault('role', 'not-allowed', 'You may not give this role.', values.role);
    else role = known;
  }
  const teams = [...new Set(parts(values.teams).map((team) => team.slice(0, 120)))];
  if (teams.length > 20) fault('teams', 'invalid', 'At most twenty teams.', values.teams);
  const numbers = new Map<string, PhoneNumber>();
  const typed = parts(values.numbers);
  if (typed.length > 10) fault('numbers', 'invalid', 'At most ten numbers.', values.numbers);
  for (const text of typed.slice(0, 10)) {
    const e164 =
      text.length > 40
        ? null
        : rules.parseNumber(text, { region: rules.region, timeZone: timeZone ?? rules.timeZone });
    if (e164 === null)
      fault('numbers', 'invalid', 'Write numbers with their country, such as +351 210 000 000.', text);
    else numbers.set(e164, { e164, label: 'work' });
  }
  return {
    line,
    ...(name === undefined ? {} : { name }),
    ...(address === undefined ? {} : { address }),
    extension,
    title,
    office,
    ...(language === undefined ? {} : { language }),
    ...(timeZone === undefined ? {} : { timeZone }),
    teams,
    numbers: [...numbers.values()],
    role,
  };
}

const parts = (text: string | undefined): string[] =>
  (text ?? '')
    .split(';')
    .map((part) => part.trim().replace(/\p{Cc}/gu, ' '))
    .filter((part) => part !== '');
