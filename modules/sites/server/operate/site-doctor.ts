import type { Site, SiteProcess } from '../../contract/index.ts';
import { DeployFailed } from './deploy.ts';
import { DockerFailed } from './docker.ts';
import type { Swarm } from './swarm.ts';

/** With the secrets and addresses that its process has. What it says and how it ended are both wanted. */
const asItsProcess = '/bin/bash /etc/liaison/start liaison "$@" 2>&1; echo "status $?"';
/** The doctor takes half a minute; on a busy machine more. */
const doctorWithinMs = 240_000;

/** Where the doctor looks from: a process that answers browsers, and telephones where one does both. */
export function examinedFrom({ processes }: Pick<Site, 'processes'>): SiteProcess | undefined {
  const doing = (one: SiteProcess, ...duties: string[]) =>
    duties.every((duty) => one.duties.some((each) => each === duty));
  return (
    processes.find((one) => doing(one, 'api', 'sip')) ??
    processes.find((one) => doing(one, 'api')) ??
    processes[0]
  );
}

/**
 * Runs `liaison doctor` inside a process of the site. Throws a `DeployFailed` with the faults that it names.
 *
 * @param without steps that it leaves out
 */
export async function runDoctor(options: {
  swarm: Swarm;
  site: Site;
  without: readonly string[];
  say: (line: string) => void;
}): Promise<void> {
  const { swarm, site, without, say } = options;
  const process = examinedFrom(site);
  if (process === undefined) throw new Error(`${site.id} has no process`);
  // A call is taken by the process itself: it is tried where telephones are.
  const left = process.duties.includes('sip') ? without : [...without, 'call'];
  const nodes = await swarm.nodes();
  const [task] = (await swarm.tasks([process.name])).filter(({ Status }) => Status.State === 'running');
  const node = nodes.find(({ ID }) => ID === task?.NodeID)?.Description.Hostname;
  const container = task?.Status.ContainerStatus?.ContainerID;
  if (node === undefined || container === undefined) {
    throw new DeployFailed(`no ${process.name} runs, from which the doctor could look`, 'look with status');
  }
  const words = ['doctor', ...(left.length === 0 ? [] : ['--without', [...new Set(left)].join(',')])];
  say(`${process.name} on ${node}: liaison ${words.join(' ')}`);
  let text: string;
  try {
    text = await swarm
      .engine(node)
      .run(['exec', container, '/bin/bash', '-c', asItsProcess, 'doctor', ...words], {
        timeoutMs: doctorWithinMs,
      });
  } catch (error) {
    if (!(error instanceof DockerFailed)) throw error;
    throw new DeployFailed(
      `the doctor could not look: ${error.complaint}`,
      'mend what it says, and try again',
    );
  }
  for (const line of linesOf(text, '!!')) say(line);
  if (/\bstatus 0$/.test(text.trim())) return;
  const faults = linesOf(text, 'XX');
  const said = faults.length > 0 ? faults : text.trim().split('\n').slice(-4);
  throw new DeployFailed(
    `the doctor found: ${said.join('; ').replace(/\s+/g, ' ').slice(0, 800)}`,
    'mend what it names, and try again',
  );
}

/** What the doctor marked so; see `apps/cli/doctor.ts`. */
const linesOf = (text: string, sign: '!!' | 'XX'): string[] =>
  text
    .split('\n')
    .filter((line) => line.startsWith(sign))
    .map((line) => line.slice(sign.length).trim())
    .slice(0, 20);
