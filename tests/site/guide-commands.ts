import { readFile } from 'node:fs/promises';

const guide = (page: string) => new URL(`../../docs/operations/${page}.md`, import.meta.url);
/** Commands whose first two words say together what they do. */
const twofold = new Set(['site', 'node', 'service']);

/** What an administrator's guide tells to type: each of our commands as its words, and every other line as it stands. */
export async function commandsOfGuide(page: string): Promise<{ ours: string[][]; others: string[] }> {
  const text = await readFile(guide(page), 'utf8');
  const fenced = [...text.matchAll(/^ *```sh\n(.*?)^ *```$/gms)].flatMap(([, lines = '']) =>
    lines.trim().split('\n'),
  );
  const inline = [...text.matchAll(/`(npm run liaison -- [^`]+)`/g)].map(([, line = '']) => line);
  const ours: string[][] = [];
  const others: string[] = [];
  for (const line of [...fenced, ...inline].map((each) => each.trim())) {
    const [, words] = /^npm run liaison -- (.+)$/.exec(line) ?? [];
    if (words === undefined) others.push(line);
    else ours.push(words.split(/\s+/));
  }
  return { ours, others };
}

/** Which of the first are given in none of the second: of the same verb, with the same options, whatever their values. */
export function notGiven(told: readonly string[][], given: readonly string[][]): string[] {
  const kinds = new Set(given.map(kindOf));
  return told.filter((words) => !kinds.has(kindOf(words))).map((words) => words.join(' '));
}

/** Whether it is about machines, or where the database is. */
export const isOfMachines = ([verb = '']: readonly string[]): boolean => ['node', 'failover'].includes(verb);

function kindOf(words: readonly string[]): string {
  const verb = words.slice(0, twofold.has(words[0] ?? '') ? 2 : 1);
  // Whether it asks or was told beforehand to go on.
  const options = words.filter((word) => word.startsWith('--') && word !== '--yes');
  return [...verb, ...options.toSorted()].join(' ');
}
