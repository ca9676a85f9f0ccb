import { readFileSync } from 'node:fs';
import type { Environment } from './settings.ts';

/** Stamped into images; no setting, because nobody chooses it. */
export const versionVariable = 'LIAISON_VERSION';

/** The version of this program: what its image was stamped with, else that of the checkout. */
export function programVersion(env: Environment): string {
  const stamped = env[versionVariable]?.trim();
  if (stamped !== undefined && /^[\w.+-]{1,64}$/.test(stamped)) return stamped;
  const file = new URL('../../package.json', import.meta.url);
  const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string };
  return version;
}
