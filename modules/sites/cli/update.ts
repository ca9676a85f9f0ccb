import { type Command, UsageError } from '@liaison/core/cli';
import { operateFlags, operateUsage, readWords } from './arguments.ts';
import { openSite, runOperation, siteValues, stepsLeftOut } from './on-site.ts';

export const update: Command = {
  name: 'update',
  usage: `SITE VERSION [--doctor] [--without STEP,…] ${operateUsage}`,
  summary: 'Put another version of the program on a site, in batches, and go back when one does not hold',
  async run(context, args) {
    const words = readWords(args, {
      names: ['SITE', 'VERSION'],
      flags: [...operateFlags, '--doctor'],
      values: [...siteValues, '--without'],
    });
    const [named = '', version = ''] = words.names;
    const { versionSchema } = await import('../contract/index.ts');
    const wrong = versionSchema.safeParse(version).error?.issues[0]?.message;
    if (wrong !== undefined) throw new UsageError(`${version} cannot be used: ${wrong}`);
    if (words.value('--without') !== undefined && !words.has('--doctor'))
      throw new UsageError('--without is for --doctor: which steps it leaves out');
    const at = await openSite(context, named, words);
    const { checkDeployed, checkWhole, planUpdate, runningLines } = await import('../server/index.ts');
    await runOperation({
      context,
      at,
      command: ['update', named, version],
      words,
      plan(view) {
        checkDeployed(view);
        checkWhole(view);
        const without = stepsLeftOut(words) ?? [];
        return planUpdate(view, version, words.has('--doctor') ? { without } : undefined);
      },
      after(view) {
        context.print('What runs now:');
        for (const line of runningLines(view)) context.print(line);
      },
    });
  },
};
