import { foldText, type PersonSummary } from '@liaison/people';

type Named = Pick<PersonSummary, 'id' | 'name'>;

/** The `@…` that is being written before the caret. */
export function mentionAt(
  text: string,
  caret: number,
): { readonly start: number; readonly query: string } | null {
  const before = text.slice(Math.max(0, caret - 60), caret);
  const found = /(?:^|[\s(])@([\p{L}\p{M}\p{N}'’.-]*(?: [\p{L}\p{M}\p{N}'’.-]*)?)$/u.exec(before);
  if (!found) return null;
  const query = found[1]!;
  return { start: caret - query.length - 1, query };
}

/** Those of whose name a word starts with what is written, at most eight. */
export function matching<Person extends Named>(people: Iterable<Person>, query: string): Person[] {
  const wanted = foldText(query);
  const found: Person[] = [];
  for (const person of people) {
    const name = foldText(person.name);
    if (name.startsWith(wanted) || name.split(/[\s-]+/).some((word) => word.startsWith(wanted))) {
      found.push(person);
      if (found.length === 8) break;
    }
  }
  return found;
}

const inName = /[\p{L}\p{M}\p{N}]/u;

/**
 * `@Njeri Wambuto` as it is written becomes the mention that is sent. Longer names are looked for first; `chosen` decides
 * between people of one name.
 */
export function toMarkdown(
  text: string,
  people: Iterable<Named>,
  chosen: ReadonlyMap<string, string>,
): string {
  const byName = new Map<string, string>();
  for (const person of people) if (!byName.has(person.name)) byName.set(person.name, person.id);
  for (const [name, id] of chosen) byName.set(name, id);
  const names = [...byName.keys()]
    .filter((name) => text.includes(`@${name}`))
    .sort((a, b) => b.length - a.length);
  if (names.length === 0) return text;
  let made = '';
  let at = 0;
  while (at < text.length) {
    const sign = text.indexOf('@', at);
    if (sign < 0) break;
    made += text.slice(at, sign);
    const name = inName.test(text[sign - 1] ?? '')
      ? undefined
      : names.find(
          (each) => text.startsWith(each, sign + 1) && !inName.test(text[sign + 1 + each.length] ?? ''),
        );
    if (name === undefined) {
      made += '@';
      at = sign + 1;
    } else {
      made += `@[${name.replace(/[[\]\n]/g, ' ')}](person:${byName.get(name)})`;
      at = sign + 1 + name.length;
    }
  }
  return made + text.slice(at);
}

/** What is sent as it is written, for changing it: and who was meant. */
export function toWritten(body: string): { text: string; chosen: Map<string, string> } {
  const chosen = new Map<string, string>();
  const text = body.replace(
    /@\[([^\]\n]{1,200})\]\(person:([0-9a-f-]{36})\)/g,
    (_, name: string, id: string) => {
      chosen.set(name, id);
      return `@${name}`;
    },
  );
  return { text, chosen };
}
