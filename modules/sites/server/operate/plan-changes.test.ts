import fc from 'fast-check';
import { expect, test } from 'vitest';
import { renderSite } from '../render/render-site.ts';
import { anyDeployment, checked, threeNodes } from '../testing/any-deployment.ts';
import { describedFacts, type Facts } from './facts.ts';
import { batchesOf, planChanges, planLabels } from './plan-changes.ts';
import { canReturn, returningSteps, type Step, stepSchema } from './steps.ts';

function factsOf(input: ReturnType<typeof checked>) {
  const [site] = input.sites;
  if (site === undefined) throw new Error('no site');
  const rendered = renderSite(input, site, (name) => `mark-${name}`);
  return {
    site,
    rendered,
    facts: describedFacts(rendered.files.get(rendered.main) ?? '', rendered.name),
  };
}
const deployed = (steps: readonly Step[]) =>
  steps.flatMap((step) => (step.kind === 'deploy' ? [step.services] : []));

test('What runs as described needs nothing; each service that differs is deployed once, and no other', () => {
  fc.assert(
    fc.property(anyDeployment, fc.nat(), (deployment, seed) => {
      const { site, facts } = factsOf(deployment);
      expect(planChanges({ site, running: facts, wanted: facts })).toEqual([]);
      const names = [...facts.keys()];
      const touched = names.filter((_, at) => ((seed >> (at % 30)) & 1) === 1);
      const running = new Map(
        [...facts].map(([name, of]): [string, Facts] => [
          name,
          touched.includes(name) ? new Map([...of, ['image', 'x:0']]) : of,
        ]),
      );
      const steps = planChanges({ site, running, wanted: facts });
      expect(deployed(steps).flat().toSorted()).toEqual(touched.toSorted());
      for (const step of steps) expect(stepSchema.parse(step)).toEqual(step);
      expect(new Set(steps.map(({ id }) => id)).size).toBe(steps.length);
    }),
    { numRuns: 20 },
  );
});

test('A first deployment begins everything together; what is not described any more ends', () => {
  const { site, facts } = factsOf(checked(threeNodes()));
  const first = planChanges({ site, running: new Map(), wanted: facts });
  expect(deployed(first)).toEqual([[...facts.keys()].toSorted()]);
  const old = new Map([...facts, ['forgotten', new Map([['image', 'x:1']])] as const]);
  expect(planChanges({ site, running: old, wanted: facts })).toEqual([
    { kind: 'end', id: 'end', services: ['forgotten'], text: 'End forgotten' },
  ]);
});

test('A new version is tried on one process without calls first, and telephones come last', () => {
  const { site, facts } = factsOf(checked(threeNodes()));
  const next = factsOf(checked({ ...threeNodes(), version: '1.3.0' })).facts;
  const steps = planChanges({ site, running: facts, wanted: next });
  expect(deployed(steps)).toEqual([['worker'], ['front'], ['sip', 'media']]);
  expect(steps[0]?.text).toContain('liaison:1.2.3 → ');
  expect(batchesOf(['edge', 'media', 'postgres', 'nats', 'postgres-standby', 'grafana'], site)).toEqual([
    ['postgres-standby'],
    ['postgres'],
    ['nats'],
    ['media'],
    ['edge'],
    ['grafana'],
  ]);
});

test('Labels are set where they are missing and taken away where nothing needs them; those of others stay', () => {
  const wanted = new Map([['n1', ['liaison.edge']]]);
  const present = new Map([
    ['n1', []],
    ['n2', ['liaison.edge', 'rack']],
  ]);
  const nodes = ['n1', 'n2', 'n3'].map((name) => ({ name }));
  expect(planLabels({ nodes, wanted, present })).toMatchObject([
    { node: 'n1', add: ['liaison.edge'], remove: [] },
    { node: 'n2', add: [], remove: ['liaison.edge'] },
  ]);
});

test('Going back deploys what was there, ends what was not, and notes the state again only where it was noted', () => {
  const deploy: Step = { kind: 'deploy', id: 'd', as: 'wanted', services: ['front', 'new'], text: '' };
  const files: Step = { kind: 'files', id: 'f', as: 'wanted', text: '' };
  const kinds = (steps: Step[]) => steps.map(({ kind }) => kind);
  expect(kinds(returningSteps([files, deploy], new Set(['front'])))).toEqual(['files', 'deploy', 'end']);
  expect(returningSteps([], new Set())).toEqual([]);
  expect([files, deploy].every(canReturn)).toBe(true);
  expect(canReturn({ kind: 'fence', id: 'x', node: 'n1', epoch: 2, text: '' })).toBe(false);
});
