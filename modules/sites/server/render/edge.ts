import type { Deployment, Edge, Site } from '../../contract/index.ts';
import { grafanaPort } from './monitoring.ts';
import { httpPort } from './processes.ts';
import { httpHealth, ordinary, type Program, type ServiceName } from './program.ts';

const healthPort = 8081;

/** Caddy: takes HTTPS from everybody and finds whoever is there to answer. */
export function edgeProgram(deployment: Deployment, site: Site): Program[] {
  const { edge } = site;
  if (edge === undefined) return [];
  return [
    {
      ...ordinary,
      name: 'edge',
      purpose: 'Caddy: HTTPS for everybody, passed on to whichever process answers',
      image: deployment.images.caddy,
      entrypoint: ['caddy', 'run', '--config', '/etc/caddy/Caddyfile', '--adapter', 'caddyfile'],
      environment: { XDG_DATA_HOME: '/data', XDG_CONFIG_HOME: '/config' },
      // Its volume belongs to root; without capabilities that is a user like others, except for the two low ports.
      user: '0:0',
      capabilities: ['NET_BIND_SERVICE'],
      configs: [{ config: 'Caddyfile', target: '/etc/caddy/Caddyfile' }],
      secrets: certificateSecrets(edge),
      volumes: [{ kind: 'named', name: 'edge-data', target: '/data', shared: false }],
      scratch: [...ordinary.scratch, { target: '/config', sizeMb: 16 }],
      ports: [
        { ports: { from: edge.httpPort, to: edge.httpPort }, inside: 80, transport: 'tcp' },
        { ports: { from: edge.httpsPort, to: edge.httpsPort }, inside: 443, transport: 'tcp' },
      ],
      health: httpHealth(healthPort, '/', 15),
      replicas: edge.nodes.length,
      onePerNode: true,
      nodes: edge.nodes,
      memoryMb: edge.memoryMb,
      graceSeconds: 30,
    },
  ];
}

function certificateSecrets({ certificate }: Edge): string[] {
  if (certificate.kind === 'own') return [certificate.certificate.secret, certificate.key.secret];
  if (certificate.kind === 'acme' && certificate.authority) return [certificate.authority.secret];
  return [];
}

export function caddyfile(site: Site, edge: Edge, nameOf: ServiceName): string {
  const { certificate } = edge;
  const withDuty = (duty: 'api' | 'live' | 'sip'): string =>
    site.processes.find(({ duties }) => duties.includes(duty))?.name ?? '';
  const api = withDuty('api');
  // The doors of some duties are apart only where other processes have them.
  const apart = [
    { path: '/api/v1/live', service: withDuty('live') },
    { path: '/sip', service: withDuty('sip') },
  ].filter(
    ({ path, service }) =>
      service !== api &&
      !(path === '/api/v1/live' && site.processes.find(({ name }) => name === api)?.duties.includes('live')),
  );
  const global = [
    '\tadmin off',
    '\tgrace_period 10s',
    ...(certificate.kind === 'acme'
      ? [
          `\temail ${certificate.email}`,
          `\tacme_ca ${certificate.directory}`,
          ...(certificate.authority ? [`\tacme_ca_root /run/secrets/${certificate.authority.secret}`] : []),
        ]
      : []),
  ];
  const tls =
    certificate.kind === 'own'
      ? [`\ttls /run/secrets/${certificate.certificate.secret} /run/secrets/${certificate.key.secret}`]
      : certificate.kind === 'self-made'
        ? ['\ttls internal']
        : [];
  return [
    '{',
    ...global,
    '}',
    '',
    `${site.host} {`,
    ...tls,
    ...apart.flatMap(({ path, service }) => [
      `\thandle ${path} {`,
      ...proxyTo(nameOf(service), httpPort).map((line) => `\t${line}`),
      '\t}',
    ]),
    '\thandle /metrics {',
    '\t\trespond 404',
    '\t}',
    '\thandle {',
    ...proxyTo(nameOf(api), httpPort).map((line) => `\t${line}`),
    '\t}',
    '}',
    '',
    ...(site.monitoring?.grafana === undefined
      ? []
      : [`${site.monitoring.grafana.host} {`, ...tls, ...proxyTo(nameOf('grafana'), grafanaPort), '}', '']),
    '# Asked by the container itself.',
    `http://127.0.0.1:${healthPort} {`,
    '\trespond 200',
    '}',
    '',
  ].join('\n');
}

/** Looked up every second, and tried elsewhere when nobody is there: a replica that goes is missed by nobody. */
function proxyTo(name: string, port: number): string[] {
  return [
    '\treverse_proxy {',
    '\t\tdynamic a {',
    `\t\t\tname ${name}`,
    `\t\t\tport ${port}`,
    '\t\t\trefresh 1s',
    '\t\t}',
    '\t\tlb_try_duration 10s',
    '\t\tlb_try_interval 100ms',
    '\t\ttransport http {',
    '\t\t\tdial_timeout 1s',
    '\t\t}',
    '\t}',
  ];
}
