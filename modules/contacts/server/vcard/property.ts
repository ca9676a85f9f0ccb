import { type ContentLine, parseLine } from '@liaison/core/content-lines';

/** One line of a card, taken apart: `item1.TEL;TYPE=work,pref:020 …`. */
export interface Property extends ContentLine {
  /** Where it stands in the file. */
  readonly line: number;
}

/** RFC 6350 §3.3. @returns null for what is no such line. */
export function parseProperty(text: string, line: number): Property | null {
  const parsed = parseLine(text);
  if (!parsed) return null;
  // Programs of the time of vCard 2.1 write TEL;HOME for TEL;TYPE=HOME.
  const parameters = parsed.parameters.map((each) =>
    each.values.length === 0 ? { name: 'TYPE', values: [each.name] } : each,
  );
  return { ...parsed, parameters, line };
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
