import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { StartError } from '@liaison/core/config';
import { type DefinedDeployment, type Deployment, errorLine } from '../contract/index.ts';

export interface LoadedDeployment {
  readonly deployment: Deployment;
  /** Where the description lies, and beside it what is rendered. */
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
  if (!defined.ok) {
    const [first, ...others] = defined.errors.map(errorLine);
    throw new StartError({
      what: `${file} contradicts itself: ${[first, ...others].join('; ')}`,
      mend: 'mend these fields',
    });
  }
  return { deployment: defined.deployment, folder };
}

const isDefined = (value: unknown): value is DefinedDeployment =>
  typeof value === 'object' && value !== null && 'ok' in value && typeof value.ok === 'boolean';
