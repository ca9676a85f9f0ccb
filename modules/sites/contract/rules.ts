import type { DescriptionError } from './define.ts';
import type { Deployment, Site, SiteProcess } from './deployment.ts';
import { type Ports, portsText } from './fields.ts';

/** Whether each replica takes ports of its node for itself, so that a node bears one of them. */
export const takesHostPorts = (process: Pick<SiteProcess, 'duties'>): boolean =>
  process.duties.includes('sip') || process.duties.includes('media');

/** The nodes on which a process may run. */
export const nodesOf = (site: Site, process: Pick<SiteProcess, 'nodes'>): readonly string[] =>
  process.nodes ?? site.nodes.map(({ name }) => name);

/** Whether a process keeps the site's backups, or may take that over: a worker, for a folder one that is always beside it. */
export function keepsBackups(site: Site, process: Pick<SiteProcess, 'duties' | 'nodes'>): boolean {
  const to = site.backups?.to;
  if (to === undefined || !process.duties.includes('worker')) return false;
  return to.kind === 's3' || nodesOf(site, process).every((node) => node === to.node);
}

/** What fields that are right by themselves get wrong together. */
export function contradictions(deployment: Deployment): DescriptionError[] {
  const errors: DescriptionError[] = [];
  doubles(
    deployment.sites.map(({ id }) => id),
    (at, id) =>
      errors.push({
        field: `sites[${at}].id`,
        what: `two sites have the id ${id}`,
        mend: 'give each its own: the id is in everything that a site makes',
      }),
  );
  doubles(
    deployment.sites.map(({ host }) => host),
    (at, host) =>
      errors.push({
        field: `sites[${at}].host`,
        what: `two sites are reached as ${host}`,
        mend: 'give each its own host name',
      }),
  );
  doubles(
    deployment.sites.flatMap(({ nodes }) => nodes.map(({ address }) => address)),
    (_, address) =>
      errors.push({
        field: 'sites',
        what: `two nodes have the address ${address}`,
        mend: 'describe each machine once, with its own address',
      }),
  );
  for (const [at, site] of deployment.sites.entries()) {
    const say = (path: string, what: string, mend: string) =>
      errors.push({ field: `sites[${at}].${path}`, what, mend });
    for (const rule of rules) rule(site, say);
  }
  return errors;
}

type Say = (path: string, what: string, mend: string) => void;
type Rule = (site: Site, say: Say) => void;

const names: Rule = (site, say) => {
  doubles(
    site.nodes.map(({ name }) => name),
    (at, name) => say(`nodes[${at}].name`, `two nodes are called ${name}`, 'give each its own name'),
  );
  doubles(
    site.processes.map(({ name }) => name),
    (at, name) => say(`processes[${at}].name`, `two processes are called ${name}`, 'give each its own name'),
  );
  for (const [at, { name }] of site.processes.entries()) {
    if (!reserved.has(name)) continue;
    say(`processes[${at}].name`, `${name} is the name of another service`, 'choose another name');
  }
  const managers = site.nodes.filter(({ manager }) => manager).length;
  if (managers === 0 || managers > 7 || (managers % 2 === 0 && site.nodes.length > 2)) {
    say(
      'nodes',
      `${managers} of them are managers`,
      'make one, three or five of them managers (manager: false for the others): a half decides nothing',
    );
  }
};

const oneMachine: Rule = (site, say) => {
  if (site.runs !== 'compose') return;
  if (site.nodes.length > 1) {
    say('runs', `Compose runs one machine, and there are ${site.nodes.length}`, "write runs: 'swarm'");
  }
  if (site.processes.some(({ replicas }) => replicas > 1)) {
    say('processes', 'Compose runs one of each process', "write replicas: 1, or runs: 'swarm'");
  }
};

/** Names that services have which are not processes of ours. */
const reserved = new Set([
  ...['postgres', 'postgres-standby', 'nats', 'edge', 'turn', 'prometheus', 'grafana', 'tasks'],
]);

