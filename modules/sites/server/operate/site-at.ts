import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { StartError, systemCode } from '@liaison/core/config';
import type { Deployment, Site, SiteId, SiteState } from '../../contract/index.ts';
import { planFolder, writeFolder } from '../folder.ts';
import {
  type DescribedSite,
  describedSite,
  type LoadedDeployment,
  readState,
  stateFile,
} from '../load-deployment.ts';
import { masterKey } from '../render/processes.ts';
import type { RenderedSite } from '../render/render-site.ts';
import { renderDescribed } from '../render-described.ts';
import { readSecrets } from '../site-secrets.ts';
import { writeWhole } from './journal.ts';
import { openSwarm, type Swarm } from './swarm.ts';

/** A described site with its folders and its swarm: what every operation works on. */
export interface SiteAt {
  /** As `site.ts` has it. */
  readonly deployment: Deployment;
  readonly id: SiteId;
  /** Where `site.ts` and `state.json` lie. */
  readonly folder: string;
  /** Where the files of this site are rendered, its secrets among them. */
  readonly rendered: string;
  readonly now: DescribedSite;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly swarm: Swarm;
}

/**
 * @param named which site of a description that has several
 * @param rendered another folder for what is rendered
 */
export function siteAt(options: {
  loaded: LoadedDeployment;
  named: string | undefined;
  rendered?: string | undefined;
  env: Readonly<Record<string, string | undefined>>;
}): SiteAt {
  const { loaded, named, env } = options;
  const ids = loaded.sites.map(({ site }) => site.id);
  const now = named === undefined ? loaded.sites[0] : loaded.sites.find(({ site }) => site.id === named);
  if (now === undefined || (named === undefined && ids.length > 1)) {
    throw new StartError({
      what: named === undefined ? 'the description has several sites' : `there is no site ${named} in it`,
      mend: `add --site with one of ${ids.join(', ')}`,
    });
  }
  const { site } = now;
  if (site.runs !== 'swarm') {
    throw new StartError({
      what: `this site runs on Docker Compose, which has one machine and nothing to coordinate`,
      mend: `change site.ts, then npm run liaison -- site render and the command that it prints; or write runs: 'swarm'`,
    });
  }
  const out = options.rendered ?? join(loaded.folder, 'rendered');
  return {
    deployment: loaded.deployment,
    id: site.id,
    folder: loaded.folder,
    rendered: loaded.sites.length === 1 ? out : join(out, site.id),
    now,
    env,
    swarm: openSwarm({ site, stack: stackOf(loaded.deployment, site), env }),
  };
}

export const stackOf = (deployment: Pick<Deployment, 'name'>, site: Pick<Site, 'id'>): string =>
  `${deployment.name}-${site.id}`;

export const withSiteState = (at: SiteAt, state: SiteState): DescribedSite =>
  describedSite(at.deployment, at.id, state);

/** @param make whether secrets that any random value will do for are made where they are missing */
export async function renderState(
  at: SiteAt,
  state: SiteState,
  { make }: { make: boolean },
): Promise<RenderedSite> {
  const described = withSiteState(at, state);
  const { secrets: names } = renderDescribed(described, () => '');
  const folder = join(at.rendered, 'secrets');
  const secrets = await readSecrets({ site: described.site, names, folder, make });
  return renderDescribed(described, secrets.mark);
}

/** Refuses where a site that runs would be given secrets anew, because this machine does not have its own. */
export async function checkSecretsAreHere(at: SiteAt): Promise<void> {
  const folder = join(at.rendered, 'secrets');
  const { secrets: names } = renderDescribed(at.now, () => '');
  const { toMake } = await readSecrets({ site: at.now.site, names, folder, make: false });
  if (!toMake.includes(masterKey)) return;
  throw new StartError({
    what: `the site runs, and its ${masterKey} is not in ${folder}`,
    mend: 'bring the folder secrets here from where it is kept: without it the site would be given another key',
  });
}

/** The stack file as it was deployed last from here; undefined where none was. */
export async function deployedStack(at: SiteAt): Promise<string | undefined> {
  return readFile(join(at.rendered, 'stack.yaml'), 'utf8').catch(nothingWhereNoneIs);
}

const beforeFolder = '.before';

/** Keeps the files as they are, for going back to them. */
export async function keepFiles(at: SiteAt): Promise<void> {
  const kept = join(at.rendered, beforeFolder);
  const files = await filesOf(at.rendered);
  await rm(kept, { recursive: true, force: true });
  await mkdir(kept, { recursive: true, mode: 0o700 });
  await writeFolder(kept, files);
}

export const dropKeptFiles = (at: SiteAt): Promise<void> =>
  rm(join(at.rendered, beforeFolder), { recursive: true, force: true });

/** Writes what is rendered: of a state, or as it was kept. */
export async function writeFiles(at: SiteAt, as: SiteState | 'kept'): Promise<void> {
  if (as === 'kept') {
    const kept = await filesOf(join(at.rendered, beforeFolder));
    if (kept.size > 0) await writeFolder(at.rendered, kept);
    return;
  }
  const { files } = await renderState(at, as, { make: true });
  await writeFolder(at.rendered, files);
}

/** The files of a stack that lie in a folder, by the stack file itself. */
function nothingWhereNoneIs(error: unknown): undefined {
  if (systemCode(error) !== 'ENOENT') throw error;
}

async function filesOf(folder: string): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  const add = async (path: string) => {
    const text = await readFile(join(folder, path), 'utf8').catch(nothingWhereNoneIs);
    if (text !== undefined) files.set(path, text);
    return text;
  };
  const stack = await add('stack.yaml');
  for (const [, path = ''] of stack?.matchAll(/file: "?\.\/(configs\/[\w.-]+)/g) ?? []) await add(path);
  return files;
}

export async function writeState(at: SiteAt, state: SiteState): Promise<void> {
  const { sites } = await readState(at.folder);
  const next = { sites: { ...sites, [at.id]: state } };
  await writeWhole(join(at.folder, stateFile), `${JSON.stringify(next, null, 2)}\n`);
}

/** Refuses where somebody changed a rendered file by hand. */
export async function checkFilesAreOurs(at: SiteAt): Promise<void> {
  const rendered = await renderState(at, at.now.state, { make: false });
  const plans = await planFolder(at.rendered, rendered.files);
  const byHand = plans.filter(({ state }) => state === 'by-hand').map(({ path }) => path);
  if (byHand.length === 0) return;
  throw new StartError({
    what: `${byHand.join(', ')} in ${at.rendered}: changed by hand, against the description`,
    mend: 'look at the difference with site plan; bring it into site.ts, or drop it with --replace',
  });
}
