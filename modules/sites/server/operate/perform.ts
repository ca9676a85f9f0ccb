import type { SiteState } from '../../contract/index.ts';
import { deployServices, endServices } from './deploy.ts';
import { type SiteAt, withSiteState, writeFiles, writeState } from './site-at.ts';
import type { Step } from './steps.ts';

export interface Performing {
  readonly at: SiteAt;
  readonly before: SiteState;
  readonly wanted: SiteState;
  say(line: string): void;
}

/** Does one step; doing it again does no harm. */
export async function perform(step: Step, doing: Performing): Promise<void> {
  const { at, say } = doing;
  const { swarm } = at;
  switch (step.kind) {
    case 'files':
      return writeFiles(at, step.as === 'before' ? 'kept' : doing.wanted);
    case 'state':
      return writeState(at, doing[step.as]);
    case 'deploy':
      return deployServices({
        swarm,
        folder: at.rendered,
        site: withSiteState(at, doing[step.as]).site,
        services: step.services,
        say,
      });
    case 'end':
      return endServices(swarm, step.services);
    case 'labels': {
      const docker = await swarm.manager();
      const present = (await swarm.nodes()).find(({ Description }) => Description.Hostname === step.node);
      // Removing a label that is not there is refused by Docker.
      const remove = step.remove.filter((label) => present?.Spec.Labels?.[label] !== undefined);
      await docker.run([
        ...['node', 'update'],
        ...step.add.flatMap((label) => ['--label-add', `${label}=yes`]),
        ...remove.flatMap((label) => ['--label-rm', label]),
        step.node,
      ]);
      return;
    }
    default:
      throw new Error(`nobody does ${step.kind} yet`);
  }
}
