import { StartError } from '@liaison/core/config';
import {
  type Difference,
  describedFacts,
  differenceLine,
  differences,
  type Facts,
  runningFacts,
} from './facts.ts';
import { deployedStack, renderState, type SiteAt } from './site-at.ts';
import { standingOf } from './standing.ts';
import { type RunningService, type RunningTask, type SwarmNode, shortName } from './swarm.ts';

/** A site as it is now: what runs, and what was deployed last. */
export interface SiteView {
  readonly at: SiteAt;
  readonly services: readonly RunningService[];
  readonly tasks: readonly RunningTask[];
  readonly nodes: readonly SwarmNode[];
  /** By names without the stack's. */
  readonly running: ReadonlyMap<string, Facts>;
  /** How what runs differs from what was deployed last: somebody changed it by hand. */
  readonly drift: readonly Difference[];
}

export async function viewSite(at: SiteAt): Promise<SiteView> {
  const { swarm } = at;
  // One after the other: each is a start of the docker program, perhaps over ssh.
  const services = await swarm.services();
  const networks = await swarm.networks(services);
  const nodes = await swarm.nodes();
  const running = new Map(
    services.map((one): [string, Facts] => [
      shortName(swarm.stack, one.Spec.Name),
      runningFacts(one, networks),
    ]),
  );
  const tasks = await swarm.tasks([...running.keys()]);
  const described = async () =>
    (await renderState(at, at.now.state, { make: false })).files.get('stack.yaml') ?? '';
  const drift = async () => {
    if (services.length === 0) return [];
    const deployed = await deployedStack(at);
    const from = (yaml: string) => differences(running, describedFacts(yaml, swarm.stack));
    const found = from(deployed ?? (await described()));
    if (found.length === 0 || deployed === undefined) return found;
    // A colleague may have deployed what is described since: then the files here are old, and nobody's hand was in it.
    return from(await described()).length === 0 ? [] : found;
  };
  return { at, services, tasks, nodes, running, drift: await drift() };
}

/** Refuses what was changed by hand, with the difference. */
export function checkDrift({ drift, at }: SiteView): void {
  if (drift.length === 0) return;
  const lines = drift.slice(0, 8).map(differenceLine);
  const more = drift.length > 8 ? `; and ${drift.length - 8} more` : '';
  throw new StartError({
    what: `what runs at ${at.id} contradicts what was deployed: ${lines.join('; ')}${more}`,
    mend: 'bring the change into site.ts and deploy it with site deploy, or drop it with --replace',
  });
}

/** What is not as it should be right now, in words; empty when every service has what it wants. */
export function unrest({ services, tasks, at }: SiteView): string[] {
  return services.flatMap((service) => {
    const standing = standingOf(service, tasks);
    const name = shortName(at.swarm.stack, service.Spec.Name);
    if (standing.state === 'done') return [];
    // A service that went back is whole again with what it had.
    if (standing.state === 'returned') {
      const wanted = service.Spec.Mode.Replicated?.Replicas ?? 0;
      const running = tasks.filter(
        (one) => one.ServiceID === service.ID && one.Status.State === 'running',
      ).length;
      return running >= wanted ? [] : [`${name}: ${running} of ${wanted} run (${standing.text})`];
    }
    return [
      `${name}: ${standing.running} of ${standing.wanted} run${standing.text === '' ? '' : ` (${standing.text})`}`,
    ];
  });
}

/** Refuses to begin something on a site that is not well. */
export function checkWhole(view: SiteView): void {
  const open = unrest(view);
  if (open.length === 0) return;
  throw new StartError({
    what: `the site is not whole: ${open.join('; ')}`,
    mend: 'wait until it is, or mend that first: status and logs show what is wrong',
  });
}

export function checkDeployed({ services, at }: SiteView): void {
  if (services.length > 0) return;
  throw new StartError({
    what: `nothing of ${at.swarm.stack} runs yet`,
    mend: 'deploy it with site create',
  });
}
