import { type Site, type SiteNode, takesHostPorts } from '../../contract/index.ts';
import { type Difference, differences, type Facts } from './facts.ts';
import type { Step } from './steps.ts';

/** The labels of a swarm's node that are ours to set. */
export const ourLabel = (label: string): boolean => label.startsWith('liaison.');

/**
 * The order in which services change: what others stand on first, then one process that carries no calls as a trial, then the
 * others without and with calls, and the doors last. Those of one batch change at the same time.
 */
export function batchesOf(services: readonly string[], site: Site): string[][] {
  const left = new Set(services);
  const take = (names: readonly string[]): string[] => names.filter((name) => left.delete(name));
  const quiet = site.processes.filter((one) => !takesHostPorts(one));
  const trial = quiet.toSorted(
    (a, b) =>
      Number(a.duties.includes('live')) - Number(b.duties.includes('live')) || a.replicas - b.replicas,
  )[0];
  const batches = [
    take(['postgres-standby']),
    take(['postgres']),
    take(['nats']),
    take(trial === undefined ? [] : [trial.name]),
    take(quiet.map(({ name }) => name)),
    take(site.processes.map(({ name }) => name)),
    take(['edge', 'turn']),
    [...left].toSorted(),
  ];
  return batches.filter((batch) => batch.length > 0);
}

/** The steps that bring the running services to what is described; none where nothing differs. */
export function planChanges(options: {
  site: Site;
  running: ReadonlyMap<string, Facts>;
  wanted: ReadonlyMap<string, Facts>;
}): Step[] {
  const { site, running, wanted } = options;
  const differ = differences(running, wanted);
  const gone = [...running.keys()].filter((name) => !wanted.has(name));
  const changed = [...new Set(differ.map(({ service }) => service))].filter((name) => wanted.has(name));
  // Where nothing runs yet, everything begins together and finds each other.
  const batches = running.size === 0 && changed.length > 0 ? [changed] : batchesOf(changed, site);
  return [
    ...batches.map(
      (services, at): Step => ({
        kind: 'deploy',
        id: `deploy-${at + 1}`,
        as: 'wanted',
        services,
        text: `Deploy ${services.map((name) => changeText(name, differ)).join('; ')}`.slice(0, 490),
      }),
    ),
    ...(gone.length === 0
      ? []
      : [{ kind: 'end' as const, id: 'end', services: gone, text: `End ${gone.join(', ')}` }]),
  ];
}

/** `front (replicas 2 → 3)`. */
function changeText(service: string, differ: readonly Difference[]): string {
  const of = differ.filter((one) => one.service === service);
  if (of.some(({ field }) => field === '')) return `${service} (new)`;
  const shown = of.slice(0, 4).map(({ field, running, described }) => {
    const brief = (value: string | undefined) =>
      value === undefined || value === '' ? 'nothing' : value.slice(-60);
    return `${field} ${brief(running)} → ${brief(described)}`;
  });
  return `${service} (${shown.join(', ')}${of.length > 4 ? ` and ${of.length - 4} more fields` : ''})`;
}

/** The steps that give nodes the labels that services look for; nodes that the swarm does not have are left out. */
export function planLabels(options: {
  nodes: readonly Pick<SiteNode, 'name'>[];
  wanted: ReadonlyMap<string, readonly string[]>;
  /** Labels that are set, by node. */
  present: ReadonlyMap<string, readonly string[]>;
}): Step[] {
  const { nodes, wanted, present } = options;
  const steps: Step[] = [];
  for (const { name } of nodes) {
    const now = present.get(name);
    if (now === undefined) continue;
    const meant = wanted.get(name) ?? [];
    const add = meant.filter((label) => !now.includes(label));
    const remove = now.filter((label) => ourLabel(label) && !meant.includes(label));
    if (add.length + remove.length === 0) continue;
    const changes = [...add.map((one) => `+${one}`), ...remove.map((one) => `-${one}`)].join(' ');
    steps.push({
      kind: 'labels',
      id: `labels-${name}`,
      node: name,
      add,
      remove,
      text: `Label ${name}: ${changes}`,
    });
  }
  return steps;
}
