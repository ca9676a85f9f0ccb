import { UsageError } from '@liaison/core/cli';

/** What was written after a command's name. */
export interface Words {
  /** Everything that is no option. */
  readonly names: readonly string[];
  has(flag: string): boolean;
  value(option: string): string | undefined;
}

/** Options that every command has which changes a site. */
export const operateFlags = ['--yes', '--replace', '--take-over', '--abandon'] as const;
export const operateUsage = '[--yes]';

/**
 * @param names what the command wants to be told, for the error: `['SITE', 'VERSION']`
 * @param flags options without a value
 * @param values options with one
 */
export function readWords(
  args: readonly string[],
  {
    names,
    flags = [],
    values = [],
  }: { names: readonly string[]; flags?: readonly string[]; values?: readonly string[] },
): Words {
  const given = new Map<string, string>();
  const said = new Set<string>();
  const found: string[] = [];
  for (let at = 0; at < args.length; at++) {
    const word = args[at] ?? '';
    if (flags.includes(word)) said.add(word);
    else if (values.includes(word)) {
      at += 1;
      const value = args[at];
      if (value === undefined || value === '') throw new UsageError(`${word} needs a value`);
      given.set(word, value);
    } else if (word.startsWith('-')) throw new UsageError(`${word} is not an option`);
    else found.push(word);
  }
  if (found.length < names.length) throw new UsageError(`say ${names.slice(found.length).join(' and ')}`);
  if (found.length > names.length) {
    throw new UsageError(`${found[names.length]} is one word too many: say ${names.join(' ')}`);
  }
  return { names: found, has: (flag) => said.has(flag), value: (option) => given.get(option) };
}
