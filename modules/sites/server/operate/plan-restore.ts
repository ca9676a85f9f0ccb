import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StartError, storageError, systemCode } from '@liaison/core/config';
import type { SiteState } from '../../contract/index.ts';
import { certificateFault } from '../certificate-fault.ts';
import { masterKey } from '../render/processes.ts';
import type { Plan } from './operate.ts';
import { planSite } from './plan-verbs.ts';
import { planState } from './plans.ts';
import { managedPostgres, readsBackups, restoresBlobs } from './restore-places.ts';
import { databaseOn, lookAtBackup } from './restore-steps.ts';
import type { SiteAt } from './site-at.ts';
import type { Step, StepBackup } from './steps.ts';
import type { SiteView } from './view.ts';

/** PostgreSQL's, whose image the description names. */
const major = 18;

export interface RestoreAsked {
  readonly identity: string;
  /** ISO 8601. */
  readonly until?: string | undefined;
  readonly base?: string | undefined;
  /** Whether a database that is there may be put aside. */
  readonly over: boolean;
  /** Of the doctor. */
  readonly without: readonly string[];
}

/**
 * A backup into the site's own database, which is lost: everything that uses it ends, what is restored is made beside it and put in
 * its place, in a new epoch, and everything begins on that.
 */
export async function planRestore(view: SiteView, asked: RestoreAsked): Promise<Plan> {
  const { at } = view;
  const { site, state } = at.now;
  const { primary, standby, epoch } = managedPostgres(site);
  const reads = readsBackups(site);
  const blobsAt = restoresBlobs(site);
  const here = (name: string | undefined) =>
    view.nodes.some(({ Description, Status }) => Description.Hostname === name && Status.State === 'ready');
  // Nodes that are described and not in the swarm join it first, as a site that is created.
  const joins = (await planSite(view)).steps.filter(
    ({ kind, id }) => kind === 'join' || (kind === 'availability' && id.startsWith('active-')),
  );
  const coming = joins.flatMap((step) => (step.kind === 'join' ? [step.node] : []));
  const found = await lookAtBackup(at, { from: reads, ...asked });
  if (found.postgresMajor !== major) {
    throw new StartError({
      what: `the backup is of PostgreSQL ${found.postgresMajor}, and this site has ${major}`,
      mend: 'restore it with the version of Liaison that made it, and update that',
    });
  }
  const key = await checkKey(at, found.masterKey);
  const there = await databaseOn(at, primary);
  if (there !== '' && !asked.over) {
    throw new StartError({
      what: `there is a database on ${primary} (${there}): nothing is restored over data`,
      mend: 'when you know that it is to be replaced, give the command with --over; it is kept beside the new one until the next restore. Nothing was changed',
    });
  }
  // A site that is down returns first; its people are told by their browsers.
  const certificate = await certificateFault(site, join(at.rendered, 'secrets'));
  const keepsStandby = standby !== undefined && (here(standby) || coming.includes(standby));
  const wanted: SiteState = {
    ...state,
    postgres: { primary, ...(keepsStandby ? { standby } : {}), epoch: epoch + 1 },
  };
  const backup: StepBackup = {
    id: found.id,
    ...(asked.base === undefined || asked.until !== undefined
      ? { log: { folder: found.log.folder, from: found.log.from } }
      : {}),
    ...(asked.until === undefined ? {} : { until: asked.until }),
  };
  const users = [...site.processes.map(({ name }) => name), 'postgres-standby', 'postgres'];
  const ends = users.filter((name) => view.running.has(name));
  const stays = new Map([...view.running].filter(([name]) => !ends.includes(name)));
  const steps = await planState({ ...view, running: stays }, wanted, coming);
  const of = (kind: Step['kind']) => steps.filter((step) => step.kind === kind);
  const isFar = site.backups?.to.kind === 's3';
  const fetched = !isFar && reads !== primary;
  const aside = there === '' ? '' : `; what is there (${there}) is kept beside it as liaison.replaced`;
  return {
    lines: [
      `${at.swarm.stack}: the backup ${found.id}, of ${found.endedAt}, by version ${found.program}`,
      `  database ${megabytes(found.databaseBytes)}, ${found.blobs.count} blobs ${megabytes(found.blobs.bytes)}; ${logLine(found.log, asked)}`,
      `  into the database on ${primary}, which begins epoch ${epoch + 1}${aside}`,
      ...(found.log.hasGap
        ? ['  The log has a gap; what lies behind it belongs to another backup, or is lost.']
        : []),
      ...(standby !== undefined && !keepsStandby
        ? [
            `  The standby's machine, ${standby}, is away: afterwards make one with failover SITE --standby NODE`,
          ]
        : []),
      ...(certificate === undefined ? [] : [`  ATTENTION: ${certificate.what}: ${certificate.mend}`]),
      'The site is away until it is done. What was written after that moment is not in it.',
    ],
    wanted,
    steps: [
      ...joins,
      ...(key === 'missing'
        ? [
            {
              kind: 'restore-keys',
              id: 'restore-keys',
              from: reads,
              backup,
              text: `Take the master key from the backup, because it is not in ${join(at.rendered, 'secrets')}`,
            } as const,
          ]
        : []),
      ...of('files'),
      ...(ends.length === 0
        ? []
        : [{ kind: 'end', id: 'restore-away', services: ends, text: `End ${ends.join(', ')}` } as const]),
      {
        kind: 'restore-begin',
        id: 'restore-begin',
        node: primary,
        over: asked.over,
        text: `Make room on ${primary}`,
      },
      ...(keepsStandby && here(standby)
        ? [
            {
              kind: 'wipe',
              id: 'restore-wipe',
              node: standby,
              text: `Remove the copy on ${standby}; a fresh one is made`,
            } as const,
          ]
        : []),
      ...(fetched
        ? [
            {
              kind: 'restore-fetch',
              id: 'restore-fetch',
              from: reads,
              node: primary,
              backup,
              text: `Bring the backup from ${reads} to ${primary}, encrypted as it is`,
            } as const,
          ]
        : []),
      {
        kind: 'restore-database',
        id: 'restore-database',
        node: primary,
        fetched,
        backup,
        text: `Open the database of the backup on ${primary}`,
      },
      {
        kind: 'restore-play',
        id: 'restore-play',
        node: primary,
        epoch: epoch + 1,
        backup,
        text: 'Play its log, and put it in place',
      },
      {
        kind: 'restore-blobs',
        id: 'restore-blobs',
        from: blobsAt,
        backup,
        text: 'Bring the blobs that are not there',
      },
      ...of('labels').filter((step) => !step.id.endsWith('-off')),
      ...of('end'),
      ...together(of('deploy')),
      { kind: 'doctor', id: 'doctor', without: [...asked.without], text: 'Have the doctor look at it' },
      ...of('labels').filter((step) => step.id.endsWith('-off')),
      ...of('state'),
      { kind: 'restore-end', id: 'restore-end', node: primary, text: 'Remove what was brought for it' },
    ],
    returns: false,
  };
}

