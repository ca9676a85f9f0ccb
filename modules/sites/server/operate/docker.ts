import { execFile } from 'node:child_process';
import { StartError } from '@liaison/core/config';
import type { z } from 'zod';

/** The docker program, told to speak with one engine. */
export interface Docker {
  /** As the description has it: `unix://…`, `ssh://…` or `context:NAME`. */
  readonly address: string;
  /** Answers what it printed, without the last line break. Throws a `DockerFailed` with what it complained of. */
  run(args: readonly string[], options?: DockerOptions): Promise<string>;
}

export interface DockerOptions {
  readonly timeoutMs?: number;
  /** Given to its standard input. */
  readonly input?: string;
  /** Standard error too, for what programs in containers wrote there. */
  readonly complaintsToo?: boolean;
}

export class DockerFailed extends StartError {
  override readonly name = 'DockerFailed';
  /** What docker wrote to standard error, shortened. */
  readonly complaint: string;

  constructor(what: string, complaint: string) {
    super({ what: `${what}: ${complaint}`, mend: 'mend what it says, and give the command again' });
    this.complaint = complaint;
  }
}

/** How the docker program is told which engine to speak with. */
export const dockerArguments = (address: string): string[] =>
  address.startsWith('context:') ? ['--context', address.slice('context:'.length)] : ['--host', address];

const usualTimeoutMs = 60_000;
const mostBytes = 64 * 2 ** 20;

/** @param env of the program; what of it names an engine is left out, because the description names it. */
export function dockerAt(address: string, env: Readonly<Record<string, string | undefined>>): Docker {
  const { DOCKER_HOST: _, DOCKER_CONTEXT: __, ...others } = env;
  return {
    address,
    run: (args, { timeoutMs = usualTimeoutMs, input, complaintsToo = false } = {}) =>
      new Promise((resolve, reject) => {
        const child = execFile(
          'docker',
          [...dockerArguments(address), ...args],
          { env: others, timeout: timeoutMs, killSignal: 'SIGKILL', maxBuffer: mostBytes },
          (error, out, err) => {
            if (error === null) return resolve((complaintsToo ? out + err : out).replace(/\n$/, ''));
            const what = `docker ${args.slice(0, 2).join(' ')} at ${address}`;
            if (error.code === 'ENOENT') {
              return reject(
                new StartError({
                  what: 'there is no docker program on this machine',
                  mend: 'install docker',
                }),
              );
            }
            const complaint = error.killed ? `no answer within ${timeoutMs / 1000} s` : shortened(err || out);
            reject(new DockerFailed(what, complaint || error.message));
          },
        );
        // Whoever ends early does not read; that is told by how it ends.
        child.stdin?.on('error', () => {});
        child.stdin?.end(input ?? '');
      }),
  };
}

const shortened = (text: string): string =>
  text.trim().split('\n').slice(-6).join(' ').replace(/\s+/g, ' ').slice(0, 600);

/** Parses what docker printed as JSON, once, into what we need of it. */
export function parseAs<Schema extends z.ZodType>(
  schema: Schema,
  text: string,
  what: string,
): z.output<Schema> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new DockerFailed(what, `no JSON: ${shortened(text).slice(0, 120)}`);
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new DockerFailed(what, `${issue?.path.join('.')}: ${issue?.message}`);
}

/** Several JSON values, one in each line. */
export const parseLines = <Schema extends z.ZodType>(
  schema: Schema,
  text: string,
  what: string,
): z.output<Schema>[] =>
  text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => parseAs(schema, line, what));
