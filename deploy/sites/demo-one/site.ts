import { defineDeployment, secret } from '@liaison/sites';

/** One machine in an office: everything in one process, with PostgreSQL beside it. */
export default defineDeployment({
  name: 'liaison',
  domain: 'estuaria.example',
  image: 'registry.estuaria.example/liaison',
  version: '0.1.0',
  sites: [
    {
      id: 'eu',
      region: 'Lisbon, the head office',
      host: 'liaison.estuaria.example',
      runs: 'compose',
      nodes: [{ name: 'office', address: '192.168.1.10', docker: 'unix:///var/run/docker.sock' }],
      processes: [{ name: 'liaison', duties: 'all', rtpPorts: '20000-20199', memoryMb: 2048, cpus: 2 }],
      postgres: { kind: 'managed', primary: 'office', password: secret('postgres-password'), memoryMb: 1024 },
      blobs: { kind: 'folder', node: 'office' },
    },
  ],
});
