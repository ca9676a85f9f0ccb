import { defineDeployment, secret } from '@liaison/sites';

/** Europe and Africa: three machines, any one of which may be lost. */
export default defineDeployment({
  name: 'estuaria',
  domain: 'estuaria.example',
  image: 'registry.estuaria.example/liaison',
  version: '0.1.0',
  sites: [
    {
      id: 'eu',
      region: 'Europe and Africa',
      host: 'eu.estuaria.example',
      nodes: [
        { name: 'lisbon-1', address: '203.0.113.11', docker: 'ssh://operator@lisbon-1.estuaria.example' },
        { name: 'lisbon-2', address: '203.0.113.12', docker: 'ssh://operator@lisbon-2.estuaria.example' },
        { name: 'lisbon-3', address: '203.0.113.13', docker: 'ssh://operator@lisbon-3.estuaria.example' },
      ],
      processes: [
        { name: 'front', duties: ['api', 'live'], replicas: 3, memoryMb: 1024, cpus: 1 },
        { name: 'worker', duties: ['worker'], replicas: 2, memoryMb: 768, cpus: 1 },
        {
          name: 'sip',
          duties: ['sip'],
          replicas: 2,
          nodes: ['lisbon-2', 'lisbon-3'],
          memoryMb: 768,
          cpus: 1,
        },
        { name: 'media', duties: ['media'], replicas: 3, rtpPorts: '20000-20199', memoryMb: 1024, cpus: 2 },
      ],
      postgres: {
        kind: 'managed',
        primary: 'lisbon-1',
        standby: 'lisbon-2',
        password: secret('postgres-password'),
        replicationPassword: secret('replication-password'),
        memoryMb: 4096,
      },
      nats: { servers: 3 },
      blobs: {
        kind: 's3',
        product: 'garage',
        endpoint: 'https://s3.eu.estuaria.example',
        region: 'eu',
        bucket: 'liaison',
        accessKey: secret('s3-access-key'),
        secretKey: secret('s3-secret-key'),
      },
      edge: {
        nodes: ['lisbon-1', 'lisbon-2', 'lisbon-3'],
        certificate: { kind: 'own', certificate: secret('certificate'), key: secret('certificate-key') },
      },
      turn: { node: 'lisbon-3', secret: secret('turn-secret') },
      backups: {
        at: '03:15 Europe/Lisbon',
        to: {
          kind: 's3',
          endpoint: 'https://backups.estuaria.example',
          region: 'eu',
          bucket: 'liaison-backups',
          accessKey: secret('backup-access-key'),
          secretKey: secret('backup-secret-key'),
        },
        keep: '14d 8w 12m',
        // Put your own here, as `npm run liaison -- backup-key` shows it.
        recipients: ['age15ygkmgqhz4jev9u0ls43esatg3klucf9mnflv5dgsr5xas0ylsxsgkwj2m'],
      },
      monitoring: {
        node: 'lisbon-3',
        grafana: { host: 'figures.eu.estuaria.example', password: secret('grafana-password') },
      },
      limits: { drainMinutes: 60 },
    },
  ],
});
