import { type Command, UsageError } from '@liaison/core/cli';
import { StartError } from '@liaison/core/config';
import { readWords } from './arguments.ts';
import { openSite, siteValues } from './on-site.ts';

const mostLines = 10_000;
/** A machine whose Docker answers nobody keeps docker waiting until the managers miss it, which takes about so long. */
const withinMs = 20_000;

export const logs: Command = {
  name: 'logs',
  usage: 'SITE SERVICE [--lines N]',
  summary: 'Show what all replicas of a service wrote last, 100 lines of each unless told',
  async run(context, args) {
    const words = readWords(args, { names: ['SITE', 'SERVICE'], values: [...siteValues, '--lines'] });
    const [named = '', service = ''] = words.names;
    const lines = words.value('--lines') ?? '100';
    if (!/^\d{1,5}$/.test(lines) || Number(lines) < 1 || Number(lines) > mostLines)
      throw new UsageError(`${lines} is no number from 1 to ${mostLines}`);
    const at = await openSite(context, named, words);
    const { DockerFailed, shortName } = await import('../server/index.ts');
    const known = (await at.swarm.services()).map(({ Spec }) => shortName(at.swarm.stack, Spec.Name));
    if (!known.includes(service)) {
      throw new StartError({
        what: `no service of ${at.swarm.stack} is called ${service}`,
        mend: known.length === 0 ? 'deploy the site with site create' : `name one of ${known.join(', ')}`,
      });
    }
    let cut: InstanceType<typeof DockerFailed> | undefined;
    const text = await at.swarm.read((docker) =>
      docker
        .run(['service', 'logs', '--timestamps', '--tail', lines, `${at.swarm.stack}_${service}`], {
          complaintsToo: true,
          timeoutMs: withinMs,
        })
        .catch((error: unknown) => {
          // Who said something of it is a manager that answers: another one would say no more.
          if (!(error instanceof DockerFailed) || error.printed === '') throw error;
          cut = error;
          return error.printed;
        }),
    );
    for (const line of text.split('\n')) context.print(line);
    if (cut === undefined) return;
    throw new StartError({
      what: `not every replica's machine gave its lines: ${cut.complaint}`,
      mend: `see with status which machine is down; what is above is from the others`,
    });
  },
};
