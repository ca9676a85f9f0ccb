import type { Deployment, Site } from '../../contract/index.ts';
import { httpPort } from './processes.ts';
import { httpHealth, ordinary, type Program, type ServiceName } from './program.ts';

export const grafanaPort = 3000;
const prometheusPort = 9090;

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
    configs: [{ config: 'prometheus.yml', target: '/etc/prometheus/prometheus.yml' }],
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

/** Every replica is found by its service's name, as it comes and goes. JSON is YAML too, and quotes itself. */
export function prometheusConf(site: Site, nameOf: ServiceName): string {
  const job = (name: string) => ({
    job_name: name,
    dns_sd_configs: [{ names: [nameOf(name)], type: 'A', port: httpPort, refresh_interval: '5s' }],
    relabel_configs: [{ target_label: 'site', replacement: site.id }],
  });
  const config = {
    global: { scrape_interval: '15s', external_labels: { site: site.id } },
    scrape_configs: site.processes.map(({ name }) => job(name)),
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}

export function grafanaSource(nameOf: ServiceName): string {
  const source = {
    apiVersion: 1,
    datasources: [
      {
        name: 'Prometheus',
        type: 'prometheus',
        access: 'proxy',
        url: `http://${nameOf('prometheus')}:${prometheusPort}`,
        isDefault: true,
      },
    ],
  };
  return `${JSON.stringify(source, null, 2)}\n`;
}
