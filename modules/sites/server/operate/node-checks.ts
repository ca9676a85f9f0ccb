import { StartError } from '@liaison/core/config';
import type { SiteNode } from '../../contract/index.ts';
import { type Docker, DockerFailed } from './docker.ts';
import { type EngineInfo, infoOf } from './managers.ts';

/** Why a machine cannot be a node yet, and what mends it. */
export interface NodeFault {
  readonly what: string;
  readonly mend: string;
}

/** What an engine says of itself, and how far its clock is from ours. */
export interface AskedEngine {
  readonly info: EngineInfo;
  /** Its clock minus ours, in milliseconds; true to within `uncertainMs`. */
  readonly clockMs: number;
  readonly uncertainMs: number;
}

/** Certificates and leases of the swarm do not bear more. */
const mostClockMs = 2000;

export async function askEngine(docker: Docker): Promise<AskedEngine> {
  const begun = Date.now();
  const info = await infoOf(docker);
  const ended = Date.now();
  return {
    info,
    clockMs: Date.parse(info.SystemTime) - (begun + ended) / 2,
    uncertainMs: (ended - begun) / 2,
  };
}

/**
 * @param against the clock of the site; a machine's own and the operator's may both be wrong
 * @param members ids of the nodes of this site's swarm
 */
export function nodeFaults(options: {
  node: SiteNode;
  asked: AskedEngine;
  against: Pick<AskedEngine, 'clockMs' | 'uncertainMs'>;
  members: ReadonlySet<string>;
}): NodeFault[] {
  const { node, asked, against, members } = options;
  const { info } = asked;
  const faults: NodeFault[] = [];
  if (info.Name !== node.name) {
    faults.push({
      what: `the machine at ${node.docker} calls itself ${info.Name}, and is described as ${node.name}`,
      mend: `hostnamectl set-hostname ${node.name} there and start Docker again, or describe it as ${info.Name}`,
    });
  }
  const [major = 0, minor = 0] = info.ServerVersion.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 10)) {
    faults.push({
      what: `${node.name} has Docker ${info.ServerVersion}`,
      mend: 'install 20.10 or newer there',
    });
  }
  const apart = Math.abs(asked.clockMs - against.clockMs) - asked.uncertainMs - against.uncertainMs;
  if (apart > mostClockMs) {
    const side = asked.clockMs > against.clockMs ? 'ahead of' : 'behind';
    faults.push({
      what: `the clock of ${node.name} is ${(Math.abs(asked.clockMs - against.clockMs) / 1000).toFixed(0)} s ${side} the site's`,
      mend: 'set it and keep it right there: timedatectl set-ntp true',
    });
  }
  const { LocalNodeState, NodeID = '' } = info.Swarm;
  if (LocalNodeState !== 'inactive' && !members.has(NodeID)) {
    faults.push({
      what: `${node.name} belongs to another swarm (${LocalNodeState})`,
      mend: 'let it go there first: docker swarm leave, with --force where that swarm is gone',
    });
  }
  return faults;
}

/** Throws a `StartError` with all that is wrong with machines that are to be nodes. */
export async function checkNodes(options: {
  nodes: readonly SiteNode[];
  engine: (node: SiteNode) => Docker;
  /** A manager, whose clock is the site's; undefined where there is no swarm yet: then it is the first node's. */
  manager: Docker | undefined;
  members: ReadonlySet<string>;
}): Promise<void> {
  const { nodes, engine, manager, members } = options;
  let against: AskedEngine | undefined = manager === undefined ? undefined : await askEngine(manager);
  const faults: NodeFault[] = [];
  for (const node of nodes) {
    try {
      const asked = await askEngine(engine(node));
      against ??= asked;
      faults.push(...nodeFaults({ node, asked, against, members }));
    } catch (error) {
      if (!(error instanceof DockerFailed)) throw error;
      faults.push({
        what: `Docker of ${node.name} does not answer at ${node.docker}: ${error.complaint}`,
        mend: 'install Docker there, let your login use it (group docker), and look that you reach the machine',
      });
    }
  }
  if (faults.length === 0) return;
  throw new StartError({
    what: faults.map(({ what }) => what).join('; '),
    mend: faults.map(({ mend }) => mend).join('; '),
  });
}
