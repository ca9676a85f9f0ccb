import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { StartError, storageError, systemCode } from '@liaison/core/config';
import {
  type DefinedDeployment,
  type Deployment,
  type DeploymentState,
  errorLine,
  type Site,
  type SiteId,
  type SiteState,
  stateSchema,
  unchanged,
  withState,
} from '../contract/index.ts';

/** One site as it is to run: what `site.ts` says, with what the operator's commands have changed. */
export interface DescribedSite {
  /** With this site's version, which while an update goes from site to site is not that of the others. */
  readonly deployment: Deployment;
  readonly site: Site;
  /** The site's own part of `state.json`. */
  readonly state: SiteState;
}

export interface LoadedDeployment {
  /** As `site.ts` has it, without what commands have changed since. */
  readonly deployment: Deployment;
  readonly sites: readonly DescribedSite[];
  /** Where the description lies, and beside it its state and what is rendered. */
  readonly folder: string;
}

const siteFolders = resolve(import.meta.dirname, '../../../deploy/sites');

/**
 * Loads a description by the name of its folder in `deploy/sites`, or by a path to its folder. Throws a `StartError` that
 * lists everything that is wrong in it.
 */
export async function loadDeployment(named: string): Promise<LoadedDeployment> {
  const folder = named.includes('/') ? resolve(named) : join(siteFolders, named);
  const file = join(folder, 'site.ts');
  if (!existsSync(file)) {
    throw new StartError({
      what: `there is no description ${file}`,
      mend: 'name a folder of deploy/sites, or write the path of a folder with a site.ts',
    });
  }
  let defined: unknown;
  try {
    const loaded: { default?: unknown } = await import(pathToFileURL(file).href);
    defined = loaded.default;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StartError({ what: `${file} cannot be read: ${reason}`, mend: 'mend it', cause: error });
  }
  if (!isDefined(defined)) {
    throw new StartError({
      what: `${file} describes nothing`,
      mend: "end it with export default defineDeployment({ … }), from '@liaison/sites'",
    });
  }
  const deployment = rightOrThrow(file, defined);
  const { sites } = await readState(folder);
  return {
    deployment,
    folder,
    sites: deployment.sites.map(({ id }) => describedSite(deployment, id, sites[id] ?? unchanged)),
  };
}

/** The site as it would be with another state. Throws a `StartError` where that contradicts the description. */
export function describedSite(deployment: Deployment, id: SiteId, state: SiteState): DescribedSite {
  const changed = rightOrThrow(`the description with ${stateFile}`, withState(deployment, id, state));
  const site = changed.sites.find((one) => one.id === id);
  if (site === undefined) throw new Error(`${id} is no site of ${deployment.name}`);
  return { deployment: changed, site, state };
}

function rightOrThrow(file: string, defined: DefinedDeployment): Deployment {
  if (defined.ok) return defined.deployment;
  const [first, ...others] = defined.errors.map(errorLine);
  throw new StartError({
    what: `${file} contradicts itself: ${[first, ...others].join('; ')}`,
    mend: 'mend these fields',
  });
}

/** Beside `site.ts`, and kept with it: what commands have changed. */
export const stateFile = 'state.json';

const mostStateBytes = 1_000_000;

export async function readState(folder: string): Promise<DeploymentState> {
  const file = join(folder, stateFile);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return { sites: {} };
    throw storageError(error, file);
  }
  try {
    if (text.length > mostStateBytes) throw new Error('it is larger than 1 MB');
    return stateSchema.parse(JSON.parse(text));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StartError({
      what: `${file} cannot be used: ${reason}`,
      mend: 'bring back the one from before, which is kept beside site.ts',
    });
  }
}

const isDefined = (value: unknown): value is DefinedDeployment =>
  typeof value === 'object' && value !== null && 'ok' in value && typeof value.ok === 'boolean';