/** Everything begins at once and finds each other: a copy waits for its primary, and would wait for ever before it. */
function together(steps: readonly Step[]): Step[] {
  const services = steps.flatMap((step) => (step.kind === 'deploy' ? step.services : []));
  if (services.length === 0) return [];
  const text = `Deploy ${services.join(', ')}`.slice(0, 490);
  return [{ kind: 'deploy', id: 'restore-deploy', as: 'wanted', services, text }];
}

function logLine(
  { pieces, until }: { pieces: number; until: string | undefined },
  asked: RestoreAsked,
): string {
  if (asked.until !== undefined) return `its log until ${asked.until}`;
  if (asked.base !== undefined) return 'without the log that follows';
  return until === undefined ? 'no log follows it' : `${pieces} pieces of log until ${until}`;
}

/** Whether the master key is here; refuses one that does not open what the backup holds. */
async function checkKey(at: SiteAt, ofBackup: string | undefined): Promise<'here' | 'missing'> {
  const file = join(at.rendered, 'secrets', masterKey);
  const own = await readFile(file).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw storageError(error, file);
  });
  if (own === undefined) return 'missing';
  if (ofBackup === undefined || createHash('sha256').update(own).digest('hex') === ofBackup) return 'here';
  throw new StartError({
    what: `the backup was made with another master key than ${file}`,
    mend: 'bring the folder secrets here that belongs to the site of the backup; or move that file away, and the key of the backup is taken. Nothing was changed',
  });
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
