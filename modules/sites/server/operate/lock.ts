import { hostname } from 'node:os';
import { StartError } from '@liaison/core/config';
import { z } from 'zod';
import { DockerFailed, parseAs } from './docker.ts';
import type { Swarm } from './swarm.ts';

/** Who works on a site. */
const holderSchema = z.object({
  token: z.string().max(100),
  who: z.string().max(200),
  machine: z.string().max(200),
  pid: z.int(),
  at: z.iso.datetime(),
  command: z.string().max(1000),
});
export type Holder = z.output<typeof holderSchema>;

export interface SiteLock {
  /** Throws a `StartError` when it has been taken over: then somebody else works on the site. */
  check(): Promise<void>;
  release(): Promise<void>;
}

/** Refuses where somebody else works on the site, before its half-done state is looked at. */
export async function checkFree(swarm: Swarm): Promise<void> {
  const holder = await holderOf(swarm);
  if (holder !== undefined) throw heldError(holder, `${swarm.stack}_operator`);
}

/**
 * The lock lies in the swarm, where every operator meets: a config of a fixed name, which only one can create.
 *
 * @param token of the operation; a lock with the same one is its own, from before it was killed
 * @throws StartError when somebody else has it: who, since when, and for what
 */
export async function takeLock(options: {
  swarm: Swarm;
  token: string;
  who: string;
  command: string;
  takeOver: boolean;
}): Promise<SiteLock> {
  const { swarm, token, who, command, takeOver } = options;
  const name = `${swarm.stack}_operator`;
  const own: Holder = {
    token,
    who,
    machine: hostname(),
    pid: process.pid,
    at: new Date().toISOString(),
    command,
  };
  const create = async (): Promise<boolean> => {
    const docker = await swarm.manager();
    try {
      await docker.run(['config', 'create', name, '-'], { input: JSON.stringify(own) });
      return true;
    } catch (error) {
      if (
        error instanceof DockerFailed &&
        /already exists|AlreadyExists|name conflicts/i.test(error.complaint)
      )
        return false;
      throw error;
    }
  };
  const remove = async () => {
    const docker = await swarm.manager();
    await docker.run(['config', 'rm', name]);
  };
  for (let tries = 0; !(await create()); tries += 1) {
    const holder = await readHolder(swarm, name);
    // Released in this moment.
    if (holder === undefined && tries < 5) continue;
    const ours = holder !== undefined && holder.token === token;
    if (ours ? isAlive(holder) : !takeOver) throw heldError(holder, name);
    // A colleague who takes it over in the same moment may have removed it; one that nobody can remove is not tried for ever.
    await remove().catch((error: unknown) => {
      if (tries >= 5) throw error;
    });
  }
  return {
    async check() {
      const holder = await readHolder(swarm, name);
      if (holder?.token === token) return;
      throw new StartError({
        what:
          holder === undefined
            ? 'the lock of this site was removed'
            : `${holder.who} has taken over this site since ${holder.at}: ${holder.command}`,
        mend: 'speak with them; once they have ended, give the command again and it goes on',
      });
    },
    async release() {
      const holder = await readHolder(swarm, name);
      if (holder?.token === token) await remove();
    },
  };
}

/** Removes the lock of an operation that is given up, unless its program still runs. */
export async function dropLock(swarm: Swarm, token: string): Promise<void> {
  const name = `${swarm.stack}_operator`;
  const holder = await readHolder(swarm, name);
  if (holder?.token !== token || isAlive(holder)) return;
  const docker = await swarm.manager();
  await docker.run(['config', 'rm', name]);
}

/** Who works on the site now; undefined when nobody does. */
export const holderOf = (swarm: Swarm): Promise<Holder | undefined> =>
  readHolder(swarm, `${swarm.stack}_operator`);

async function readHolder(swarm: Swarm, name: string): Promise<Holder | undefined> {
  const found = await swarm.read((docker) =>
    docker.run(['config', 'ls', '--quiet', '--filter', `name=${name}`]),
  );
  if (found.trim() === '') return undefined;
  const docker = await swarm.manager();
  try {
    const data = await docker.run(['config', 'inspect', '--format', '{{json .Spec.Data}}', name]);
    const encoded = parseAs(z.string(), data, 'docker config inspect');
    return parseAs(holderSchema, Buffer.from(encoded, 'base64').toString('utf8'), `the config ${name}`);
  } catch (error) {
    // Removed since, or not written by this program: of that nobody is named.
    if (error instanceof DockerFailed) return undefined;
    throw error;
  }
}

/** Whether the process that holds a lock still runs; of another machine's nobody knows from here. */
function isAlive({ machine, pid }: Holder): boolean {
  if (machine !== hostname()) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function heldError(holder: Holder | undefined, name: string): StartError {
  if (holder === undefined) {
    return new StartError({
      what: `the config ${name} is there, and does not say who works on this site`,
      mend: 'ask your colleagues; when nobody does, give the command with --take-over',
    });
  }
  const { who, machine, pid, at, command } = holder;
  const minutes = Math.round((Date.now() - Date.parse(at)) / 60_000);
  const local = machine === hostname();
  const ended = local && !isAlive(holder) ? `; that program (process ${pid}) has ended` : '';
  return new StartError({
    what: `${who} works on this site, at ${machine}, since ${at} (${minutes} min): ${command}${ended}`,
    mend:
      ended === ''
        ? 'wait until it has ended; when you know that it was killed, give the command with --take-over'
        : 'give that command again, and it goes on; or give yours with --take-over',
  });
}
