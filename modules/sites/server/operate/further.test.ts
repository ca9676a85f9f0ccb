import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { renderSite } from '../render/render-site.ts';
import { checked, threeNodes } from '../testing/any-deployment.ts';
import { describedFacts } from './facts.ts';
import { furtherErrors, readFurtherService, withFurtherServices } from './further.ts';

const deployment = checked(threeNodes());
const [site] = deployment.sites;
if (site === undefined) throw new Error('no site');
const described = site;
const rendered = renderSite(deployment, described, (name) => `mark-${name}`);
const stack = rendered.files.get('stack.yaml') ?? '';

const right = {
  image: 'registry.estuaria.example/board:1.4',
  command: ['serve', '--at=$HOME'],
  environment: { LANGUAGE: 'pt' },
  user: '1000:1000',
  ports: [{ target: 8080, published: 8090, mode: 'host' }],
  volumes: ['data:/data'],
  tmpfs: ['/tmp'],
  secrets: ['board-login'],
  healthcheck: { test: ['CMD', 'true'] },
  deploy: { replicas: 2, resources: { limits: { memory: '1g', cpus: '0.5' } } },
};
const read = (change: object, name = 'board') =>
  readFurtherService(JSON.stringify({ services: { [name]: { ...right, ...change } } }), described, stack);

test('The service that the guide shows keeps to the rules', async () => {
  const guide = await readFile(new URL('../../../../docs/operations/operating.md', import.meta.url), 'utf8');
  const [, example = ''] = /^ *```yaml\n(.*?)^ *```$/ms.exec(guide) ?? [];
  const taken = readFurtherService(example, described, stack);
  if (!taken.ok) throw new Error(furtherErrors(taken.errors));
  expect(taken).toMatchObject({ name: 'status-board', service: { memoryMb: 128, cpus: 0.5, replicas: 1 } });
});

test('A service that keeps to the rules is taken, and is in the stack as every other', () => {
  const taken = read({});
  if (!taken.ok) throw new Error(furtherErrors(taken.errors));
  expect(taken.service).toMatchObject({
    memoryMb: 1024,
    cpus: 0.5,
    replicas: 2,
    volumes: { '/data': 'data' },
  });
  const yaml = withFurtherServices({
    yaml: stack,
    stack: rendered.name,
    site: described,
    services: { [taken.name]: taken.service },
    secretMark: (name) => `mark-${name}`,
  });
  const file = parse(yaml, { version: '1.1' }) as { services: Record<string, unknown>; volumes: object };
  expect(file.services.board).toMatchObject({
    read_only: true,
    cap_drop: ['ALL'],
    networks: ['site'],
    deploy: { endpoint_mode: 'dnsrr', update_config: { failure_action: 'rollback', order: 'stop-first' } },
  });
  expect(file.volumes).toHaveProperty(['board-data']);
  const facts = describedFacts(yaml, rendered.name);
  expect(facts.get('board')?.get('secret board-login')).toBe('lab-eu_board-login_mark-board-login');
  expect(facts.get('board')?.get('command')).toBe('serve --at=$HOME');
  // Nothing else of the stack is another.
  for (const [name, of] of describedFacts(stack, rendered.name)) expect(facts.get(name)).toEqual(of);
});

test.each([
  ['privileged', { privileged: true }],
  ['network_mode', { network_mode: 'host' }],
  ['networks', { networks: ['host'] }],
  ['cap_add', { cap_add: ['NET_ADMIN'] }],
  ['pid', { pid: 'host' }],
  ['build', { build: '.' }],
  ['sysctls', { sysctls: {} }],
  ['image', { image: 'board' }],
  ['image', { image: 'registry.estuaria.example:5000/board' }],
  ['image', { image: 'board:latest' }],
  ['user', { user: undefined }],
  ['user', { user: '0:0' }],
  ['healthcheck', { healthcheck: undefined }],
  ['healthcheck', { healthcheck: { disable: true, test: ['CMD', 'true'] } }],
  ['healthcheck', { healthcheck: { test: ['NONE'] } }],
  ['deploy.resources.limits', { deploy: {} }],
  ['deploy.resources.limits', { deploy: { resources: { limits: { memory: '1g' } } } }],
  ['deploy.replicas', { deploy: { ...right.deploy, replicas: 4 } }],
  ['environment.DB_PASSWORD', { environment: { DB_PASSWORD: 'x' } }],
  ['environment.DATABASE', { environment: ['DATABASE=postgres://a:b@db/x'] }],
  ['ports', { ports: ['8090:8080'] }],
  ['ports', { ports: [{ target: 8080, published: 8090, mode: 'ingress' }] }],
  ['ports', { ports: [{ target: 5060, published: 5060, protocol: 'udp', mode: 'host' }] }],
  ['volumes', { volumes: ['/var/run/docker.sock:/var/run/docker.sock'] }],
  ['volumes', { volumes: [{ type: 'bind', source: '/etc', target: '/x' }] }],
])('%s of %j is refused, with what mends it', (field, change) => {
  const refused = read(change);
  expect(refused.ok).toBe(false);
  if (refused.ok) return;
  expect(refused.errors.map((one) => one.field)).toContain(`services.board.${field}`);
  for (const { what, mend } of refused.errors) expect([what, mend]).not.toContain('');
});

test('A name of the site, several services, and what is no such file are refused', () => {
  expect(read({}, 'front')).toMatchObject({ ok: false });
  expect(read({}, 'postgres')).toMatchObject({ ok: false });
  for (const text of [
    '',
    'services: {}',
    '{',
    'a: &a [*a]',
    'x'.repeat(200_000),
    'services: { a: {}, b: {} }',
  ])
    expect(readFurtherService(text, described, stack)).toMatchObject({ ok: false });
});
