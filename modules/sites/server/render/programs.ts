import type { Deployment, Site } from '../../contract/index.ts';
import { caddyfile, edgeProgram } from './edge.ts';
import { monitoringConfigs, monitoringPrograms } from './monitoring.ts';
import { natsConf, natsProgram } from './nats.ts';
import { postgresAccess, postgresConf, postgresPrograms, postgresStart } from './postgres.ts';
import { processPrograms, startScript } from './processes.ts';
import type { Programs, ServiceName } from './program.ts';
import { standbyHealth } from './standby.ts';
import { turnConf, turnProgram, turnStart } from './turn.ts';

/** Everything that a site runs; `nameOf` is how its services find each other. */
export function programsOf(deployment: Deployment, site: Site, nameOf: ServiceName): Programs {
  const image = `${deployment.image}:${deployment.version}`;
  const configs = new Map<string, string>([['start', startScript(site, nameOf)]]);
  if (site.postgres.kind === 'managed') {
    configs.set('start-postgres', postgresStart(site.postgres, nameOf));
    configs.set('postgresql.conf', postgresConf(site.postgres));
    configs.set('pg_hba.conf', postgresAccess(site));
    if (site.postgres.standby !== undefined)
      configs.set('standby-health', standbyHealth(site.postgres, nameOf));
  }
  if (site.nats !== undefined) configs.set('nats.conf', natsConf(deployment, site, nameOf));
  if (site.edge !== undefined) configs.set('Caddyfile', caddyfile(site, site.edge, nameOf));
  if (site.turn !== undefined) {
    configs.set('turnserver.conf', turnConf(site, site.turn));
    configs.set('start-turn', turnStart(site.turn));
  }
  for (const [name, content] of monitoringConfigs(deployment, site, nameOf)) configs.set(name, content);
  return {
    programs: [
      ...postgresPrograms(deployment, site),
      ...natsProgram(deployment, site),
      ...processPrograms({ site, image, nameOf }),
      ...edgeProgram(deployment, site),
      ...turnProgram(deployment, site),
      ...monitoringPrograms(deployment, site),
    ],
    configs,
  };
}
