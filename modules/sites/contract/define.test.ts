import { expect, test } from 'vitest';
import { threeNodes } from '../server/testing/any-deployment.ts';
import { type DeploymentInput, defineDeployment, secret } from './index.ts';

type Input = ReturnType<typeof threeNodes>;

/** The errors of a right description after one change. */
function errorsAfter(change: (input: Input) => unknown) {
  const input = threeNodes();
  change(input);
  const defined = defineDeployment(input);
  return defined.ok ? [] : defined.errors;
}

/** What only a careless hand writes, past the types. */
const careless = (value: object): { [name: string]: unknown } => value as { [name: string]: unknown };

test('A right description is complete, with everything that was left out', () => {
  const defined = defineDeployment(threeNodes());
  if (!defined.ok) throw new Error(JSON.stringify(defined.errors));
  const [site] = defined.deployment.sites;
  expect(site).toMatchObject({
    sip: { port: 5060, tlsPort: 5061 },
    limits: { drainMinutes: 30 },
    runs: 'swarm',
  });
  expect(site?.processes[3]?.rtpPorts).toEqual({ from: 20000, to: 20019 });
  expect(defined.deployment.images.caddy).toMatch(/caddy:\d/);
});

test('Four sites are one deployment', () => {
  const input = threeNodes();
  const [eu] = input.sites;
  const others = (['na', 'sa', 'ap'] as const).map((id, at) => ({
    ...eu,
    id,
    host: `${id}.estuaria.example`,
    nodes: eu.nodes.map((node, which) => ({ ...node, address: `203.0.113.${100 + at * 10 + which}` })),
  }));
  const defined = defineDeployment({ ...input, sites: [eu, ...others] });
  expect(defined.ok).toBe(true);
});

const site = ({ sites }: Input) => sites[0];

