import { type Command, UsageError } from '@liaison/core/cli';
import type { SiteNode } from '../contract/index.ts';
import { operateFlags, operateUsage, readWords, type Words } from './arguments.ts';
import { openSite, runOperation, siteValues } from './on-site.ts';

const verbs = ['add', 'drain', 'active', 'remove'];

export const node: Command = {
  name: 'node',
  usage: `add|drain|active|remove SITE NODE [--address IP --docker ADDRESS] [--worker] ${operateUsage}`,
  summary: 'Make a machine a node of a site, empty it, let it have tasks again, or take it away',
  async run(context, args) {
    const [verb = '', ...rest] = args;
    if (!verbs.includes(verb)) throw new UsageError(`say ${verbs.join(', ')}`);
    const words = readWords(rest, {
      names: ['SITE', 'NODE'],
      flags: [...operateFlags, '--worker'],
      values: [...siteValues, '--address', '--docker'],
    });
    const [named = '', name = ''] = words.names;
    const at = await openSite(context, named, words);
    const operating = await import('../server/index.ts');
    const { checkDeployed, planNodeActive, planNodeAdd, planNodeDrain, planNodeRemove, unrest } = operating;
    const added = verb === 'add' ? await machineOf(name, at.deployment.sites, words) : undefined;
    await runOperation({
      context,
      at,
      command: ['node', verb, named, name],
      words,
      plan(view) {
        checkDeployed(view);
        if (added !== undefined) return planNodeAdd(view, added);
        if (verb === 'drain') return planNodeDrain(view, name);
        if (verb === 'active') return planNodeActive(view, name);
        return planNodeRemove(view, name);
      },
      after(view) {
        const open = unrest(view);
        if (open.length > 0) context.print(`Not whole without it: ${open.join('; ')}`);
        if (verb === 'add') context.print(`Nothing moves to ${name} by itself: scale a process up.`);
      },
    });
  },
};

/** As described in `site.ts`, or as the options say. */
async function machineOf(
  name: string,
  sites: readonly { nodes: readonly SiteNode[] }[],
  words: Words,
): Promise<SiteNode> {
  const known = sites.flatMap(({ nodes }) => nodes).find((one) => one.name === name);
  const [address, docker] = [words.value('--address'), words.value('--docker')];
  if (known !== undefined && address === undefined && docker === undefined) return known;
  if (address === undefined || docker === undefined)
    throw new UsageError(`${name} is not described: say --address and --docker`);
  const { nodeSchema } = await import('../contract/index.ts');
  const parsed = nodeSchema.safeParse({ name, address, docker, manager: !words.has('--worker') });
  if (!parsed.success) {
    throw new UsageError(
      parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '),
    );
  }
  const other =
    known === undefined ? undefined : differing.find((field) => known[field] !== parsed.data[field]);
  // What is written is what holds: said otherwise here it would be overlooked.
  if (other !== undefined)
    throw new UsageError(
      `${name} is described with another ${other}: change it in site.ts, or leave it out here`,
    );
  return parsed.data;
}

const differing = ['address', 'docker', 'manager'] as const;
