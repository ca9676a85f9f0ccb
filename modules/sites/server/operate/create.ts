import { StartError } from '@liaison/core/config';
import { infoOf } from './managers.ts';
import { checkNodes } from './node-checks.ts';
import { beginSwarm } from './node-steps.ts';
import type { Talk } from './operate.ts';
import type { SiteAt } from './site-at.ts';

/**
 * Makes the first described manager the first of a swarm, where there is none yet: an operation has its lock and its nodes in that.
 * Answers whether there is a swarm now. All machines are looked at first.
 */
export async function createSite(at: SiteAt, talk: Talk): Promise<boolean> {
  const { site } = at.now;
  const first = site.nodes.find(({ manager }) => manager);
  if (first === undefined) {
    throw new StartError({ what: 'no node is a manager', mend: 'write manager: true for one' });
  }
  const docker = at.swarm.engine(first.name);
  const existing = await infoOf(docker)
    .then(({ Swarm }) => Swarm.ControlAvailable === true)
    .catch(() => false);
  if (existing) return true;
  await checkNodes({
    nodes: site.nodes,
    engine: ({ name }) => at.swarm.engine(name),
    manager: undefined,
    members: new Set(),
  });
  talk.print(`${at.swarm.stack}: ${first.name} becomes the first manager of a new swarm`);
  talk.print(
    `Then ${site.nodes.length - 1} other nodes join, and everything is deployed: that plan is shown once the swarm is there.`,
  );
  if (!(await talk.confirm())) {
    talk.print('Nothing was changed. With --yes it is done.');
    return false;
  }
  talk.progress(`Make a swarm on ${first.name}`);
  await beginSwarm(docker, first);
  return true;
}
