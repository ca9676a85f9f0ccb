import { StartError } from '@liaison/core/config';
import { z } from 'zod';
import { type Docker, DockerFailed, parseAs } from './docker.ts';
import type { SiteAt } from './site-at.ts';

const healthSchema = z
  .looseObject({ Log: z.array(z.looseObject({ Output: z.string() })).nullish() })
  .nullable();

/** Of a service's container on one machine; undefined where none runs. */
export async function containerOn(docker: Docker, service: string): Promise<string | undefined> {
  const filter = ['--filter', `label=com.docker.swarm.service.name=${service}`];
  const found = await docker.run(['ps', '--quiet', ...filter], { timeoutMs: 20_000 });
  return found.split('\n').find(Boolean);
}

/** What the standby's own health check said last (`render/standby.ts`); undefined where none runs or its machine does not answer. */
export async function standbySays(at: SiteAt): Promise<string | undefined> {
  const { postgres } = at.now.site;
  if (postgres.kind !== 'managed' || postgres.standby === undefined) return undefined;
  const docker = at.swarm.engine(postgres.standby);
  try {
    const container = await containerOn(docker, `${at.swarm.stack}_postgres-standby`);
    if (container === undefined) return undefined;
    const text = await docker.run(['inspect', '--format', '{{json .State.Health}}', container], {
      timeoutMs: 20_000,
    });
    const log = parseAs(healthSchema, text, 'docker inspect')?.Log ?? [];
    return log.at(-1)?.Output.trim().slice(0, 300) || undefined;
  } catch (error) {
    if (error instanceof DockerFailed) return undefined;
    throw error;
  }
}

/**
 * Refuses a failover to a standby that lacks what the primary, which is there, could still give it, and to one that does not run: once
 * the primary is ended there would be none at all.
 *
 * @param says as `standbySays`
 */
export function checkMayTakeOver(standby: string, says: string | undefined): void {
  if (
    says !== undefined &&
    /^(follows|does not follow: the primary does not answer|is the primary now)/.test(says)
  )
    return;
  throw new StartError({
    what: `the standby on ${standby} ${says ?? 'does not run, or its machine does not answer'}`,
    mend: 'look at it (status, logs SITE postgres-standby) and wait until it follows; nothing was changed',
  });
}
