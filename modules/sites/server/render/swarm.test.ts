import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { type Deployment, secret } from '../../contract/index.ts';
import { anyDeployment, checked, threeNodes } from '../testing/any-deployment.ts';
import { renderSite } from './render-site.ts';
import type { SwarmService } from './stack-types.ts';
import { askSeconds } from './standby.ts';
import { renderSwarm } from './swarm.ts';

const mark = (name: string) => `mark-of-${name}`;

function render(deployment: Deployment) {
  const [site] = deployment.sites;
  if (site === undefined) throw new Error('no site');
  return { site, ...renderSwarm(deployment, site, mark) };
}

const service = (stack: ReturnType<typeof render>['stack'], name: string): SwarmService => {
  const found = stack.services[name];
  if (found === undefined) throw new Error(`no service ${name}`);
  return found;
};

test('Every service of any right description keeps to the rules', () => {
  fc.assert(
    fc.property(anyDeployment, (deployment) => {
      const { site, stack, configs, secrets, labels } = render(deployment);
      for (const [name, one] of Object.entries(stack.services)) {
        // Neither a virtual address nor the routing mesh.
        expect(one.deploy.endpoint_mode, name).toBe('dnsrr');
        for (const port of one.ports ?? []) expect(port.mode, name).toBe('host');
        expect(one.healthcheck.test.join(' '), name).not.toMatch(/\bnode\b/);
        expect(one.read_only, name).toBe(true);
        expect(one.cap_drop, name).toEqual(['ALL']);
        expect(one.init, name).toBe(true);
        if (one.user.startsWith('0:')) expect([name, one.cap_add]).toEqual(['edge', ['NET_BIND_SERVICE']]);
        else expect(one.cap_add, name).toBeUndefined();
        expect(one.deploy.resources.limits.memory, name).toMatch(/^\d+M$/);
        expect(Number(one.deploy.resources.limits.cpus), name).toBeGreaterThan(0);
        // The roles of the database are changed by the description alone, never back by themselves.
        const action = name.startsWith('postgres') ? 'pause' : 'rollback';
        expect(one.deploy.update_config.failure_action, name).toBe(action);
        expect(one.image, name).toMatch(/:[\w.-]+$/);
        expect(one.image, name).not.toMatch(/latest|minio/);
        // Two that want one port, or one volume, never run at once; everything else overlaps.
        const alone =
          (one.ports ?? []).length > 0 || one.networks[0] === 'host' || name.startsWith('postgres');
        if (alone) {
          expect(one.deploy.update_config.order, name).toBe('stop-first');
          expect(one.deploy.placement.max_replicas_per_node, name).toBe(1);
        }
        if (one.deploy.replicas > 1 && !alone && name !== 'nats') {
          expect(one.deploy.update_config.order, name).toBe('start-first');
        }
        // Whatever a service is given is declared, and every label that it looks for is told.
        for (const { source } of one.configs) expect(stack.configs, name).toHaveProperty([source]);
        for (const { source } of one.secrets ?? []) expect(stack.secrets, name).toHaveProperty([source]);
        for (const constraint of one.deploy.placement.constraints ?? []) {
          const label = /^node\.labels\.(\S+) == yes$/.exec(constraint)?.[1];
          const node = /^node\.hostname == (\S+)$/.exec(constraint)?.[1];
          if (label !== undefined) {
            const able = [...labels].filter(([, of]) => of.includes(label)).length;
            expect(able, name).toBeGreaterThan(0);
            if (alone) expect(able, name).toBeGreaterThanOrEqual(one.deploy.replicas);
          } else expect(site.nodes.map((each) => each.name)).toContain(node);
        }
      }
      for (const one of secrets) expect(stack.secrets?.[one]?.name).toContain(`mark-of-${one}`);
      expect([...configs.keys()].sort()).toEqual(Object.keys(stack.configs).sort());
    }),
    { numRuns: 40 },
  );
});

test('What takes files, or makes some, has a disk for what is on its way', () => {
  fc.assert(
    fc.property(anyDeployment, (deployment) => {
      const { site, stack } = render(deployment);
      for (const { name, duties } of site.processes) {
        if (!duties.some((duty) => duty === 'api' || duty === 'worker' || duty === 'mail')) continue;
        const { environment, volumes = [] } = service(stack, name);
        const at = volumes.find(({ target }) => environment?.TMPDIR?.startsWith(`${target}/`));
        expect(at?.type, name).toMatch(/^(?:volume|bind)$/);
      }
    }),
  );
});

test('What is written is what was meant, read back as Docker reads it', () => {
  fc.assert(
    fc.property(anyDeployment, (deployment) => {
      const { site, stack } = render(deployment);
      const rendered = renderSite(deployment, site, mark);
      expect(parse(rendered.files.get(rendered.main) ?? '', { version: '1.1' })).toEqual(stack);
    }),
    { numRuns: 3 },
  );
});

test('Whoever carries calls is given the time that the description gives, a worker is not', () => {
  const { stack } = render(checked(threeNodes()));
  for (const name of ['front', 'sip', 'media', 'turn']) {
    expect(service(stack, name).stop_grace_period, name).toBe('1830s');
    if (name !== 'turn') expect(service(stack, name).environment?.LIAISON_DRAIN_LIMIT, name).toBe('30m');
  }
  expect(service(stack, 'worker').stop_grace_period).toBe('30s');
});

