import type { SiteNode, SiteState } from '../../contract/index.ts';
import { checkpoint, fencePrimary, promoteStandby, wipeDatabase } from './database-steps.ts';
import { deployServices, endServices } from './deploy.ts';
import { type Docker, dockerAt } from './docker.ts';
import { joinSwarm, leaveSwarm, setAvailability, setRole } from './node-steps.ts';
import { performRestore } from './restore-steps.ts';
import { type SiteAt, withSiteState, writeFiles, writeState } from './site-at.ts';
import { runDoctor } from './site-doctor.ts';
import type { Step } from './steps.ts';

export interface Performing {
  readonly at: SiteAt;
  readonly before: SiteState;
  readonly wanted: SiteState;
  /** The file of identities that a restore opens its backup with; noted nowhere. */
  readonly identity?: string | undefined;
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
    case 'availability':
      return setAvailability({ swarm, site: at.now.site, node: step.node, to: step.to, say });
    case 'join': {
      const { site, deployment } = withSiteState(at, doing.wanted);
      const { node, docker } = engineOf(doing, step.node);
      const image = `${deployment.image}:${deployment.version}`;
      return joinSwarm({ swarm, site, node, docker, image, say });
    }
    case 'role':
      return setRole(swarm, step.node, step.to);
    case 'leave':
      return leaveSwarm(swarm, step.node, engineOf(doing, step.node).docker);
    case 'doctor':
      return runDoctor({ swarm, site: withSiteState(at, doing.wanted).site, without: step.without, say });
    case 'checkpoint':
      return checkpoint({
        swarm,
        primary: engineOf(doing, step.primary).docker,
        standby: engineOf(doing, step.standby).docker,
        node: step.primary,
        password: passwordOf(at),
        say,
      });
    case 'fence':
      return fencePrimary({
        swarm,
        node: step.node,
        docker: engineOf(doing, step.node).docker,
        epoch: step.epoch,
        image: at.now.deployment.images.postgres,
        say,
      });
    case 'promote':
      return promoteStandby({ swarm, docker: engineOf(doing, step.node).docker, epoch: step.epoch });
    case 'restore-begin':
    case 'restore-keys':
    case 'restore-fetch':
    case 'restore-database':
    case 'restore-play':
    case 'restore-blobs':
    case 'restore-end':
      return performRestore(step, {
        at,
        site: withSiteState(at, doing.wanted),
        identity: doing.identity,
        say,
      });
    case 'wipe':
      return wipeDatabase(swarm, engineOf(doing, step.node).docker);
  }
}

function passwordOf({ now: { site } }: SiteAt): string {
  if (site.postgres.kind !== 'managed') throw new Error('PostgreSQL is not ours');
  return site.postgres.password.secret;
}

/** A machine that was described, or is to be. */
function engineOf({ at, before, wanted }: Performing, name: string): { node: SiteNode; docker: Docker } {
  const nodes = [wanted, before].flatMap((state) => withSiteState(at, state).site.nodes);
  const node = nodes.find((one) => one.name === name);
  if (node === undefined) throw new Error(`${name} is no node of ${at.id}`);
  return { node, docker: dockerAt(node.docker, at.env) };
}
