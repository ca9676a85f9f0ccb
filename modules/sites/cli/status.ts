import type { Command } from '@liaison/core/cli';
import { readWords } from './arguments.ts';
import { openSite, siteValues } from './on-site.ts';

export const status: Command = {
  name: 'status',
  usage: 'SITE',
  summary: 'Say what runs at a site, on which nodes, in which version, and what is not as described',
  async run(context, args) {
    const words = readWords(args, { names: ['SITE'], values: siteValues });
    const at = await openSite(context, words.names[0] ?? '', words);
    const { statusLines } = await import('../server/index.ts');
    for (const line of await statusLines(at)) context.print(line);
  },
};
