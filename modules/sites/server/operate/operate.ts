import { hostname, userInfo } from 'node:os';
import { isDeepStrictEqual } from 'node:util';
import { StartError } from '@liaison/core/config';
import { createToken } from '@liaison/core/secrets';
import { type SiteState, unchanged } from '../../contract/index.ts';
import { readState } from '../load-deployment.ts';
import { DeployFailed } from './deploy.ts';
import { endJournal, type Journal, logOperation, readJournal, writeJournal } from './journal.ts';
import { checkFree, dropLock, type SiteLock, takeLock } from './lock.ts';
import { perform } from './perform.ts';
import { checkFilesAreOurs, checkSecretsAreHere, dropKeptFiles, keepFiles, type SiteAt } from './site-at.ts';
import { canReturn, returningSteps, type Step } from './steps.ts';
import { removeOutdated } from './tidy.ts';
import { checkDrift, type SiteView, viewSite } from './view.ts';

/** How the operator is spoken with. */
export interface Talk {
  print(line: string): void;
  progress(line: string): void;
  /** Whether to go on with what was shown. Without a terminal: only when that was said beforehand. */
  confirm(): Promise<boolean>;
}

export interface OperateFlags {
  /** Drops what was changed by hand. */
  readonly replace: boolean;
  /** Takes the lock from whoever has it. */
  readonly takeOver: boolean;
  /** Forgets an operation that did not end. */
  readonly abandon: boolean;
}

/** What an operation will do. */
export interface Plan {
  /** Shown before the steps. */
  readonly lines: readonly string[];
  readonly wanted: SiteState;
  readonly steps: readonly Step[];
  /** Whether a failure is answered by going back. */
  readonly returns: boolean;
}

/**
 * One operation from its plan to its end: shown, asked for, locked, noted step by step, and logged. The same command goes on
 * where one ended that was killed.
 */
export async function operate(options: {
  at: SiteAt;
  command: readonly string[];
  flags: OperateFlags;
  talk: Talk;
  plan: (view: SiteView) => Plan | Promise<Plan>;
  /** Of a restore; see `Performing`. */
  identity?: string | undefined;
  /** Steps that the doctor leaves out from here on, where one that did not end goes on. */
  without?: readonly string[] | undefined;
  /** Told when it went well, and when it went back. */
  after?: (view: SiteView) => void;
}): Promise<void> {
  const { at, command, flags, talk } = options;
  const open = await readJournal(at.rendered);
  if (open !== undefined) {
    if (isDeepStrictEqual(open.command, [...command])) return goOn(options, open);
    if (!flags.abandon) {
      throw new StartError({
        what: `an operation of ${open.who} has not ended: ${open.command.join(' ')} (${open.done.length} of ${open.steps.length} steps are done)`,
        mend: 'give that command again, and it goes on; or give yours with --abandon, and what is half done is met as it is',
      });
    }
    await logOperation(at.rendered, { ...entry(open), result: 'abandoned' });
    await dropLock(at.swarm, open.token);
    await endJournal(at.rendered);
  }
  if (!flags.takeOver) await checkFree(at.swarm);
  const view = await viewSite(at);
  if (view.services.length > 0) await checkSecretsAreHere(at);
  if (!flags.replace) {
    await checkFilesAreOurs(at);
    checkDrift(view);
  }
  const plan = await options.plan(view);
  for (const line of plan.lines) talk.print(line);
  if (plan.steps.length === 0) {
    talk.print('Nothing is to do.');
    return;
  }
  for (const [step, { text }] of plan.steps.entries()) talk.print(`  ${step + 1}. ${text}`);
  if (!(await talk.confirm())) {
    talk.print('Nothing was changed. With --yes it is done.');
    return;
  }
  const token = createToken();
  const lock = await lockFor(options, token);
  try {
    await checkUnchanged(view);
    await keepFiles(at);
    const journal: Journal = {
      command: [...command],
      who: whoAmI(),
      begunAt: new Date().toISOString(),
      token,
      before: at.now.state,
      wanted: plan.wanted,
      returns: plan.returns,
      had: [...view.running.keys()],
      steps: [...plan.steps],
      done: [],
    };
    await writeJournal(at.rendered, journal);
    await logOperation(at.rendered, { ...entry(journal), result: 'begun' });
    await run(options, journal, lock);
  } finally {
    await lock.release().catch(saysThatItStays(talk));
  }
}

async function goOn(options: Parameters<typeof operate>[0], open: Journal): Promise<void> {
  const { at, talk } = options;
  const journal = leavingOut(open, options.without);
  const steps = [...journal.steps, ...(journal.failed?.steps ?? [])];
  talk.print(
    `Going on with ${journal.command.join(' ')}, begun by ${journal.who} at ${journal.begunAt}${journal.failed ? `: it goes back, because ${journal.failed.reason}` : ''}`,
  );
  for (const [at, { id, text }] of steps.entries())
    talk.print(`  ${at + 1}. ${journal.done.includes(id) ? 'done: ' : ''}${text}`);
  if (!(await talk.confirm())) {
    talk.print('Nothing was changed. With --yes it goes on.');
    return;
  }
  const lock = await lockFor(options, journal.token);
  try {
    await logOperation(at.rendered, { ...entry(journal), result: 'resumed' });
    await run(options, journal, lock);
  } finally {
    await lock.release().catch(saysThatItStays(talk));
  }
}

