import fc from 'fast-check';
import {
  type Deployment,
  type DeploymentInput,
  defineDeployment,
  errorLine,
  secret,
} from '../../contract/index.ts';

/** A description that is right, for tests that change one thing of it. */
export function threeNodes(): DeploymentInput & { sites: [DeploymentInput['sites'][number]] } {
  return {
    name: 'lab',
    domain: 'estuaria.example',
    image: 'registry.estuaria.example/liaison',
    version: '1.2.3',
    sites: [
      {
        id: 'eu',
        region: 'Europe and Africa',
        host: 'eu.estuaria.example',
        nodes: [1, 2, 3].map((at) => ({
          name: `n${at}`,
          address: `203.0.113.${at}`,
          docker: `ssh://operator@n${at}.estuaria.example`,
        })),
        processes: [
          { name: 'front', duties: ['api', 'live'], replicas: 2 },
          { name: 'worker', duties: ['worker'] },
          { name: 'sip', duties: ['sip'], replicas: 2, nodes: ['n2', 'n3'] },
          { name: 'media', duties: ['media'], replicas: 3, rtpPorts: '20000-20019' },
        ],
        postgres: {
          kind: 'managed',
          primary: 'n1',
          standby: 'n2',
          password: secret('postgres-password'),
          replicationPassword: secret('replication-password'),
        },
        nats: { servers: 3 },
        blobs: { kind: 'shared-folder', path: '/srv/liaison/blobs' },
        edge: { nodes: ['n1', 'n2'], certificate: { kind: 'self-made' } },
        turn: { node: 'n3', secret: secret('turn-secret') },
      },
    ],
  };
}

export function checked(input: DeploymentInput): Deployment {
  const defined = defineDeployment(input);
  if (!defined.ok) throw new Error(defined.errors.map(errorLine).join('\n'));
  return defined.deployment;
}

/** Any right description of one site of one to five nodes, and how it came to be in its shrunk form. */
export const anyDeployment: fc.Arbitrary<Deployment> = fc
  .record({
    nodes: fc.integer({ min: 1, max: 5 }),
    split: fc.constantFrom('all', 'two', 'five'),
    standby: fc.boolean(),
    synchronous: fc.boolean(),
    external: fc.boolean(),
    natsPairs: fc.integer({ min: 0, max: 2 }),
    blobs: fc.constantFrom('shared-folder', 's3', 's3-plain'),
    certificate: fc.constantFrom('acme', 'own', 'self-made', 'none'),
    turn: fc.boolean(),
    monitoring: fc.boolean(),
    drainMinutes: fc.integer({ min: 0, max: 240 }),
    firstPort: fc.integer({ min: 10_000, max: 40_000 }),
    portCount: fc.integer({ min: 10, max: 14 }),
    some: fc.integer({ min: 1, max: 5 }),
  })
  .map((made) => {
    const names = Array.from({ length: made.nodes }, (_, at) => `n${at + 1}`);
    const some = names.slice(0, Math.min(made.some, names.length));
    const rtpPorts = `${made.firstPort}-${made.firstPort + made.portCount}`;
    const one = made.split === 'all' && made.certificate === 'none';
    const processes: DeploymentInput['sites'][number]['processes'] = {
      all: [
        { name: 'liaison', duties: 'all' as const, replicas: one ? 1 : some.length, nodes: some, rtpPorts },
      ],
      two: [
        { name: 'front', duties: ['api', 'live', 'worker'] as const, replicas: 3 },
        { name: 'calls', duties: ['sip', 'media'] as const, replicas: some.length, nodes: some, rtpPorts },
      ].map((process) => ({ ...process, duties: [...process.duties] })),
      five: [
        { name: 'api', duties: ['api' as const], replicas: 2 },
        { name: 'live', duties: ['live' as const], replicas: 2, nodes: some },
        { name: 'worker', duties: ['worker' as const], replicas: 2 },
        { name: 'sip', duties: ['sip' as const], replicas: some.length, nodes: some },
        { name: 'media', duties: ['media' as const], replicas: names.length, rtpPorts },
      ],
    }[made.split] as DeploymentInput['sites'][number]['processes'];
    const certificate = {
      acme: { kind: 'acme' as const, email: 'post@estuaria.example' },
      own: { kind: 'own' as const, certificate: secret('certificate'), key: secret('certificate-key') },
      'self-made': { kind: 'self-made' as const },
      none: { kind: 'self-made' as const },
    }[made.certificate];
    const base = threeNodes();
    return checked({
      ...base,
      sites: [
        {
          ...base.sites[0],
          nodes: names.map((name, at) => ({
            name,
            address: `198.51.100.${at + 1}`,
            docker: 'unix:///var/run/docker.sock',
            manager: at === 0,
          })),
          processes,
          postgres: made.external
            ? {
                kind: 'external',
                host: 'db.estuaria.example',
                user: 'admin',
                password: secret('db-password'),
              }
            : {
                kind: 'managed',
                primary: names[0] ?? '',
                connections: 500,
                password: secret('postgres-password'),
                ...(made.standby && names.length > 1
                  ? {
                      standby: names[1],
                      replicationPassword: secret('replication-password'),
                      replication: made.synchronous ? 'synchronous' : 'asynchronous',
                    }
                  : {}),
              },
          nats: { servers: Math.min(1 + 2 * made.natsPairs, names.length - ((names.length + 1) % 2)) },
          blobs:
            made.blobs === 'shared-folder'
              ? { kind: 'shared-folder', path: '/srv/blobs' }
              : {
                  kind: 's3',
                  product: 'garage',
                  endpoint: `${made.blobs === 's3' ? 'https' : 'http'}://s3.estuaria.example:3900`,
                  bucket: 'liaison',
                  accessKey: secret('s3-access-key'),
                  secretKey: secret('s3-secret-key'),
                },
          edge: one
            ? undefined
            : { nodes: made.certificate === 'acme' ? some.slice(0, 1) : some, certificate },
          turn: made.turn ? { node: names.at(-1) ?? '', secret: secret('turn-secret') } : undefined,
          backups: made.monitoring
            ? {
                at: '03:00 Europe/Lisbon',
                to:
                  names.length === 1
                    ? { kind: 'folder', node: names[0] ?? '', path: '/srv/backups' }
                    : {
                        kind: 's3',
                        endpoint: 'https://backups.estuaria.example',
                        bucket: 'backups',
                        accessKey: secret('backup-access-key'),
                        secretKey: secret('backup-secret-key'),
                      },
                recipients: ['age15ygkmgqhz4jev9u0ls43esatg3klucf9mnflv5dgsr5xas0ylsxsgkwj2m'],
              }
            : undefined,
          monitoring: made.monitoring
            ? {
                node: names[0] ?? '',
                ...(one
                  ? {}
                  : { grafana: { host: 'figures.estuaria.example', password: secret('grafana-password') } }),
              }
            : undefined,
          limits: { drainMinutes: made.drainMinutes },
        },
      ],
    });
  });
