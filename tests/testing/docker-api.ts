import { request } from 'node:http';
import type { DockerEngine } from './docker-engine.ts';

/** Asks an engine over its own API: often, that costs less than starting the client. Throws with what it complained of. */
export function askEngine<Answer>(engine: DockerEngine, path: string, withinMs = 5000): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asking = request(
      {
        socketPath: engine.host.replace('unix://', ''),
        path: `/v1.41${path}`,
        agent: false,
        timeout: withinMs,
      },
      (answer) => {
        const parts: Buffer[] = [];
        answer.on('data', (part: Buffer) => parts.push(part));
        answer.on('error', reject);
        answer.on('end', () => {
          const text = Buffer.concat(parts).toString();
          if (answer.statusCode !== 200)
            reject(new Error(`${engine.name} ${path}: ${answer.statusCode} ${text}`));
          else resolve(JSON.parse(text) as Answer);
        });
      },
    );
    asking.on('timeout', () => asking.destroy(new Error(`${engine.name} ${path}: no answer`)));
    asking.on('error', reject);
    asking.end();
  });
}

export interface RunningContainer {
  readonly engine: DockerEngine;
  readonly id: string;
  /** Of the swarm. */
  readonly service: string;
  readonly healthy: boolean;
}

/** Containers of swarm services that run on the engines that answer. */
export async function containersOf(engines: readonly DockerEngine[]): Promise<RunningContainer[]> {
  const found = await Promise.all(
    engines.map(async (engine) => {
      const listed = await askEngine<{ Id: string; Status: string; Labels: Record<string, string> }[]>(
        engine,
        '/containers/json',
      ).catch(() => []);
      return listed.map(({ Id, Status, Labels }) => ({
        engine,
        id: Id,
        service: Labels['com.docker.swarm.service.name'] ?? '',
        healthy: Status.endsWith('(healthy)'),
      }));
    }),
  );
  return found.flat().filter(({ service }) => service !== '');
}

interface Service {
  readonly Spec: {
    readonly Name: string;
    readonly TaskTemplate: { readonly ContainerSpec: { readonly Image: string } };
  };
  readonly ServiceStatus: { readonly RunningTasks: number; readonly DesiredTasks: number };
  readonly UpdateStatus?: { readonly State?: string; readonly Message?: string };
}

export interface SwarmServiceState {
  readonly name: string;
  readonly image: string;
  readonly running: number;
  readonly wanted: number;
  /** Of the last change: `updating`, `completed`, `rollback_completed`, …; empty before the first. */
  readonly update: string;
  readonly message: string;
}

/** What a manager says of the swarm's services. */
export async function servicesOf(manager: DockerEngine): Promise<SwarmServiceState[]> {
  const listed = await askEngine<Service[]>(manager, '/services?status=true');
  return listed.map(({ Spec, ServiceStatus, UpdateStatus }) => ({
    name: Spec.Name,
    image: Spec.TaskTemplate.ContainerSpec.Image,
    running: ServiceStatus.RunningTasks,
    wanted: ServiceStatus.DesiredTasks,
    update: UpdateStatus?.State ?? '',
    message: UpdateStatus?.Message ?? '',
  }));
}
