import { randomBytes } from 'node:crypto';
import { appendFile, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { StartError, storageError, systemCode } from '@liaison/core/config';
import { z } from 'zod';
import { stateSchema } from '../../contract/index.ts';
import { stepSchema } from './steps.ts';

const siteState = stateSchema.shape.sites.unwrap().valueType;

/**
 * An operation that is under way: what it will do and how far it is. Written before each step and after it, so that the same
 * command goes on after its program was killed.
 */
const journalSchema = z.strictObject({
  /** What it was asked, without options: `['scale', 'eu', 'front', '3']`. */
  command: z.array(z.string()),
  who: z.string(),
  begunAt: z.iso.datetime(),
  /** Of the lock in the swarm. */
  token: z.string(),
  before: siteState,
  wanted: siteState,
  /** Whether a failure is answered by going back. */
  returns: z.boolean(),
  /** Services that were there before. */
  had: z.array(z.string()),
  steps: z.array(stepSchema),
  /** Ids of steps, those of returning too. */
  done: z.array(z.string()),
  /** Once a step failed: why, and what brings the site back. */
  failed: z.strictObject({ reason: z.string(), mend: z.string(), steps: z.array(stepSchema) }).optional(),
});
export type Journal = z.output<typeof journalSchema>;

const journalFile = '.operation.json';

/** Of the site's operation that has not ended; undefined where there is none. */
export async function readJournal(folder: string): Promise<Journal | undefined> {
  const file = join(folder, journalFile);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw storageError(error, file);
  }
  try {
    return journalSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new StartError({
      what: `${file} cannot be read: it says how far the last operation came`,
      mend: 'look with status at what runs, remove the file, and give the command again',
      cause,
    });
  }
}

export async function writeJournal(folder: string, journal: Journal): Promise<void> {
  await writeWhole(join(folder, journalFile), `${JSON.stringify(journal, null, 2)}\n`);
}

export const endJournal = (folder: string): Promise<void> => rm(join(folder, journalFile), { force: true });

/** One line of the operations log: who asked for what, when, and what came of it. */
export interface LoggedOperation {
  readonly at: string;
  readonly who: string;
  readonly command: string;
  readonly result: 'begun' | 'resumed' | 'done' | 'returned' | 'failed' | 'abandoned';
  readonly seconds?: number;
  readonly text?: string;
}

const operationsLog = 'operations.log';

export async function logOperation(folder: string, line: LoggedOperation): Promise<void> {
  const file = join(folder, operationsLog);
  try {
    await mkdir(folder, { recursive: true });
    await appendFile(file, `${JSON.stringify(line)}\n`);
  } catch (error) {
    throw storageError(error, file);
  }
}

/** The last lines, oldest first; what is no line of ours is left out. */
export async function lastOperations(folder: string, count: number): Promise<LoggedOperation[]> {
  const text = await readFile(join(folder, operationsLog), 'utf8').catch(() => '');
  return text
    .trim()
    .split('\n')
    .slice(-count)
    .flatMap((line) => {
      try {
        const parsed: unknown = JSON.parse(line);
        return isLogged(parsed) ? [parsed] : [];
      } catch {
        return [];
      }
    });
}

const isLogged = (value: unknown): value is LoggedOperation =>
  typeof value === 'object' && value !== null && 'at' in value && 'command' in value && 'result' in value;

/** A file is there whole or not at all. */
export async function writeWhole(file: string, content: string): Promise<void> {
  const partial = `${file}.${randomBytes(4).toString('hex')}.partial`;
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(partial, content, { flag: 'wx' });
    await rename(partial, file);
  } catch (error) {
    await rm(partial, { force: true });
    throw storageError(error, file);
  }
}
