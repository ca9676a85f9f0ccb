import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { LaunchError } from './progress.mjs';

const neededMajor = 24;

/** The Node that runs the programs: the locked one, or this one where it is new enough. */
export function lockedNode(root) {
  const locked = join(root, 'node_modules', `node-${process.platform}-${process.arch}`, 'bin', 'node');
  if (existsSync(locked)) return locked;
  if (Number.parseInt(process.versions.node, 10) >= neededMajor) return process.execPath;
  throw new LaunchError(
    `npm has no Node ${neededMajor} for ${process.platform}-${process.arch} and this is Node ${process.versions.node}` +
      ` · install Node ${neededMajor} and start again`,
  );
}
