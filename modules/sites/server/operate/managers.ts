import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { type Docker, DockerFailed, parseAs } from './docker.ts';

const text = z.string();
const maybe = <Schema extends z.ZodType>(schema: Schema) =>
  schema.nullish().transform((value) => value ?? undefined);

/** What the engine of one machine says of itself. */
const engineInfo = z.looseObject({
  Name: text,
  ServerVersion: text,
  SystemTime: text,
  Swarm: z.looseObject({
    LocalNodeState: text,
    ControlAvailable: maybe(z.boolean()),
    NodeID: maybe(text),
    Error: maybe(text),
    Cluster: maybe(z.looseObject({ ID: maybe(text) })),
  }),
});
export type EngineInfo = z.output<typeof engineInfo>;

/** What the docker program says instead where no engine answers it, and ends as if all were well. */
const noEngine = z.looseObject({
  ServerErrors: z
    .array(text)
    .nullish()
    .transform((value) => value ?? []),
});

/** What an engine says of itself, within the time that a machine which is there needs. */
export async function infoOf(docker: Docker, timeoutMs = 20_000): Promise<EngineInfo> {
  const said = await docker.run(['info', '--format', '{{json .}}'], { timeoutMs });
  const { ServerErrors: refused } = parseAs(noEngine, said, 'docker info');
  if (refused.length > 0) {
    const reasons = refused.join('; ').replace(/\s+/g, ' ').slice(0, 600);
    throw new DockerFailed(`docker info at ${docker.address}`, reasons);
  }
  return parseAs(engineInfo, said, 'docker info');
}

/** A reading that a manager which is there has long answered; after that another one is asked. */
const firstWithinMs = 30_000;

/** The managers of a site, of which one is asked for all. */
export interface Managers {
  /**
   * One that answered as a manager, which is asked for once: over ssh each question is a session. Anew once it failed at something,
   * since it may be gone, or none any more.
   */
  any(): Promise<Docker>;
  /** What can be asked twice: where the one that is known fails, the one that answers then is asked. */
  read<Value>(ask: (docker: Docker) => Promise<Value>): Promise<Value>;
}

/** @param find throws where nobody answers as a manager */
export function createManagers(find: () => Promise<Docker>): Managers {
  let known: Promise<Docker> | undefined;

  function any(): Promise<Docker> {
    if (known !== undefined) return known;
    const finding = find().then((docker): Docker => {
      const forget = () => {
        if (known === finding) known = undefined;
      };
      return {
        address: docker.address,
        run: (args, options) =>
          docker.run(args, options).catch((error: unknown) => {
            forget();
            throw error;
          }),
      };
    });
    known = finding;
    finding.catch(() => {
      if (known === finding) known = undefined;
    });
    return finding;
  }

  return {
    any,
    async read(ask) {
      const first = await any();
      const soon: Docker = {
        address: first.address,
        run: (args, options) => first.run(args, { timeoutMs: firstWithinMs, ...options }),
      };
      try {
        return await ask(soon);
      } catch (error) {
        if (!(error instanceof DockerFailed)) throw error;
        return ask(await any());
      }
    },
  };
}

/** A machine that is gone answers over ssh with nothing, for long: after so long the next one is asked beside it. */
const nextBesideMs = 3000;

/** The first that answers as a manager, or why each of them is none. */
export async function firstManager(
  engines: readonly Docker[],
  besideMs = nextBesideMs,
): Promise<{ found: Docker | undefined; reasons: readonly (string | undefined)[] }> {
  const reasons: (string | undefined)[] = engines.map(() => undefined);
  const asking: Promise<Docker | undefined>[] = [];
  for (const [at, docker] of engines.entries()) {
    const one = whyNoManager(docker).then((reason) => {
      reasons[at] = reason;
      return reason === undefined ? docker : undefined;
    });
    asking.push(one);
    const late = new AbortController();
    const beside = sleep(besideMs, undefined, { signal: late.signal }).catch(() => undefined);
    const found = await Promise.race([firstOf(asking), one, beside]);
    late.abort();
    if (found !== undefined) return { found, reasons };
  }
  return { found: await firstOf(asking), reasons };
}

/** The first that is something; undefined when none of them is. */
function firstOf<Value>(asking: readonly Promise<Value | undefined>[]): Promise<Value | undefined> {
  const found = asking.map(async (one) => {
    const value = await one;
    if (value === undefined) throw new Error('not this one');
    return value;
  });
  return Promise.any(found).catch(() => undefined);
}

async function whyNoManager(docker: Docker): Promise<string | undefined> {
  try {
    const { Swarm } = await infoOf(docker);
    if (Swarm.ControlAvailable === true) return undefined;
    return Swarm.LocalNodeState === 'active' ? 'it is a worker' : `no swarm (${Swarm.LocalNodeState})`;
  } catch (error) {
    if (error instanceof DockerFailed) return error.complaint;
    throw error;
  }
}
