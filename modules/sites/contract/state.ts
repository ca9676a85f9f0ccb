import { z } from 'zod';
import type { DefinedDeployment } from './define.ts';
import { type Deployment, nodeSchema, type Site, type SiteId, siteIds, versionSchema } from './deployment.ts';
import * as field from './fields.ts';
import { furtherServiceSchema } from './further-service.ts';
import { contradictions } from './rules.ts';

const siteStateSchema = z.strictObject({
  version: versionSchema.optional(),
  /** By the name of a process. */
  replicas: z.record(field.name, field.count(1, 64)).default({}),
  /** Where PostgreSQL's parts are, when they are not where the description began. */
  postgres: z
    .strictObject({ primary: field.name, standby: field.name.optional(), epoch: field.count(1, 1_000_000) })
    .optional(),
  /** Machines that came later. */
  nodes: z.array(nodeSchema).max(200).default([]),
  /** Services beside our own, by name; see `service add`. */
  services: z.record(field.name, furtherServiceSchema).default({}),
  /** Machines that went, by name. */
  gone: z.array(field.name).max(200).default([]),
});

/** What the operator's commands have changed of one site; everything else is as `site.ts` says. */
export type SiteState = z.output<typeof siteStateSchema>;

/** `state.json`, beside `site.ts`. */
export const stateSchema = z.strictObject({
  sites: z.partialRecord(z.enum(siteIds), siteStateSchema).default({}),
});
export type DeploymentState = z.output<typeof stateSchema>;

export const unchanged: SiteState = { replicas: {}, nodes: [], services: {}, gone: [] };

/**
 * The deployment as one of its sites has it: with that site's version, counts, nodes and roles of PostgreSQL. Checked again as
 * a whole, because what was right alone may contradict what `site.ts` says since.
 */
export function withState(deployment: Deployment, id: SiteId, state: SiteState): DefinedDeployment {
  const changed: Deployment = {
    ...deployment,
    version: state.version ?? deployment.version,
    sites: deployment.sites.map((site) => (site.id === id ? changedSite(site, state) : site)),
  };
  const unknown = Object.keys(state.replicas).filter(
    (name) =>
      !changed.sites.some((site) => site.id === id && site.processes.some((one) => one.name === name)),
  );
  const errors = [
    ...unknown.map((name) => ({
      field: `state.json: sites.${id}.replicas.${name}`,
      what: 'there is no such process any more',
      mend: 'remove the line',
    })),
    ...contradictions(changed),
  ];
  return errors.length > 0 ? { ok: false, errors } : { ok: true, deployment: changed };
}

function changedSite(site: Site, state: SiteState): Site {
  const known = new Set(site.nodes.map(({ name }) => name));
  return {
    ...site,
    nodes: [...site.nodes, ...state.nodes.filter(({ name }) => !known.has(name))].filter(
      ({ name }) => !state.gone.includes(name),
    ),
    processes: site.processes.map((process) => ({
      ...process,
      replicas: state.replicas[process.name] ?? process.replicas,
    })),
    postgres: changedPostgres(site.postgres, state),
  };
}

/** Whichever has the later epoch is right: a description that was brought up to date by hand wins over an older state. */
function changedPostgres(postgres: Site['postgres'], { postgres: moved }: SiteState): Site['postgres'] {
  if (postgres.kind !== 'managed' || moved === undefined || moved.epoch < postgres.epoch) return postgres;
  const { standby: _, ...others } = postgres;
  // Until there is a standby again, nobody waits for one.
  const replication = moved.standby === undefined ? 'asynchronous' : postgres.replication;
  return { ...others, ...moved, replication };
}
