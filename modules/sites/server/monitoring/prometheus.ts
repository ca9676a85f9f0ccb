import { Document } from 'yaml';
import type { Site } from '../../contract/index.ts';
import { httpPort } from '../render/processes.ts';
import type { ServiceName } from '../render/program.ts';
import { alerts, backupAlerts } from './alerts.ts';
import { processesJob } from './figures.ts';

/** Every process of every service of ours, found by the names that the orchestrator gives; `service` says which one it is of. */
export function prometheusConf(site: Site, nameOf: ServiceName): string {
  return yamlOf({
    global: { scrape_interval: '15s', evaluation_interval: '15s', external_labels: { site: site.id } },
    rule_files: ['/etc/prometheus/alerts.yml'],
    scrape_configs: [
      {
        job_name: processesJob,
        dns_sd_configs: site.processes.map(({ name }) => ({
          names: [nameOf(name)],
          type: 'A',
          port: httpPort,
          refresh_interval: '10s',
        })),
        relabel_configs: site.processes.map(({ name }) => ({
          source_labels: ['__meta_dns_name'],
          regex: nameOf(name).replaceAll('.', '\\.'),
          target_label: 'service',
          replacement: name,
        })),
      },
    ],
  });
}

export function alertRules(): string {
  return yamlOf({
    groups: [
      {
        name: 'liaison',
        rules: [...alerts, ...backupAlerts].map(
          ({ name, expression, for: lasting, severity, summary, mend }) => ({
            alert: name,
            expr: expression,
            for: lasting,
            labels: { severity },
            annotations: { summary, mend },
          }),
        ),
      },
    ],
  });
}

const yamlOf = (value: unknown): string => new Document(value).toString({ lineWidth: 0 });
