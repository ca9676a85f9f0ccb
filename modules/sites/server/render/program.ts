import type { Ports } from '../../contract/index.ts';

/** One service of a site, before it is said in the words of an orchestrator. */
export interface Program {
  readonly name: string;
  /** What it is for, in a sentence for the administrator who reads the file. */
  readonly purpose: string;
  readonly image: string;
  readonly entrypoint: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** `uid:gid`. */
  readonly user: string;
  /** Capabilities that it keeps; all others are taken away. */
  readonly capabilities: readonly string[];
  /** Files that are no secret, by their names in `configs/`. */
  readonly configs: readonly Mounted[];
  /** Names of secrets; each lies in `/run/secrets/` under its name. */
  readonly secrets: readonly string[];
  readonly volumes: readonly Volume[];
  /** Folders in memory; everything else that is not a volume is read-only. */
  readonly scratch: readonly { readonly target: string; readonly sizeMb: number }[];
  /** Taken on the node itself. */
  readonly ports: readonly Published[];
  /** On the node's own network instead of the site's: no names of other services there. */
  readonly onHostNetwork: boolean;
  readonly health: Health;
  readonly replicas: number;
  /** Whether a node bears one replica at most: its ports, or its volume, are taken once. */
  readonly onePerNode: boolean;
  /** Whether a change that does not get well is taken back by the orchestrator. */
  readonly returnsByItself: boolean;
  readonly nodes: readonly string[];
  readonly memoryMb: number;
  readonly cpus: number;
  /** From being asked to end until being killed. */
  readonly graceSeconds: number;
  readonly stopSignal: 'SIGTERM' | 'SIGINT';
}

export interface Mounted {
  readonly config: string;
  readonly target: string;
}

export type Volume =
  | {
      readonly kind: 'named';
      readonly name: string;
      readonly target: string;
      /** Whether two containers may have it at a time. */
      readonly shared: boolean;
    }
  /** A folder of the node itself. */
  | { readonly kind: 'folder'; readonly path: string; readonly target: string };

export interface Published {
  readonly ports: Ports;
  /** The first port inside, where it is another one. */
  readonly inside?: number;
  readonly transport: 'tcp' | 'udp';
}

/** Asked by the container itself; exits with 0 when all is well. */
export interface Health {
  /** As Docker takes it: `CMD` or `CMD-SHELL` first. */
  readonly test: readonly string[];
  /** As the site has it (`limits.healthSeconds`) unless it is told. */
  readonly intervalSeconds?: number;
  /** From then on without an answer it has failed; a few seconds unless it is told. */
  readonly timeoutSeconds?: number;
  /** Failures do not count before. */
  readonly startSeconds: number;
}

/** Everything that a site runs, and the files that it is given. */
export interface Programs {
  readonly programs: readonly Program[];
  /** By name. */
  readonly configs: ReadonlyMap<string, string>;
}

/** How services name each other: an orchestrator's business. */
export type ServiceName = (service: string) => string;

/** What most services have in common. */
export const ordinary = {
  environment: {},
  capabilities: [],
  configs: [],
  secrets: [],
  volumes: [],
  scratch: [{ target: '/tmp', sizeMb: 64 }],
  ports: [],
  onHostNetwork: false,
  replicas: 1,
  onePerNode: false,
  returnsByItself: true,
  cpus: 1,
  graceSeconds: 30,
  stopSignal: 'SIGTERM',
} satisfies Partial<Program>;

/** For images of others, which have a small wget or bash: neither costs what starting a program of its own would. */
export function httpHealth(port: number, path: string, startSeconds: number): Health {
  const ask = `wget -q -O /dev/null http://127.0.0.1:${port}${path} || bash -c ': </dev/tcp/127.0.0.1/${port}'`;
  return { test: ['CMD-SHELL', ask], startSeconds };
}
