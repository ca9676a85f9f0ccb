import type { Command } from '@liaison/core/cli';
import { operateFlags, operateUsage, readWords } from './arguments.ts';
import { openSite, runOperation, siteValues } from './on-site.ts';

export const failover: Command = {
  name: 'failover',
  usage: `SITE [--standby NODE] ${operateUsage}`,
  summary: "Let PostgreSQL's standby take the primary's place; --standby makes a new standby on a node",
  async run(context, args) {
    const words = readWords(args, {
      names: ['SITE'],
      flags: operateFlags,
      values: [...siteValues, '--standby'],
    });
    const [named = ''] = words.names;
    const standby = words.value('--standby');
    const at = await openSite(context, named, words);
    const { checkDeployed, planFailover, planStandby } = await import('../server/index.ts');
    await runOperation({
      context,
      at,
      command: ['failover', named, ...(standby === undefined ? [] : ['--standby', standby])],
      words,
      plan(view) {
        checkDeployed(view);
        return standby === undefined ? planFailover(view) : planStandby(view, standby);
      },
      after() {
        if (standby === undefined)
          context.print('There is no standby now: failover SITE --standby NODE makes one.');
      },
    });
  },
};
