import { type Definition, definitions } from './definitions.ts';
import { type Environment, textOf } from './settings.ts';

const all: Definition[] = Object.values<Definition>(definitions);

/** The settings as a Markdown table, for the README. */
export function settingsMarkdown(): string {
  const rows = all.map((definition) => {
    const unset = definition.fallback === undefined ? definition.unset : `\`${definition.fallback}\``;
    return `| \`${definition.name}\` | ${unset ?? ''} | ${definition.meaning} |`;
  });
  return ['| setting | default | meaning |', '|---|---|---|', ...rows, ''].join('\n');
}

/** The settings as they are in this environment, for a terminal. Secrets are not shown. */
export function settingsText(env: Environment): string {
  const blocks = all.map((definition) => {
    const given = env[definition.name]?.trim();
    const isSet = given !== undefined && given !== '';
    const value = isSet && definition.secret ? '(set, not shown)' : textOf(env, definition);
    const source = isSet ? 'set' : 'default';
    const shown =
      value === undefined ? `(not set: ${definition.unset ?? 'nothing'})` : `${value}  (${source})`;
    return `${definition.name}\n  ${shown}\n  ${definition.meaning.replaceAll('`', '')}.\n  For example ${definition.example}`;
  });
  return `${blocks.join('\n\n')}\n`;
}