/** Every place that names a node. */
const knownNodes: Rule = (site, say) => {
  const known = new Set(site.nodes.map(({ name }) => name));
  const ask = (path: string, node: string | undefined) => {
    if (node === undefined || known.has(node)) return;
    say(path, `there is no node ${node}`, `name one of ${[...known].join(', ')}`);
  };
  for (const [at, process] of site.processes.entries()) {
    for (const [which, node] of (process.nodes ?? []).entries())
      ask(`processes[${at}].nodes[${which}]`, node);
  }
  if (site.postgres.kind === 'managed') {
    ask('postgres.primary', site.postgres.primary);
    ask('postgres.standby', site.postgres.standby);
  }
  if (site.blobs.kind === 'folder') ask('blobs.node', site.blobs.node);
  for (const [at, node] of (site.edge?.nodes ?? []).entries()) ask(`edge.nodes[${at}]`, node);
  ask('turn.node', site.turn?.node);
  if (site.backups?.to.kind === 'folder') ask('backups.to.node', site.backups.to.node);
  ask('monitoring.node', site.monitoring?.node);
};

const backups: Rule = (site, say) => {
  const to = site.backups?.to;
  if (to?.kind !== 'folder' || site.processes.some((process) => keepsBackups(site, process))) return;
  say(
    'backups.to.node',
    `no worker stays on ${to.node}, and only there is that folder`,
    `add a process with the duty worker and nodes: ['${to.node}'], or name a bucket`,
  );
};

const processes: Rule = (site, say) => {
  for (const [at, process] of site.processes.entries()) {
    const nodes = new Set(nodesOf(site, process)).size;
    if (takesHostPorts(process) && process.replicas > nodes) {
      say(
        `processes[${at}].replicas`,
        `${process.replicas} replicas take ports of their nodes for themselves, and there are ${nodes} nodes`,
        `write at most ${nodes}, or add nodes`,
      );
    }
    const media = process.duties.includes('media');
    if (media !== (process.rtpPorts !== undefined)) {
      say(
        `processes[${at}].rtpPorts`,
        media ? 'it carries media and has no ports for it' : 'it carries no media',
        media ? 'give it a range, such as 20000-20099' : 'remove the range',
      );
    }
  }
  for (const duty of ['api', 'live', 'worker', 'sip', 'media'] as const) {
    if (site.processes.some((process) => process.duties.includes(duty))) continue;
    say('processes', `nobody does ${duty}`, `add ${duty} to the duties of a process`);
  }
};

/** Ports that two programs would want on one node. */
const hostPorts: Rule = (site, say) => {
  const taken: { nodes: readonly string[]; ports: Ports; path: string; transport: 'tcp' | 'udp' }[] = [];
  const take = (path: string, nodes: readonly string[], ports: Ports, transports: ('tcp' | 'udp')[]) => {
    for (const transport of transports) {
      const other = taken.find(
        (one) =>
          one.transport === transport &&
          one.ports.from <= ports.to &&
          ports.from <= one.ports.to &&
          one.nodes.some((node) => nodes.includes(node)),
      );
      if (other !== undefined) {
        const shown = ports.from === ports.to ? `port ${ports.from}` : `the ports ${portsText(ports)}`;
        say(
          path,
          `${shown} overlap those of ${other.path} on one node`,
          'choose ports that nobody else has there',
        );
        return;
      }
      taken.push({ nodes, ports, path, transport });
    }
  };
  const one = (port: number): Ports => ({ from: port, to: port });
  if (site.edge !== undefined) {
    take('edge.httpPort', site.edge.nodes, one(site.edge.httpPort), ['tcp']);
    take('edge.httpsPort', site.edge.nodes, one(site.edge.httpsPort), ['tcp']);
  }
  if (site.turn !== undefined) {
    take('turn.port', [site.turn.node], one(site.turn.port), ['udp', 'tcp']);
    take('turn.relayPorts', [site.turn.node], site.turn.relayPorts, ['udp']);
  }
  for (const [at, process] of site.processes.entries()) {
    const nodes = nodesOf(site, process);
    if (process.duties.includes('sip')) {
      take(`processes[${at}].duties`, nodes, one(site.sip.port), ['udp', 'tcp']);
      take(`processes[${at}].duties`, nodes, one(site.sip.tlsPort), ['tcp']);
    }
    if (process.rtpPorts !== undefined) {
      take(`processes[${at}].rtpPorts`, nodes, process.rtpPorts, ['udp', 'tcp']);
    }
  }
};

