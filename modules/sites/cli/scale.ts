import { type Command, UsageError } from '@liaison/core/cli';
import { operateFlags, operateUsage, readWords } from './arguments.ts';
import { openSite, runOperation, siteValues } from './on-site.ts';

export const scale: Command = {
  name: 'scale',
  usage: `SITE DUTY N ${operateUsage}`,
  summary: 'Run as many replicas of a process, named by its name or by a duty that it alone does',
  async run(context, args) {
    const words = readWords(args, { names: ['SITE', 'DUTY', 'N'], flags: operateFlags, values: siteValues });
    const [named = '', duty = '', count = ''] = words.names;
    if (!/^\d{1,2}$/.test(count) || Number(count) < 1 || Number(count) > 64)
      throw new UsageError(`${count} is no number from 1 to 64`);
    const at = await openSite(context, named, words);
    const { checkDeployed, planScale } = await import('../server/index.ts');
    await runOperation({
      context,
      at,
      command: ['scale', named, duty, count],
      words,
      plan(view) {
        checkDeployed(view);
        return planScale(view, duty, Number(count));
      },
    });
  },
};
