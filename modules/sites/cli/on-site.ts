import { resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import type { CommandContext } from '@liaison/core/cli';
import type { Plan, SiteAt, SiteView, Talk } from '../server/index.ts';
import type { Words } from './arguments.ts';

/** Options that say which site is meant. */
export const siteValues = ['--site', '--out'] as const;

/** The site that a command names, with its swarm. */
export async function openSite(context: CommandContext, named: string, words: Words): Promise<SiteAt> {
  const { loadDeployment, siteAt } = await import('../server/index.ts');
  const out = words.value('--out');
  return siteAt({
    loaded: await loadDeployment(named),
    named: words.value('--site'),
    rendered: out === undefined ? undefined : resolve(out),
    env: context.env,
  });
}

/** Runs an operation as its options say; see `operate`. */
export async function runOperation(options: {
  context: CommandContext;
  at: SiteAt;
  command: readonly string[];
  words: Words;
  /** Of a restore. */
  identity?: string;
  plan: (view: SiteView) => Plan | Promise<Plan>;
  after?: (view: SiteView) => void;
}): Promise<void> {
  const { context, at, command, words, identity, plan, after } = options;
  const { operate } = await import('../server/index.ts');
  await operate({
    at,
    command,
    flags: {
      replace: words.has('--replace'),
      takeOver: words.has('--take-over'),
      abandon: words.has('--abandon'),
    },
    talk: talkOf(context, words.has('--yes')),
    plan,
    identity,
    without: stepsLeftOut(words),
    ...(after === undefined ? {} : { after }),
  });
}

/** Of the doctor; undefined where nothing was said of it. */
export const stepsLeftOut = (words: Words): string[] | undefined => words.value('--without')?.split(',');

/** Asks on a terminal; without one, goes on only where `--yes` was given. */
export function talkOf(context: CommandContext, yes: boolean): Talk {
  return {
    print: context.print,
    progress: context.progress,
    async confirm() {
      if (yes) return true;
      if (!process.stdin.isTTY) return false;
      const lines = createInterface({ input: process.stdin, output: process.stderr });
      try {
        return /^y(es)?$/i.test((await lines.question('Go on? (yes, or anything else for no) ')).trim());
      } finally {
        lines.close();
      }
    },
  };
}
