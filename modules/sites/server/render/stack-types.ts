/** What we write of the Compose specification; `stack.yaml` and `compose.yaml` share most of it. */
export interface ComposeFile<Service> {
  readonly name?: string;
  readonly version?: '3.9';
  readonly services: Readonly<Record<string, Service>>;
  readonly networks: Readonly<Record<string, Network>>;
  readonly volumes?: Readonly<Record<string, Record<string, never>>>;
  readonly configs: Readonly<Record<string, FileOf>>;
  readonly secrets?: Readonly<Record<string, FileOf>>;
}

export type Network =
  | { readonly external: true; readonly name: string }
  | {
      readonly driver: 'overlay' | 'bridge';
      readonly ipam: { readonly config: readonly [{ readonly subnet: string }] };
    };

export interface FileOf {
  /** With a hash of the content, because an orchestrator changes neither secrets nor configs that are in use. */
  readonly name?: string;
  readonly file: string;
}

/** What both orchestrators are told about a service in the same words. */
export interface CommonService {
  readonly image: string;
  readonly entrypoint: readonly string[];
  readonly user: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly read_only: true;
  readonly cap_drop: readonly ['ALL'];
  readonly init: true;
  readonly cap_add?: readonly string[];
  readonly healthcheck: {
    readonly test: readonly string[];
    readonly interval: string;
    readonly timeout: string;
    readonly retries: number;
    readonly start_period: string;
  };
  readonly stop_grace_period: string;
  readonly stop_signal: string;
  readonly logging: {
    readonly driver: 'json-file';
    readonly options: { readonly 'max-size': string; readonly 'max-file': string };
  };
}

export interface MountedVolume {
  readonly type: 'volume' | 'bind' | 'tmpfs';
  readonly source?: string;
  readonly target: string;
  readonly tmpfs?: { readonly size: number };
}

export interface Granted {
  readonly source: string;
  readonly target: string;
  readonly uid?: string;
  readonly gid?: string;
  /** As Docker's own tools read it: decimal. */
  readonly mode?: number;
}

export interface UpdateRule {
  readonly parallelism: 1;
  readonly order: 'start-first' | 'stop-first';
  readonly delay: string;
  readonly monitor: string;
  readonly max_failure_ratio: 0;
}

export interface SwarmService extends CommonService {
  readonly networks: readonly string[];
  readonly ports?: readonly {
    readonly target: number;
    readonly published: number;
    readonly protocol: 'tcp' | 'udp';
    readonly mode: 'host';
  }[];
  readonly volumes: readonly MountedVolume[];
  readonly configs: readonly Granted[];
  readonly secrets?: readonly Granted[];
  readonly deploy: {
    readonly mode: 'replicated';
    readonly endpoint_mode: 'dnsrr';
    readonly replicas: number;
    readonly labels: Readonly<Record<string, string>>;
    readonly update_config: UpdateRule & { readonly failure_action: 'rollback' | 'pause' };
    readonly rollback_config: UpdateRule & { readonly failure_action: 'pause' };
    readonly restart_policy: { readonly condition: 'any'; readonly delay: string };
    readonly resources: {
      readonly limits: { readonly memory: string; readonly cpus: string };
      readonly reservations: { readonly memory: string };
    };
    readonly placement: {
      readonly constraints?: readonly string[];
      readonly preferences?: readonly { readonly spread: string }[];
      readonly max_replicas_per_node?: number;
    };
  };
}

export interface ComposeService extends CommonService {
  readonly restart: 'unless-stopped';
  readonly security_opt: readonly ['no-new-privileges:true'];
  readonly network_mode?: 'host';
  readonly networks?: readonly string[];
  /** `20000-20099:20000-20099/udp`. */
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly tmpfs: readonly string[];
  readonly configs: readonly Granted[];
  readonly secrets?: readonly string[];
  readonly mem_limit: string;
  readonly cpus: number;
}