/** A doctor that found what cannot be mended now is told to leave it out by the command that goes on. */
function leavingOut(journal: Journal, without: readonly string[] | undefined): Journal {
  if (without === undefined) return journal;
  const steps = journal.steps.map((step) =>
    step.kind === 'doctor' ? { ...step, without: [...without] } : step,
  );
  return { ...journal, steps };
}

/** What was done is done: a lock that could not be given back is said, and is no failure of the operation. */
const saysThatItStays = (talk: Talk) => (error: unknown) =>
  talk.print(
    `The lock of this site could not be given back (${error instanceof Error ? error.message : String(error)}): the next operation needs --take-over.`,
  );

const lockFor = ({ at, command, flags }: Parameters<typeof operate>[0], token: string): Promise<SiteLock> =>
  takeLock({
    swarm: at.swarm,
    token,
    who: whoAmI(),
    command: command.join(' '),
    takeOver: flags.takeOver,
  });

/** Does the steps that are not done; a failure is answered as the journal says. */
async function run(options: Parameters<typeof operate>[0], begun: Journal, lock: SiteLock): Promise<void> {
  const { at, talk } = options;
  let journal = begun;
  const since = Date.now();
  const note = async (change: Partial<Journal>) => {
    journal = { ...journal, ...change };
    await writeJournal(at.rendered, journal);
  };
  const doAll = async (steps: readonly Step[]): Promise<Step | undefined> => {
    for (const [number, step] of steps.entries()) {
      if (journal.done.includes(step.id)) continue;
      await lock.check();
      talk.progress(`${number + 1}/${steps.length} ${step.text}`);
      failing = step;
      await perform(step, {
        at,
        before: journal.before,
        wanted: journal.wanted,
        identity: options.identity,
        say: (line) => talk.progress(`    ${line}`),
      });
      failing = undefined;
      await note({ done: [...journal.done, step.id] });
    }
    return undefined;
  };
  let failing: Step | undefined;
  const end = async (result: 'done' | 'returned', text?: string) => {
    await logOperation(at.rendered, {
      ...entry(journal),
      result,
      seconds: Math.round((Date.now() - since) / 1000),
      ...(text === undefined ? {} : { text }),
    });
    await endJournal(at.rendered);
    await dropKeptFiles(at);
    await tidy(at, journal, talk);
  };
  try {
    if (journal.failed === undefined) {
      await doAll(journal.steps);
      await end('done');
      options.after?.(await viewSite(at));
      return;
    }
  } catch (error) {
    const { reason, mend } = reasonOf(error);
    const reached = journal.steps.slice(0, journal.steps.findIndex(({ id }) => id === failing?.id) + 1);
    const returns = journal.returns && failing !== undefined && reached.every(canReturn);
    if (!returns) {
      await logOperation(at.rendered, { ...entry(journal), result: 'failed', text: reason });
      throw new StartError({
        what: `${failing?.text ?? journal.command.join(' ')}: ${reason}`,
        mend: `${mend}; then give the command again, and it goes on there`,
        cause: error,
      });
    }
    talk.progress(`${reason}. Going back`);
    await note({ failed: { reason, mend, steps: returningSteps(reached, new Set(journal.had)) } });
  }
  const { failed } = journal;
  if (failed === undefined) return;
  try {
    await doAll(failed.steps);
  } catch (error) {
    const { reason } = reasonOf(error);
    await logOperation(at.rendered, { ...entry(journal), result: 'failed', text: reason });
    throw new StartError({
      what: `${failed.reason}; and going back failed: ${reason}`,
      mend: 'mend that, and give the command again: it goes on going back',
      cause: error,
    });
  }
  await end('returned', failed.reason);
  options.after?.(await viewSite(at));
  throw new StartError({ what: `${failed.reason}. Everything is as it was before`, mend: failed.mend });
}

/** What was done is done: old configs that stay are said, and are no failure of it. */
async function tidy({ swarm }: SiteAt, { steps }: Journal, talk: Talk): Promise<void> {
  if (!steps.some(({ kind }) => kind === 'deploy' || kind === 'end')) return;
  try {
    const removed = await removeOutdated(swarm);
    if (removed > 0) talk.progress(`Removed ${removed} configs and secrets that no service uses any more`);
  } catch (error) {
    talk.progress(
      `Old configs and secrets stay in the swarm: ${error instanceof Error ? error.message : error}`,
    );
  }
}

/** Between the plan and the lock somebody else may have worked here. */
async function checkUnchanged(view: SiteView): Promise<void> {
  const { at } = view;
  const services = await at.swarm.services();
  const versions = (all: SiteView['services']) =>
    new Map(all.map(({ ID, Version }) => [ID, Version.Index] as const));
  const { sites } = await readState(at.folder);
  const same =
    isDeepStrictEqual(versions(services), versions(view.services)) &&
    isDeepStrictEqual(sites[at.id] ?? unchanged, at.now.state);
  if (same) return;
  throw new StartError({
    what: 'the site has changed since the plan was made',
    mend: 'give the command again, and look at its new plan',
  });
}

function reasonOf(error: unknown): { reason: string; mend: string } {
  if (error instanceof DeployFailed) return { reason: error.message, mend: error.mend };
  if (error instanceof StartError) return { reason: error.what, mend: error.mend };
  throw error;
}

const entry = ({ who, command }: Journal) => ({
  at: new Date().toISOString(),
  who,
  command: command.join(' '),
});

/** As the machine knows them; where several share a login, that is theirs to tell apart. */
export function whoAmI(): string {
  let name = 'somebody';
  try {
    name = userInfo().username;
  } catch {
    // A user without a name, as in a container.
  }
  return `${name}@${hostname()}`;
}