test.each<[string, (input: Input) => unknown, string, RegExp, RegExp]>([
  [
    'more replicas than nodes with their ports',
    (input) =>
      site(input).processes.splice(2, 1, { name: 'sip', duties: ['sip'], replicas: 3, nodes: ['n2', 'n3'] }),
    'sites[0].processes[2].replicas',
    /3 replicas .* 2 nodes/,
    /at most 2/,
  ],
  [
    'a standby on the node of the primary',
    (input) => Object.assign(site(input).postgres, { standby: 'n1' }),
    'sites[0].postgres.standby',
    /both on n1/,
    /another node/,
  ],
  [
    'a standby without a password of its own',
    (input) => Object.assign(site(input).postgres, { replicationPassword: undefined }),
    'sites[0].postgres.replicationPassword',
    /missing/,
    /secret\('replication-password'\)/,
  ],
  [
    'waiting for a standby that is not there',
    (input) =>
      Object.assign(site(input), {
        postgres: { kind: 'managed', primary: 'n1', replication: 'synchronous', password: secret('p') },
      }),
    'sites[0].postgres.replication',
    /no standby/,
    /name a standby/,
  ],
  [
    'more processes than PostgreSQL has connections for',
    (input) => Object.assign(site(input).processes[0] ?? {}, { replicas: 10 }),
    'sites[0].postgres.connections',
    /16 processes need at least 202 connections, .* gives 200/,
    /connections: 300/,
  ],
  [
    'an unknown node',
    (input) => Object.assign(site(input).postgres, { primary: 'n9' }),
    'sites[0].postgres.primary',
    /no node n9/,
    /n1, n2, n3/,
  ],
  [
    'an unknown node of a process',
    (input) => Object.assign(site(input).processes[2] ?? {}, { nodes: ['n2', 'n8'] }),
    'sites[0].processes[2].nodes[1]',
    /no node n8/,
    /name one of/,
  ],
  [
    'media ports that overlap on one node',
    (input) =>
      site(input).processes.push({ name: 'more', duties: ['media'], rtpPorts: '20010-20039', nodes: ['n3'] }),
    'sites[0].processes[4].rtpPorts',
    /20010-20039 overlap .*processes\[3\]/,
    /choose ports/,
  ],
  [
    'media ports that meet those of TURN',
    (input) => Object.assign(site(input).processes[3] ?? {}, { rtpPorts: '49300-49399' }),
    'sites[0].processes[3].rtpPorts',
    /overlap those of turn.relayPorts/,
    /choose ports/,
  ],
  [
    'media ports with the port of telephones among them',
    (input) => Object.assign(site(input), { sip: { port: 20005 } }),
    'sites[0].processes[3].rtpPorts',
    /overlap/,
    /choose ports/,
  ],
  [
    'media without ports',
    (input) => Object.assign(site(input).processes[3] ?? {}, { rtpPorts: undefined }),
    'sites[0].processes[3].rtpPorts',
    /no ports/,
    /20000-20099/,
  ],
  [
    'ports for who carries no media',
    (input) => Object.assign(site(input).processes[1] ?? {}, { rtpPorts: '30000-30099' }),
    'sites[0].processes[1].rtpPorts',
    /no media/,
    /remove/,
  ],
  [
    'a range that ends before it begins',
    (input) => Object.assign(site(input).processes[3] ?? {}, { rtpPorts: '20019-20000' }),
    'sites[0].processes[3].rtpPorts',
    /cannot be used/,
    /smaller first/,
  ],
  [
    'two sites with one id',
    (input) => input.sites.push({ ...site(input), host: 'other.estuaria.example' }),
    'sites[1].id',
    /two sites have the id eu/,
    /its own/,
  ],
  [
    'two nodes with one name',
    (input) =>
      site(input).nodes.push({ name: 'n1', address: '203.0.113.9', docker: 'ssh://n9', manager: false }),
    'sites[0].nodes[3].name',
    /two nodes are called n1/,
    /its own name/,
  ],
  [
    'two nodes with one address',
    (input) =>
      site(input).nodes.push({ name: 'n4', address: '203.0.113.1', docker: 'ssh://n4', manager: false }),
    'sites',
    /address 203\.0\.113\.1/,
    /once/,
  ],
  [
    'an even number of NATS servers',
    (input) => Object.assign(site(input), { nats: { servers: 2 } }),
    'sites[0].nats.servers',
    /even/,
    /1, 3 or 5/,
  ],
  [
    'more NATS servers than nodes',
    (input) => Object.assign(site(input), { nats: { servers: 5 } }),
    'sites[0].nats.servers',
    /5 servers on 3 nodes/,
    /one for each node/,
  ],
  [
    'no NATS among several processes',
    (input) => Object.assign(site(input), { nats: undefined }),
    'sites[0].nats',
    /need NATS/,
    /servers: 1/,
  ],
  [
    'an even number of managers',
    (input) => Object.assign(site(input).nodes[0] ?? {}, { manager: false }),
    'sites[0].nodes',
    /2 of them are managers/,
    /one, three or five/,
  ],
  [
    'a duty that nobody has',
    (input) => site(input).processes.splice(1, 1),
    'sites[0].processes',
    /nobody does worker/,
    /add worker/,
  ],
  [
    'a folder of blobs that processes cannot reach',
    (input) => Object.assign(site(input), { blobs: { kind: 'folder', node: 'n1' } }),
    'sites[0].processes[0].nodes',
    /n2, n3/,
    /shared folder or in S3/,
  ],
  [
    'several processes without a common door',
    (input) => Object.assign(site(input), { edge: undefined }),
    'sites[0].edge',
    /no common door/,
    /name the nodes/,
  ],
  [
    'an ACME certificate at several doors',
    (input) =>
      Object.assign(site(input).edge ?? {}, {
        certificate: { kind: 'acme', email: 'post@estuaria.example' },
      }),
    'sites[0].edge.certificate',
    /one node/,
    /own/,
  ],
  [
    'figures without an edge that shows them',
    (input) =>
      Object.assign(site(input), {
        edge: undefined,
        monitoring: { node: 'n1', grafana: { host: 'figures.estuaria.example', password: secret('g') } },
      }),
    'sites[0].monitoring.grafana',
    /no edge/,
    /describe an edge/,
  ],
  [
    'Compose on three machines',
    (input) => Object.assign(site(input), { runs: 'compose' }),
    'sites[0].runs',
    /one machine/,
    /swarm/,
  ],
  [
    'a process with the name of another service',
    (input) => Object.assign(site(input).processes[1] ?? {}, { name: 'nats' }),
    'sites[0].processes[1].name',
    /another service/,
    /another name/,
  ],
  [
    'a floating version',
    (input) => Object.assign(input, { version: 'latest' }),
    'version',
    /latest/,
    /one version/,
  ],
  [
    'an image without a version',
    (input) => Object.assign(input, { images: { nats: 'nats' } }),
    'images.nats',
    /cannot be used/,
    /version or digest/,
  ],
  [
    'a misspelt field',
    (input) => Object.assign(site(input), { naats: {} }),
    'sites[0].naats',
    /no such field/,
    /remove it/,
  ],
  [
    'a missing field',
    (input) => delete careless(site(input)).host,
    'sites[0].host',
    /missing/,
    /domain name/,
  ],
])('%s is told with its field and its mend', (_, change, field, what, mend) => {
  const found = errorsAfter(change).find((error) => error.field === field);
  expect(found, JSON.stringify(errorsAfter(change))).toBeDefined();
  expect(found?.what).toMatch(what);
  expect(found?.mend).toMatch(mend);
});

test.each<[string, (input: Input) => unknown]>([
  ['a password', (input) => Object.assign(site(input).postgres, { password: 'correct-horse' })],
  ['the secret of TURN', (input) => Object.assign(site(input).turn ?? {}, { secret: 'correct-horse' })],
])('%s in plain text is refused, and not repeated', (_, change) => {
  const errors = errorsAfter(change);
  expect(errors).toHaveLength(1);
  expect(errors[0]?.mend).toMatch(/never write a secret here/);
  expect(JSON.stringify(errors)).not.toContain('correct-horse');
});

test('A login in the address of a store is refused', () => {
  const errors = errorsAfter((input) =>
    Object.assign(site(input), {
      blobs: {
        kind: 's3',
        product: 'other',
        endpoint: 'https://key:secret@s3.example',
        bucket: 'liaison',
        accessKey: secret('a'),
        secretKey: secret('b'),
      },
    }),
  );
  expect(errors).toMatchObject([{ field: 'sites[0].blobs.endpoint' }]);
  expect(JSON.stringify(errors)).not.toContain('key:secret');
});

test('Everything that is wrong is told at once', () => {
  const errors = errorsAfter((input) => {
    Object.assign(site(input).postgres, { standby: 'n1' });
    Object.assign(site(input), { nats: { servers: 2 } });
  });
  expect(errors.map(({ field }) => field)).toEqual(['sites[0].postgres.standby', 'sites[0].nats.servers']);
});

test('What is no description at all is refused as one', () => {
  for (const nothing of [undefined, null, 7, 'eu', [], {}]) {
    expect(defineDeployment(nothing as unknown as DeploymentInput).ok).toBe(false);
  }
});
