import type { Deployment, Site } from '../../contract/index.ts';
import { httpHealth, ordinary, type Program, type ServiceName } from './program.ts';

/** The bus that wakes processes; it stores nothing. */
export function natsProgram(deployment: Deployment, site: Site): Program[] {
  if (site.nats === undefined) return [];
  return [
    {
      ...ordinary,
      name: 'nats',
      purpose: 'NATS: wakes the other processes; nothing is stored in it',
      image: deployment.images.nats,
      entrypoint: ['nats-server', '--config', '/etc/nats/nats.conf'],
      user: '65534:65534',
      configs: [{ config: 'nats.conf', target: '/etc/nats/nats.conf' }],
      health: httpHealth(8222, '/healthz', 10),
      replicas: site.nats.servers,
      onePerNode: site.nats.servers > 1,
      nodes: site.nodes.map(({ name }) => name),
      memoryMb: site.nats.memoryMb,
    },
  ];
}

export function natsConf(deployment: Deployment, site: Site, nameOf: ServiceName): string {
  const lines = ['port: 4222', 'http: "127.0.0.1:8222"', 'max_payload: 1MB', 'write_deadline: "5s"'];
  if ((site.nats?.servers ?? 1) > 1) {
    lines.push(
      'cluster {',
      `  name: "${deployment.name}-${site.id}"`,
      '  listen: "0.0.0.0:6222"',
      `  routes: ["nats://${nameOf('nats')}:6222"]`,
      // What a server knows of its own addresses is not what others reach it by.
      '  no_advertise: true',
      '  connect_retries: 120',
      '}',
    );
  }
  return `${lines.join('\n')}\n`;
}
