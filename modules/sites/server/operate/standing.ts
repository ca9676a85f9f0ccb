import { isDeepStrictEqual } from 'node:util';
import type { RunningService, RunningTask } from './swarm.ts';

/** How far a service is with what it was told last. */
export type Standing =
  | { readonly state: 'done'; readonly running: number }
  | { readonly state: 'going'; readonly running: number; readonly wanted: number; readonly text: string }
  /** It went back to what it was before, or stopped half-way: Swarm answers success to whoever asked for the update. */
  | { readonly state: 'returned'; readonly text: string };

const ended = new Set(['rollback_completed', 'rollback_paused', 'paused']);

/**
 * A service has done what it was told when as many tasks as it wants run as its newest description says. `UpdateStatus` alone does
 * not tell: for a moment after a change it is none, and where no task was replaced it stays so.
 */
export function standingOf(service: RunningService, tasks: readonly RunningTask[]): Standing {
  const { Spec, UpdateStatus } = service;
  const state = UpdateStatus?.State ?? '';
  if (ended.has(state)) return { state: 'returned', text: UpdateStatus?.Message ?? state };
  const wanted = Spec.Mode.Replicated?.Replicas ?? 0;
  const own = tasks.filter(
    ({ ServiceID, DesiredState }) => ServiceID === service.ID && DesiredState === 'running',
  );
  const running = own.filter((task) => task.Status.State === 'running' && isCurrent(task, service)).length;
  const isBusy = state === 'updating' || state === 'rollback_started';
  if (!isBusy && running === wanted && own.length === wanted) return { state: 'done', running };
  const doing = own.find((task) => task.Status.State !== 'running')?.Status;
  const why =
    doing === undefined ? state.replace('_', ' ') : [doing.State, doing.Err].filter(Boolean).join(': ');
  return { state: 'going', running, wanted, text: why };
}

const isCurrent = (task: RunningTask, { Spec }: RunningService): boolean =>
  isDeepStrictEqual(withoutEmpty(task.Spec.ContainerSpec), withoutEmpty(Spec.TaskTemplate.ContainerSpec)) &&
  (task.Spec.ForceUpdate ?? 0) === (Spec.TaskTemplate.ForceUpdate ?? 0);

/** Docker writes what is empty in one place and leaves it out in another. */
function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEmpty);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value)
    .map(([key, each]) => [key, withoutEmpty(each)] as const)
    .filter(
      ([, each]) =>
        each !== undefined && each !== null && !(typeof each === 'object' && Object.keys(each).length === 0),
    );
  return Object.fromEntries(kept);
}

/** The tag of an image, without a registry's digest. */
export const versionOf = (image: string): string =>
  /:([^/:@]+)(?:@sha256:[0-9a-f]+)?$/.exec(image)?.[1] ?? image;

/** What really runs, by service: versions with how many run it, from the tasks' own images. */
export function runningVersions(
  services: readonly RunningService[],
  tasks: readonly RunningTask[],
): Map<string, Map<string, number>> {
  return new Map(
    services.map(({ ID, Spec }): [string, Map<string, number>] => {
      const counts = new Map<string, number>();
      for (const { ServiceID, Status, Spec: spec } of tasks) {
        if (ServiceID !== ID || Status.State !== 'running') continue;
        const version = versionOf(spec.ContainerSpec.Image);
        counts.set(version, (counts.get(version) ?? 0) + 1);
      }
      return [Spec.Name, counts];
    }),
  );
}
