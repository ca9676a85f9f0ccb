import { createHash } from 'node:crypto';
import type { Site } from '../../contract/index.ts';
import type { Program } from './program.ts';
import type { CommonService } from './stack-types.ts';

/** Ten digits are enough to tell one content of a file from the next. */
export const contentHash = (content: string): string =>
  createHash('sha256').update(content).digest('hex').slice(0, 10);

/** A dollar sign begins a variable of Compose; twice it is itself. */
export const literal = (text: string): string => text.replaceAll('$', '$$$$');

export function commonOf(program: Program, site: Site): CommonService {
  return {
    image: program.image,
    entrypoint: program.entrypoint.map(literal),
    user: program.user,
    ...(Object.keys(program.environment).length === 0
      ? {}
      : {
          environment: Object.fromEntries(
            Object.entries(program.environment).map(([name, value]) => [name, literal(value)]),
          ),
        }),
    read_only: true,
    cap_drop: ['ALL'],
    // The first process of a container inherits what others leave behind. PostgreSQL takes such a child that fails, as the
    // rest of a health check that took too long, for one of its own: it ends every connection and recovers.
    init: true,
    ...(program.capabilities.length === 0 ? {} : { cap_add: program.capabilities }),
    healthcheck: {
      test: program.health.test.map(literal),
      interval: `${program.health.intervalSeconds ?? site.limits.healthSeconds}s`,
      timeout: `${program.health.timeoutSeconds ?? 4}s`,
      retries: 3,
      start_period: `${program.health.startSeconds}s`,
    },
    stop_grace_period: `${program.graceSeconds}s`,
    stop_signal: program.stopSignal,
    logging: {
      driver: 'json-file',
      options: { 'max-size': `${Math.max(1, Math.floor(site.limits.logMb / 5))}m`, 'max-file': '5' },
    },
  };
}

/** Every secret that some service is given, in order. */
export const secretsOf = (programs: readonly Program[]): string[] =>
  [...new Set(programs.flatMap(({ secrets }) => secrets))].sort();

/** Every named volume. */
export const volumesOf = (programs: readonly Program[]): string[] =>
  [
    ...new Set(
      programs.flatMap(({ volumes }) =>
        volumes.flatMap((volume) => (volume.kind === 'named' ? [volume.name] : [])),
      ),
    ),
  ].sort();
