import { expect, test } from 'vitest';
import { checked, threeNodes } from '../server/testing/any-deployment.ts';
import { stateSchema, unchanged, withState } from './index.ts';

const deployment = checked(threeNodes());
const laid = (state: object) => {
  const changed = withState(deployment, 'eu', { ...unchanged, ...state });
  return changed.ok ? changed.deployment : changed.errors.map(({ field, what }) => `${field} ${what}`).join();
};
const node = {
  name: 'n4',
  address: '203.0.113.4',
  docker: 'context:n4',
  manager: false,
};

test('Nothing changed is the description itself', () => {
  expect(laid({})).toEqual(deployment);
});

test('Counts, version, nodes and roles are laid over the description', () => {
  const changed = laid({
    version: '2.0.0',
    replicas: { front: 3 },
    nodes: [node],
    postgres: { primary: 'n2', epoch: 2 },
  });
  expect(changed).toMatchObject({
    version: '2.0.0',
    sites: [{ nodes: [{}, {}, {}, node], processes: [{ replicas: 3 }, {}, {}, {}] }],
  });
  expect(changed).toMatchObject({
    sites: [{ postgres: { primary: 'n2', epoch: 2, replication: 'asynchronous' } }],
  });
  expect(changed).not.toHaveProperty(['sites', 0, 'postgres', 'standby']);
});

test('A state from before a change of primary does not undo it', () => {
  expect(laid({ postgres: { primary: 'n2', epoch: 1 } })).toMatchObject({
    sites: [{ postgres: { primary: 'n2' } }],
  });
  const later = structuredClone(threeNodes());
  Object.assign(later.sites[0].postgres, { epoch: 3 });
  const kept = withState(checked(later), 'eu', { ...unchanged, postgres: { primary: 'n2', epoch: 2 } });
  expect(kept).toMatchObject({
    ok: true,
    deployment: { sites: [{ postgres: { primary: 'n1', epoch: 3 } }] },
  });
});

test('What contradicts the description is refused, as in the description itself', () => {
  expect(laid({ replicas: { media: 4 } })).toMatch(/processes\[3\].replicas 4 replicas take ports/);
  expect(laid({ gone: ['n1'] })).toMatch(/postgres.primary there is no node n1/);
  expect(laid({ replicas: { gone: 1 } })).toMatch(/replicas.gone there is no such process/);
  for (const wrong of [
    { sites: { xx: {} } },
    { sites: { eu: { replicas: { front: 0 } } } },
    [],
    { sites: { eu: 1 } },
  ])
    expect(stateSchema.safeParse(wrong).success).toBe(false);
});
