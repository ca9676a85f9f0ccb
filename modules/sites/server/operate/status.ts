import { differenceLine } from './facts.ts';
import { lastOperations, readJournal } from './journal.ts';
import { holderOf } from './lock.ts';
import type { SiteAt } from './site-at.ts';
import { standbySays } from './standby-state.ts';
import { runningVersions, standingOf, versionOf } from './standing.ts';
import { type SwarmNode, shortName } from './swarm.ts';
import { viewSite } from './view.ts';

/** A site in a screenful: services, nodes, what is not as described, and who does or did something. */
export async function statusLines(at: SiteAt): Promise<string[]> {
  const view = await viewSite(at);
  const { services, tasks, nodes, drift } = view;
  const { site, deployment } = at.now;
  const versions = runningVersions(services, tasks);
  const says = await standbySays(at);
  const nodeNames = new Map(nodes.map(({ ID, Description }) => [ID, Description.Hostname]));
  const lines = [
    `${at.swarm.stack}: ${site.region}, ${site.host}, described as version ${deployment.version}`,
  ];
  if (services.length === 0) lines.push('Nothing runs yet: npm run liaison -- site create');
  const rows = services
    .toSorted((a, b) => a.Spec.Name.localeCompare(b.Spec.Name))
    .map((service) => {
      const standing = standingOf(service, tasks);
      const own = tasks.filter(
        ({ ServiceID, Status }) => ServiceID === service.ID && Status.State === 'running',
      );
      const running = [...(versions.get(service.Spec.Name) ?? [])].map(([version, count]) =>
        count === own.length ? version : `${version} (${count})`,
      );
      const on = [...new Set(own.map(({ NodeID }) => nodeNames.get(NodeID ?? '') ?? '?'))].toSorted();
      const name = shortName(at.swarm.stack, service.Spec.Name);
      const notes = [standing.state === 'done' ? '' : standing.text, name === 'postgres-standby' ? says : ''];
      return [
        name,
        `${own.length}/${service.Spec.Mode.Replicated?.Replicas ?? '?'}`,
        running.join(' and ') || `not ${versionOf(service.Spec.TaskTemplate.ContainerSpec.Image)}`,
        on.join(', '),
        notes.filter(Boolean).join('; '),
      ];
    });
  lines.push(...columns([['service', 'runs', 'version', 'on', ''], ...rows]));
  const machines = nodes
    .toSorted((a, b) => a.Description.Hostname.localeCompare(b.Description.Hostname))
    .map((node) => [
      node.Description.Hostname,
      nodeWords(node),
      site.nodes.find(({ name }) => name === node.Description.Hostname)?.address ?? 'not described',
      `Docker ${node.Description.Engine?.EngineVersion ?? '?'}`,
    ]);
  const absent = site.nodes.filter(({ name }) => !machines.some(([known]) => known === name));
  lines.push(
    '',
    ...columns([
      ['node', 'is', 'address', ''],
      ...machines,
      ...absent.map(({ name, address }) => [name, 'not in the swarm', address, '']),
    ]),
  );
  if (drift.length > 0) {
    lines.push('', 'Changed by hand, against what was deployed:');
    lines.push(...drift.slice(0, 20).map((one) => `  ${differenceLine(one)}`));
  }
  const [holder, open] = [await holderOf(at.swarm), await readJournal(at.rendered)];
  if (holder !== undefined) lines.push('', `${holder.who} works on it since ${holder.at}: ${holder.command}`);
  if (open !== undefined) {
    lines.push(
      '',
      `Not ended: ${open.command.join(' ')}, ${open.done.length} of ${open.steps.length} steps done; the same command goes on`,
    );
  }
  const past = await lastOperations(at.rendered, 5);
  if (past.length > 0) lines.push('', 'Last operations from here:');
  for (const { at: when, who, command, result, seconds, text } of past) {
    const took = seconds === undefined ? '' : ` in ${seconds} s`;
    lines.push(
      `  ${when.slice(0, 19)}Z ${who} ${command}: ${result}${took}${text === undefined ? '' : ` (${text.slice(0, 200)})`}`,
    );
  }
  return lines;
}

function nodeWords({ Spec, Status, ManagerStatus }: SwarmNode): string {
  const role = ManagerStatus === undefined ? 'worker' : ManagerStatus.Leader === true ? 'leader' : 'manager';
  const away =
    Status.State === 'ready'
      ? ''
      : `, ${Status.State}${Status.Message === undefined ? '' : ` (${Status.Message})`}`;
  const reach =
    ManagerStatus === undefined || ManagerStatus.Reachability === 'reachable'
      ? ''
      : ', no manager reaches it';
  return `${role}${Spec.Availability === 'active' ? '' : `, ${Spec.Availability}`}${away}${reach}`;
}

/** Columns as wide as their widest. */
function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]?.map((_, at) => Math.max(...rows.map((row) => (row[at] ?? '').length))) ?? [];
  return rows.map((row) => `  ${row.map((text, at) => text.padEnd(widths[at] ?? 0)).join('  ')}`.trimEnd());
}