const isOneProcess = (site: Site): boolean =>
  site.processes.length === 1 && site.processes[0]?.replicas === 1;

/**
 * Of PostgreSQL, with which a process works well while others are busy too; a busy one takes up to 27 where nobody else wants them, and
 * waits for its own where they are with others. A few are for whoever looks at it, and for backups.
 */
const connectionsOfProcess = 12;
const connectionsOfOthers = 10;

const data: Rule = (site, say) => {
  const { postgres, nats, blobs } = site;
  if (postgres.kind === 'managed') {
    const processes = site.processes.reduce((sum, { replicas }) => sum + replicas, 0);
    const needed = processes * connectionsOfProcess + connectionsOfOthers;
    if (postgres.connections < needed) {
      say(
        'postgres.connections',
        `${processes} processes need at least ${needed} connections, and PostgreSQL gives ${postgres.connections}`,
        `write connections: ${Math.ceil(needed / 100) * 100}; PostgreSQL is started again for it`,
      );
    }
    if (postgres.standby === postgres.primary) {
      say(
        'postgres.standby',
        `primary and standby are both on ${postgres.primary}`,
        'name another node, or leave the standby out: it is there for the loss of that node',
      );
    }
    if (postgres.standby !== undefined && postgres.replicationPassword === undefined) {
      say('postgres.replicationPassword', 'it is missing', "write secret('replication-password')");
    }
    if (postgres.standby === undefined && postgres.replication === 'synchronous') {
      say('postgres.replication', 'there is no standby to wait for', 'name a standby, or leave it out');
    }
  }
  if (nats === undefined && !isOneProcess(site)) {
    say('nats', 'several processes need NATS to wake each other', 'write nats: { servers: 1 }');
  }
  if (nats !== undefined && nats.servers % 2 === 0) {
    say(
      'nats.servers',
      `${nats.servers} servers are an even number`,
      'write 1, 3 or 5: halves decide nothing',
    );
  }
  if (nats !== undefined && nats.servers > site.nodes.length) {
    say(
      'nats.servers',
      `${nats.servers} servers on ${site.nodes.length} nodes`,
      'write at most one for each node: two on one node are lost together',
    );
  }
  if (blobs.kind === 'folder') {
    for (const [at, process] of site.processes.entries()) {
      const elsewhere = nodesOf(site, process).filter((node) => node !== blobs.node);
      if (elsewhere.length === 0) continue;
      say(
        `processes[${at}].nodes`,
        `it may run on ${elsewhere.join(', ')}, where the folder of blobs on ${blobs.node} is not`,
        `write nodes: ['${blobs.node}'], or keep blobs in a shared folder or in S3`,
      );
    }
  }
};

const doors: Rule = (site, say) => {
  const { edge } = site;
  if (edge === undefined && site.monitoring?.grafana !== undefined) {
    say('monitoring.grafana', 'there is no edge that would show it', 'describe an edge, or leave it out');
  }
  if (edge === undefined) {
    if (isOneProcess(site)) return;
    say('edge', 'several processes have no common door', 'name the nodes that take HTTP and HTTPS');
    return;
  }
  doubles(edge.nodes, (at, node) =>
    say(`edge.nodes[${at}]`, `${node} is named twice`, 'name each node once'),
  );
  if (edge.certificate.kind === 'acme' && edge.nodes.length > 1) {
    say(
      'edge.certificate',
      'an ACME certificate is fetched and kept by one node, and there are several at the edge',
      "name one node, or give a certificate of your own (kind: 'own')",
    );
  }
};

const rules: readonly Rule[] = [names, oneMachine, knownNodes, processes, backups, hostPorts, data, doors];

/** Calls back for each later one that is equal to an earlier one. */
function doubles(values: readonly string[], found: (at: number, value: string) => void): void {
  const seen = new Set<string>();
  for (const [at, value] of values.entries()) {
    if (seen.has(value)) found(at, value);
    seen.add(value);
  }
}
