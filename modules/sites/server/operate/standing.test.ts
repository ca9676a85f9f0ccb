import { expect, test } from 'vitest';
import { runningVersions, standingOf, versionOf } from './standing.ts';
import type { RunningService, RunningTask } from './swarm.ts';

const container = (image: string, more: object = {}) => ({
  Image: image,
  ...{ Command: [], Args: [], Env: [], CapabilityAdd: [], CapabilityDrop: [] },
  ...{
    User: undefined,
    ReadOnly: undefined,
    Init: undefined,
    StopGracePeriod: undefined,
    Healthcheck: undefined,
  },
  ...{ Mounts: [], Configs: [], Secrets: [], ...more },
});
const service = (image: string, replicas: number, state?: string): RunningService => ({
  ID: 's',
  Version: { Index: 1 },
  Spec: {
    Name: 'lab-eu_front',
    Labels: undefined,
    TaskTemplate: {
      ContainerSpec: container(image, { DNSConfig: {} }),
      ...{ Resources: undefined, Placement: undefined, Networks: [], ForceUpdate: undefined },
    },
    Mode: { Replicated: { Replicas: replicas } },
    EndpointSpec: undefined,
  },
  PreviousSpec: undefined,
  UpdateStatus: state === undefined ? undefined : { State: state, Message: `it is ${state}` },
});
const task = (image: string, state = 'running', err?: string): RunningTask => ({
  ID: `t-${image}-${state}`,
  ServiceID: 's',
  Slot: 1,
  NodeID: 'n',
  Spec: { ContainerSpec: container(image), ForceUpdate: 0 },
  DesiredState: 'running',
  CreatedAt: '2026-11-23T00:00:00Z',
  Status: { State: state, Err: err, Message: undefined, ContainerStatus: undefined },
});

test('Done is as many as wanted of the newest description, and nothing else', () => {
  expect(standingOf(service('x:2', 2), [task('x:2'), task('x:2')])).toEqual({ state: 'done', running: 2 });
  expect(standingOf(service('x:2', 2, 'completed'), [task('x:2'), task('x:2')])).toMatchObject({
    state: 'done',
  });
  // Right after a change there is no status of an update yet, and all that run are old.
  expect(standingOf(service('x:2', 2), [task('x:1'), task('x:1')])).toMatchObject({
    state: 'going',
    running: 0,
  });
  expect(standingOf(service('x:2', 2), [task('x:2'), task('x:1')])).toMatchObject({
    state: 'going',
    running: 1,
  });
  expect(standingOf(service('x:2', 1), [task('x:2'), task('x:2')])).toMatchObject({ state: 'going' });
  expect(standingOf(service('x:2', 2, 'updating'), [task('x:2'), task('x:2')])).toMatchObject({
    state: 'going',
  });
  expect(standingOf(service('x:2', 1), [task('x:2', 'pending', 'no suitable node')])).toMatchObject({
    state: 'going',
    text: 'pending: no suitable node',
  });
});

test('A rollback is no success, even where Swarm calls it completed', () => {
  for (const state of ['rollback_completed', 'rollback_paused', 'paused']) {
    expect(standingOf(service('x:1', 1, state), [task('x:1')])).toEqual({
      state: 'returned',
      text: `it is ${state}`,
    });
  }
  expect(standingOf(service('x:1', 1, 'rollback_started'), [task('x:1')])).toMatchObject({ state: 'going' });
});

test('What really runs is told by the tasks and not by the service', () => {
  const running = runningVersions(
    [service('r.example:5000/x:2', 3)],
    [
      task('r.example:5000/x:1@sha256:0a'),
      task('r.example:5000/x:2'),
      task('r.example:5000/x:2'),
      task('r.example:5000/x:2', 'failed'),
    ],
  );
  expect(Object.fromEntries(running.get('lab-eu_front') ?? [])).toEqual({ 1: 1, 2: 2 });
  expect(versionOf('r.example:5000/x')).toBe('r.example:5000/x');
});
