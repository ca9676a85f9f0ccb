import type { Command } from '@liaison/core/cli';
import { backup, restore } from './backup.ts';
import { rotateKey } from './keys.ts';
import { showSettings } from './settings.ts';

/** The modules that bring commands: each loads its `/cli` face, which exports `commands`. */
const modules: (() => Promise<{ commands: Command[] }>)[] = [
  () => import('@liaison/people/cli'),
  () => import('@liaison/calls/cli'),
  () => import('@liaison/sites/cli'),
];

/** Every command, those of the installation first. */
export async function allCommands(): Promise<Command[]> {
  const faces = await Promise.all(modules.map((load) => load()));
  return [showSettings, backup, restore, rotateKey, ...faces.flatMap((face) => face.commands)];
}