test('A container is asked as often as the description says, and has longer to answer than its own questions take', () => {
  const input = threeNodes();
  Object.assign(input.sites[0], { limits: { healthSeconds: 7 } });
  const { stack } = render(checked(input));
  expect(service(stack, 'front').healthcheck).toMatchObject({ interval: '7s', timeout: '4s' });
  const { interval, timeout } = service(stack, 'postgres-standby').healthcheck;
  expect(interval).toBe('7s');
  expect(Number.parseInt(timeout, 10)).toBeGreaterThan(2 * askSeconds);
});

test('Telephones and media are reached on the node itself, everybody else through the edge', () => {
  const { stack } = render(checked(threeNodes()));
  const published = (name: string) =>
    (service(stack, name).ports ?? []).map((port) => `${port.published}/${port.protocol}`);
  expect(published('sip')).toEqual(['5060/udp', '5060/tcp', '5061/tcp']);
  expect(published('media')).toHaveLength(40);
  expect(published('media')).toEqual(expect.arrayContaining(['20000/udp', '20019/udp', '20000/tcp']));
  expect(published('edge')).toEqual(['80/tcp', '443/tcp']);
  for (const name of ['front', 'worker', 'nats', 'postgres', 'postgres-standby']) {
    expect(published(name), name).toEqual([]);
  }
});

test('Each is placed where the description says', () => {
  const { stack, labels } = render(checked(threeNodes()));
  const constraints = (name: string) => service(stack, name).deploy.placement.constraints;
  expect(constraints('postgres')).toEqual(['node.hostname == n1']);
  expect(constraints('postgres-standby')).toEqual(['node.hostname == n2']);
  expect(constraints('sip')).toEqual(['node.labels.liaison.sip == yes']);
  expect(constraints('front')).toBeUndefined();
  expect(service(stack, 'front').deploy.placement.preferences).toEqual([{ spread: 'node.id' }]);
  expect(Object.fromEntries(labels)).toEqual({
    n1: ['liaison.edge'],
    n2: ['liaison.sip', 'liaison.edge'],
    n3: ['liaison.sip'],
  });
});

test('The edge finds replicas by name every second and sends each path to who serves it', () => {
  const { configs } = render(checked(threeNodes()));
  const edge = configs.get('Caddyfile') ?? '';
  expect(edge).toMatch(/dynamic a \{\s+name tasks\.front\s+port 8080\s+refresh 1s/);
  expect(edge).toMatch(/handle \/sip \{\s+reverse_proxy \{\s+dynamic a \{\s+name tasks\.sip/);
  expect(edge).not.toContain('/api/v1/live');
  expect(edge).toContain('lb_try_duration');
  expect(edge.split('{').length).toBe(edge.split('}').length);
});

test('Live sockets have a way of their own where another process has them', () => {
  const input = threeNodes();
  input.sites[0].processes.splice(
    0,
    1,
    { name: 'api', duties: ['api'] },
    { name: 'live', duties: ['live'], replicas: 2 },
  );
  const edge = render(checked(input)).configs.get('Caddyfile') ?? '';
  expect(edge).toMatch(/handle \/api\/v1\/live \{\s+reverse_proxy \{\s+dynamic a \{\s+name tasks\.live/);
  expect(edge).toMatch(/handle \{\s+reverse_proxy \{\s+dynamic a \{\s+name tasks\.api/);
});

test('A change of one config changes its name, and no other', () => {
  const before = render(checked(threeNodes())).stack.configs;
  const input = threeNodes();
  Object.assign(input.sites[0].turn ?? {}, { relayPorts: '50000-50099' });
  const after = render(checked(input)).stack.configs;
  const changed = Object.keys(after).filter((name) => after[name]?.name !== before[name]?.name);
  expect(changed).toEqual(['turnserver.conf']);
});

test('A synchronous standby is waited for, another is not', () => {
  const conf = (input: ReturnType<typeof threeNodes>) =>
    render(checked(input)).configs.get('postgresql.conf') ?? '';
  expect(conf(threeNodes())).toContain("synchronous_standby_names = ''");
  const input = threeNodes();
  Object.assign(input.sites[0].postgres, { replication: 'synchronous' });
  expect(conf(input)).toContain("synchronous_standby_names = 'FIRST 1 (standby)'");
});

test('Figures are gathered from every process by name, and shown at the edge under a host of their own', () => {
  const input = threeNodes();
  const grafana = { host: 'figures.estuaria.example', password: secret('grafana-password') };
  Object.assign(input.sites[0], { monitoring: { node: 'n3', grafana } });
  const { stack, configs } = render(checked(input));
  for (const name of ['front', 'worker', 'sip', 'media']) {
    expect(configs.get('prometheus.yml')).toContain(`- tasks.${name}\n`);
  }
  const files = (name: string) => service(stack, name).configs.map(({ source }) => source);
  expect(files('prometheus')).toEqual(['prometheus.yml', 'alerts.yml']);
  expect(files('grafana')).toEqual(['grafana-source.yaml', 'grafana-boards.yaml', 'board.json']);
  expect(configs.get('grafana-source.yaml')).toContain('http://tasks.prometheus:9090');
  expect(service(stack, 'front').environment?.LIAISON_METRICS_FROM).toBe('10.83.0.0/20');
  const edge = configs.get('Caddyfile') ?? '';
  expect(edge).toMatch(/figures\.estuaria\.example \{[^}]*name tasks\.grafana\s+port 3000/s);
  // Whoever asks from outside is not shown them.
  expect(edge).toMatch(/handle \/metrics \{\s+respond 404/);
});
