import { execFile, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream/promises';
import { StartError } from '@liaison/core/config';
import type { z } from 'zod';

/** The docker program, told to speak with one engine. */
export interface Docker {
  /** As the description has it: `unix://…`, `ssh://…` or `context:NAME`. */
  readonly address: string;
  /** Answers what it printed, without the last line break. Throws a `DockerFailed` with what it complained of. */
  run(args: readonly string[], options?: DockerOptions): Promise<string>;
}

/** What takes hours, and what does not fit into memory. */
export interface DockerStreams extends Docker {
  /** Tells each line as it comes, of both outputs, and answers with what it ended; for what may take hours. */
  follow(
    args: readonly string[],
    options: { input?: string; onLine: (line: string) => void },
  ): Promise<{ status: number | null }>;
  /** What it prints here, into what another engine runs. Throws a `DockerFailed` of the one that failed first. */
  pipe(args: readonly string[], to: DockerStreams, toArgs: readonly string[]): Promise<void>;
  /** The arguments that lead the docker program to this engine, and its environment. */
  readonly asked: { readonly arguments: readonly string[]; readonly env: NodeJS.ProcessEnv };
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
  /** What it had printed before its time was over. */
  readonly printed: string;

  constructor(what: string, complaint: string, printed = '') {
    super({ what: `${what}: ${complaint}`, mend: 'mend what it says, and give the command again' });
    this.complaint = complaint;
    this.printed = printed;
  }
}

/** How the docker program is told which engine to speak with. */
export const dockerArguments = (address: string): string[] =>
  address.startsWith('context:') ? ['--context', address.slice('context:'.length)] : ['--host', address];

const usualTimeoutMs = 60_000;
const mostBytes = 64 * 2 ** 20;
const mostOfLine = 2000;

/** @param env of the program; what of it names an engine is left out, because the description names it. */
export function dockerAt(address: string, env: Readonly<Record<string, string | undefined>>): DockerStreams {
  const { DOCKER_HOST: _, DOCKER_CONTEXT: __, ...others } = env;
  const asked = { arguments: dockerArguments(address), env: others as NodeJS.ProcessEnv };
  return {
    address,
    asked,
    follow: (args, { input, onLine }) =>
      new Promise((resolve, reject) => {
        const child = spawn('docker', [...asked.arguments, ...args], { env: asked.env });
        child.once('error', reject);
        child.stdin.on('error', () => {});
        child.stdin.end(input ?? '');
        for (const output of [child.stdout, child.stderr])
          createInterface({ input: output }).on('line', (line) => onLine(line.slice(0, mostOfLine)));
        child.once('close', (status) => resolve({ status }));
      }),
    async pipe(args, to, toArgs) {
      const ends = [
        { docker: asked, args, where: address },
        { docker: to.asked, args: toArgs, where: to.address },
      ].map((end) => {
        const child = spawn('docker', [...end.docker.arguments, ...end.args], { env: end.docker.env });
        let complaint = '';
        child.stderr.on('data', (data: Buffer) => {
          complaint = (complaint + data.toString()).slice(-2000);
        });
        const ended = new Promise<void>((resolve, reject) => {
          child.once('error', reject);
          child.once('close', (status) =>
            status === 0
              ? resolve()
              : reject(new DockerFailed(`docker ${end.args[0]} at ${end.where}`, shortened(complaint))),
          );
        });
        return { child, ended };
      });
      const [from, into] = ends;
      if (from === undefined || into === undefined) throw new Error('two ends');
      from.child.stdin.end();
      into.child.stdout.resume();
      // Whichever of the two fails says why; that the other one then breaks off says nothing.
      const piped = pipeline(from.child.stdout, into.child.stdin).catch(() => {});
      await Promise.all([piped, from.ended, into.ended]);
    },
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
            const printed = error.killed ? (complaintsToo ? out + err : out) : '';
            reject(new DockerFailed(what, complaint || error.message, printed));
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
