import { readFile } from 'node:fs/promises';
import { type Command, UsageError } from '@liaison/core/cli';
import { StartError, storageError } from '@liaison/core/config';
import { operateFlags, operateUsage, readWords } from './arguments.ts';
import { openSite, runOperation, siteValues } from './on-site.ts';

export const service: Command = {
  name: 'service',
  usage: `add SITE FILE | remove SITE NAME ${operateUsage}`,
  summary: 'Deploy a further service from a Compose file, when it keeps to the rules of a site; or end it',
  async run(context, args) {
    const [verb = '', ...rest] = args;
    if (verb !== 'add' && verb !== 'remove') throw new UsageError('say add or remove');
    const words = readWords(rest, {
      names: ['SITE', verb === 'add' ? 'FILE' : 'NAME'],
      flags: operateFlags,
      values: siteValues,
    });
    const [named = '', what = ''] = words.names;
    const at = await openSite(context, named, words);
    const operating = await import('../server/index.ts');
    const { checkDeployed, deployedStack, furtherErrors, planService, planServiceGone } = operating;
    const text = verb === 'add' ? await readGiven(what) : '';
    await runOperation({
      context,
      at,
      command: ['service', verb, named, what],
      words,
      async plan(view) {
        checkDeployed(view);
        if (verb === 'remove') return planServiceGone(view, what);
        const read = operating.readFurtherService(text, at.now.site, await deployedStack(at));
        if (read.ok) return planService(view, read.name, read.service);
        throw new StartError({
          what: `${what} breaks the rules of a site: ${furtherErrors(read.errors)}`,
          mend: 'mend these fields',
        });
      },
    });
  },
};

async function readGiven(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw storageError(error, file);
  }
}
