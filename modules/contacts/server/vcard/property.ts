/** One line of a card, taken apart: `item1.TEL;TYPE=work,pref:020 …`. */
export interface Property {
  /** Where it stands in the file. */
  readonly line: number;
  readonly group: string | null;
  /** In capitals. */
  readonly name: string;
  readonly parameters: readonly Parameter[];
  /** As it stands there, escaped. */
  readonly value: string;
}
export interface Parameter {
  /** In capitals. */
  readonly name: string;
  readonly values: readonly string[];
}

const begins = /^(?:([A-Za-z0-9-]{1,60})\.)?([A-Za-z0-9-]{1,60})/;
const parameterBegins = /;([A-Za-z0-9-]{1,60})(=)?/y;
const parameterValue = /"([^"]*)"|([^",;:]*)/y;
const maxParameters = 30;

/** RFC 6868 §3.2: line ends, quotes and the sign itself within parameters. */
const readParameter = (text: string): string =>
  text.replace(/\^(['n^])/g, (_, sign: string) => (sign === 'n' ? '\n' : sign === "'" ? '"' : '^'));
const writeParameter = (text: string): string => {
  const safe = text.replace(/\^/g, '^^').replace(/\r?\n/g, '^n').replace(/"/g, "^'");
  return /[,;:]/.test(safe) ? `"${safe}"` : safe;
};

/** RFC 6350 §3.3. @returns null for what is no such line. */
export function parseProperty(text: string, line: number): Property | null {
  const start = begins.exec(text);
  if (!start) return null;
  const parameters: Parameter[] = [];
  let at = start[0].length;
  while (text[at] === ';') {
    parameterBegins.lastIndex = at;
    const found = parameterBegins.exec(text);
    if (!found || parameters.length >= maxParameters) return null;
    at += found[0].length;
    const name = (found[1] ?? '').toUpperCase();
    if (!found[2]) {
      // Programs of the time of vCard 2.1 write TEL;HOME for TEL;TYPE=HOME.
      parameters.push({ name: 'TYPE', values: [name] });
      continue;
    }
    const values: string[] = [];
    for (;;) {
      parameterValue.lastIndex = at;
      const value = parameterValue.exec(text);
      if (!value) return null;
      at += value[0].length;
      values.push(readParameter(value[1] ?? value[2] ?? ''));
      if (text[at] !== ',') break;
      at += 1;
    }
    parameters.push({ name, values });
  }
  if (text[at] !== ':') return null;
  return {
    line,
    group: start[1] ?? null,
    name: (start[2] ?? '').toUpperCase(),
    parameters,
    value: text.slice(at + 1),
  };
}

/** A line of at most 75 octets and its folds, which never part a letter (RFC 6350 §3.2). */
export function formatProperty({ group, name, parameters, value }: Omit<Property, 'line'>): string {
  const text = `${group === null ? '' : `${group}.`}${name}${parameters
    .map((each) => `;${each.name}=${each.values.map(writeParameter).join(',')}`)
    .join('')}:${value}`;
  if (text.length <= 25) return `${text}\r\n`;
  const bytes = Buffer.from(text);
  if (bytes.length <= 75) return `${text}\r\n`;
  const pieces: string[] = [];
  for (let from = 0; from < bytes.length; ) {
    let to = Math.min(bytes.length, from + (from === 0 ? 75 : 74));
    // The second and later bytes of a letter begin with the bits 10.
    while (to < bytes.length && ((bytes[to] ?? 0) & 0xc0) === 0x80) to -= 1;
    pieces.push(bytes.toString('utf8', from, to));
    from = to;
  }
  return `${pieces.join('\r\n ')}\r\n`;
}

/** RFC 6350 §3.4; `\:` is what some programs add. */
export const unescapeText = (text: string): string =>
  text.replace(/\\([\\,;:nN])/g, (_, sign: string) => (sign === 'n' || sign === 'N' ? '\n' : sign));
export const escapeText = (text: string): string =>
  text.replace(/[\\,;]/g, (sign) => `\\${sign}`).replace(/\r\n|\r|\n/g, '\\n');

/** Splits at signs that are not escaped, and leaves what lies between escaped. */
export function splitEscaped(text: string, sign: ';' | ','): string[] {
  const parts: string[] = [];
  let from = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === sign) {
      parts.push(text.slice(from, at));
      from = at + 1;
    }
  }
  parts.push(text.slice(from));
  return parts;
}

/** What TYPE says, in small letters. */
export const typesOf = ({ parameters }: Property): Set<string> =>
  new Set(
    parameters
      .filter(({ name }) => name === 'TYPE')
      .flatMap(({ values }) => values.flatMap((value) => value.toLowerCase().split(','))),
  );
export const parameterOf = ({ parameters }: Property, name: string): string | undefined =>
  parameters.find((each) => each.name === name)?.values[0];
