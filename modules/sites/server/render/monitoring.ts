import type { Deployment, Site } from '../../contract/index.ts';
import { boardsFile, dashboard, datasourceFile } from '../monitoring/grafana.ts';
import { alertRules, prometheusConf } from '../monitoring/prometheus.ts';
import { httpHealth, ordinary, type Program, type ServiceName } from './program.ts';

export const grafanaPort = 3000;
const prometheusPort = 9090;
const boardsFolder = '/etc/grafana/boards';

/** Prometheus, which asks each process for its figures, and Grafana, which shows them. */
export function monitoringPrograms(deployment: Deployment, site: Site): Program[] {
  const { monitoring } = site;
  if (monitoring === undefined) return [];
  const { grafana } = monitoring;
  const prometheus: Program = {
    ...ordinary,
    name: 'prometheus',
    purpose: 'Prometheus: figures of every process',
    image: deployment.images.prometheus,
    entrypoint: [
      '/bin/prometheus',
      '--config.file=/etc/prometheus/prometheus.yml',
      '--storage.tsdb.path=/prometheus',
      `--storage.tsdb.retention.time=${monitoring.keepDays}d`,
    ],
    user: '65534:65534',
    configs: [
      { config: 'prometheus.yml', target: '/etc/prometheus/prometheus.yml' },
      { config: 'alerts.yml', target: '/etc/prometheus/alerts.yml' },
    ],
    volumes: [{ kind: 'named', name: 'prometheus', target: '/prometheus', shared: false }],
    health: httpHealth(prometheusPort, '/-/healthy', 60),
    onePerNode: true,
    nodes: [monitoring.node],
    memoryMb: 1024,
  };
  if (grafana === undefined) return [prometheus];
  return [
    prometheus,
    {
      ...ordinary,
      name: 'grafana',
      purpose: 'Grafana: shows what Prometheus has gathered',
      image: deployment.images.grafana,
      entrypoint: ['/run.sh'],
      environment: {
        GF_LOG_MODE: 'console',
        GF_ANALYTICS_REPORTING_ENABLED: 'false',
        GF_ANALYTICS_CHECK_FOR_UPDATES: 'false',
        GF_SERVER_ROOT_URL: `https://${grafana.host}`,
        GF_SECURITY_ADMIN_PASSWORD__FILE: `/run/secrets/${grafana.password.secret}`,
      },
      user: '472:0',
      configs: [
        { config: 'grafana-source.yaml', target: '/etc/grafana/provisioning/datasources/liaison.yaml' },
        { config: 'grafana-boards.yaml', target: '/etc/grafana/provisioning/dashboards/liaison.yaml' },
        { config: 'board.json', target: `${boardsFolder}/liaison.json` },
      ],
      secrets: [grafana.password.secret],
      volumes: [{ kind: 'named', name: 'grafana', target: '/var/lib/grafana', shared: false }],
      health: httpHealth(grafanaPort, '/api/health', 60),
      onePerNode: true,
      nodes: [monitoring.node],
      memoryMb: 512,
    },
  ];
}

/** The files that the two are given, by name. */
export function monitoringConfigs(
  deployment: Deployment,
  site: Site,
  nameOf: ServiceName,
): readonly (readonly [string, string])[] {
  if (site.monitoring === undefined) return [];
  const prometheus = [
    ['prometheus.yml', prometheusConf(site, nameOf)],
    ['alerts.yml', alertRules()],
  ] as const;
  if (site.monitoring.grafana === undefined) return prometheus;
  return [
    ...prometheus,
    ['grafana-source.yaml', datasourceFile(`http://${nameOf('prometheus')}:${prometheusPort}`)],
    ['grafana-boards.yaml', boardsFile(boardsFolder)],
    ['board.json', dashboard(`${deployment.name}, ${site.region}`)],
  ];
}
