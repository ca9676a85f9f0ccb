import type { Command } from '@liaison/core/cli';
import type { Step } from '@liaison/core/doctor';
import { backup, backupKey, backups, backupVerify, restore } from './backup.ts';
import { createDoctor } from './doctor.ts';
import { rotateKey } from './keys.ts';
import { restorePart } from './restore-part.ts';
import { showSettings } from './settings.ts';

/** A module's `/cli` face: its commands, and what it adds to `doctor`. */
interface CliFace {
  readonly commands: Command[];
  readonly doctorSteps?: readonly Step[];
}

/** The modules that bring commands. */
const modules: (() => Promise<CliFace>)[] = [
  () => import('@liaison/people/cli'),
  () => import('@liaison/calls/cli'),
  () => import('@liaison/notify/cli'),
  () => import('@liaison/sites/cli'),
];

/** Every command, those of the installation first. */
export async function allCommands(): Promise<Command[]> {
  const faces = await Promise.all(modules.map((load) => load()));
  const commands = faces.flatMap((face) => face.commands);
  const doctor = createDoctor({
    calls: commands.find(({ name }) => name === 'calls'),
    steps: faces.flatMap((face) => face.doctorSteps ?? []),
  });
  return [
    ...[showSettings, doctor, backupKey, backup, backups, backupVerify, restore, restorePart, rotateKey],
    ...commands,
  ];
}
