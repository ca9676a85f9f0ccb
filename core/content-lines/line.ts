/** A content line taken apart (RFC 5545 §3.1, RFC 6350 §3.3): `item1.TEL;TYPE=work,voice:020 …`. */
export interface ContentLine {
  /** vCard puts lines that belong together into one; iCalendar has none. */
  readonly group: string | null;
  /** In capitals. */
  readonly name: string;
  readonly parameters: readonly LineParameter[];
  /** As it stands there, escaped. */
  readonly value: string;
}
export interface LineParameter {
  /** In capitals. */
  readonly name: string;
  /** Empty where the name stands alone, as in `TEL;HOME:`. */
  readonly values: readonly string[];
}

export const maxLineParameters = 40;
const maxParameterValues = 1000;

const wholeName = /^[A-Za-z0-9-]{1,100}$/;
const begins = /^(?:([A-Za-z0-9-]{1,100})\.)?([A-Za-z0-9-]{1,100})/;
const parameterBegins = /;([A-Za-z0-9-]{1,100})(=)?/y;
const parameterValue = /"([^"]*)"|([^",;:]*)/y;

/** Whether it can be the name of a group, a line or a parameter. */
export const isLineName = (text: string): boolean => wholeName.test(text);

/** RFC 6868 §3.2: line ends, quotes and the sign itself within parameters. */
const readParameter = (text: string): string =>
  text.replace(/\^(['n^])/g, (_, sign: string) => (sign === 'n' ? '\n' : sign === "'" ? '"' : '^'));
const writeParameter = (text: string): string => {
  const safe = withoutControls(
    text
      .replace(/\^/g, '^^')
      .replace(/\r\n|\r|\n/g, '^n')
      .replace(/"/g, "^'"),
  );
  return /[,;:]/.test(safe) ? `"${safe}"` : safe;
};

/** Neither format has control characters but the tab; a line end among them would begin a line of somebody else's making. */
const withoutControls = (text: string): string => text.replace(/[^\P{Cc}\t]+/gu, ' ');

/** @returns null for what is no such line, or has more parameters than anybody writes. */
export function parseLine(text: string): ContentLine | null {
  const start = begins.exec(text);
  if (!start) return null;
  const parameters: LineParameter[] = [];
  let at = start[0].length;
  while (text[at] === ';') {
    parameterBegins.lastIndex = at;
    const found = parameterBegins.exec(text);
    if (!found || parameters.length >= maxLineParameters) return null;
    at += found[0].length;
    const values: string[] = [];
    while (found[2]) {
      parameterValue.lastIndex = at;
      const value = parameterValue.exec(text);
      if (!value || values.length >= maxParameterValues) return null;
      at += value[0].length;
      values.push(readParameter(value[1] ?? value[2] ?? ''));
      if (text[at] !== ',') break;
      at += 1;
    }
    parameters.push({ name: (found[1] ?? '').toUpperCase(), values });
  }
  if (text[at] !== ':') return null;
  return {
    group: start[1] ?? null,
    name: (start[2] ?? '').toUpperCase(),
    parameters,
    value: text.slice(at + 1),
  };
}

/** A line of at most 75 octets and its folds, which never part a letter (RFC 5545 §3.1, RFC 6350 §3.2). */
export function formatLine({ group, name, parameters, value }: ContentLine): string {
  const text = `${group === null ? '' : `${group}.`}${name}${parameters
    .map((each) => `;${each.name}=${each.values.map(writeParameter).join(',')}`)
    .join('')}:${withoutControls(value)}`;
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
