import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  type BackupPlan,
  type BackupStore,
  type Base,
  checkBackup,
  createIdentity,
  listBases,
  listLogEnds,
  makeBase,
  openBackupStore,
  planOf,
  readIdentities,
  restoreFromStore,
  storeUrl,
  thinUnderLock,
} from '@liaison/core/backup';
import { createBlobs } from '@liaison/core/blobs';
import { type Command, type CommandContext, UsageError } from '@liaison/core/cli';
import { programVersion, StartError } from '@liaison/core/config';
import { createBackup, restoreBackup } from '@liaison/core/postgres';

export const backupKey: Command = {
  name: 'backup-key',
  usage: '',
  summary: 'Make the pair of keys for encrypted backups, and show both once',
  async run({ print }, args) {
    if (args.length > 0) throw new UsageError('it takes no arguments');
    const { identity, recipient } = await createIdentity();
    print('Set on the server; it can write backups with it and read none:');
    print(`  LIAISON_BACKUP_RECIPIENT=${recipient}`);
    print('Keep in a file away from the server, twice; without it no backup can ever be read:');
    print(`  ${identity}`);
  },
};

export const backup: Command = {
  name: 'backup',
  usage: '[FOLDER]',
  summary:
    'Make an encrypted backup now in LIAISON_BACKUP_TO, or copy everything unencrypted into a new FOLDER',
  async run(context, args) {
    if (args.length === 0) return backupToStore(context);
    const { settings, log, print, progress } = context;
    const folder = onlyFolder(args);
    const done = await createBackup({ settings, folder, log, onProgress: progress });
    print(
      `${done.folder}: database ${megabytes(done.databaseBytes)}, ${done.blobs.count} blobs ${megabytes(done.blobs.bytes)}`,
    );
    print('It holds every secret of this installation: keep it where nobody else can read it.');
    if (done.damagedBlobs.length > 0) throw damagedBlobs(done.damagedBlobs.length);
  },
};

async function backupToStore(context: CommandContext): Promise<void> {
  const { settings, log, print, progress } = context;
  const plan = await wholePlan(context);
  const store = await openBackupStore(plan.to);
  try {
    const made = await context.withDatabase(async (url) => {
      // The server that was started for this has made the file just now.
      const { passwordFile } = (await planOf(settings, plan.version)) ?? plan;
      const summary = await makeBase({
        ...plan,
        passwordFile,
        url,
        store,
        blobs: await createBlobs(plan.blobsUrl),
        nameKey: Buffer.from(plan.nameKey, 'hex'),
        log,
        onProgress: progress,
      });
      await thinUnderLock({ url, store, keep: plan.keep, zone: plan.at.zone, log });
      return summary;
    });
    print(`${made.id} in ${store.where}: ${sizes(made)}`);
    if (made.blobs.damaged > 0) throw damagedBlobs(made.blobs.damaged);
  } finally {
    store.close();
  }
}

export const backups: Command = {
  name: 'backups',
  usage: '[PLACE]',
  summary: 'List the backups in LIAISON_BACKUP_TO: age, size, when each was last proved by a restore',
  async run(context, args) {
    const store = await storeOf(context, args.length > 1 ? undefined : args[0]);
    try {
      const bases = await listBases(store, (name, why) => context.print(`${name} cannot be read: ${why}`));
      if (bases.length === 0) {
        context.print(`${store.where} holds no whole backup`);
        return;
      }
      for (const base of bases) {
        context.print(`${base.id}  ${ageOf(base.endedAt)} old  ${sizes(base)}  ${provedOf(base)}`);
      }
      const ends = await listLogEnds(store, bases);
      context.print(
        ends === undefined
          ? 'no log after the last one'
          : `log up to ${ends.toISOString()}, ${ageOf(ends.toISOString())} ago`,
      );
    } finally {
      store.close();
    }
  },
};

export const backupVerify: Command = {
  name: 'backup-verify',
  usage: '--identity FILE [--from PLACE] [--work FOLDER]',
  summary:
    'Prove the newest backup with all its log and blobs by a restore into an empty place, which is removed',
  async run(context, args) {
    const { values } = options(args, {
      identity: { type: 'string' },
      from: { type: 'string' },
      work: { type: 'string' },
    });
    const identities = await identitiesOf(values.identity);
    const store = await storeOf(context, values.from);
    try {
      const { log, progress, settings } = context;
      const workFolder = values.work ?? settings.backupWork ?? join(settings.dataFolder, 'backup-check');
      const done = await checkBackup({
        store,
        identities,
        blobs: 'read',
        workFolder,
        log,
        onProgress: progress,
      });
      context.print(`${done.id} is good: ${done.detail}, in ${done.seconds} s`);
    } finally {
      store.close();
    }
  },
};

export const restore: Command = {
  name: 'restore',
  usage: '[PLACE] [--identity FILE] [--until TIME] [--base ID]',
  summary: 'Bring a backup into an empty LIAISON_DATA, to the last second or as it was at a TIME',
  async run(context, args) {
    const { settings, log, print, progress } = context;
    const { values, positionals } = options(args, {
      identity: { type: 'string' },
      until: { type: 'string' },
      base: { type: 'string' },
    });
    const [place, ...more] = positionals;
    if (more.length > 0) throw new UsageError('name one place');
    if (place !== undefined && (await isPlain(place))) {
      if (Object.keys(values).length > 0)
        throw new UsageError('that backup is not encrypted; name only its folder');
      const done = await restoreBackup({ settings, folder: place, log, onProgress: progress });
      print(
        `${settings.dataFolder} is as it was on ${done.createdAt.toISOString()}; start it with npm start`,
      );
      return;
    }
    if (place !== undefined && (await isDescription(place))) {
      throw new StartError({
        what: `${place} is the description of a site`,
        mend: `restore into it with npm run liaison -- site restore ${place} --identity FILE`,
      });
    }
    if (place !== undefined && values.identity === undefined) {
      // As ever, what is no backup is refused before anything is asked for.
      const store = await storeOf(context, place);
      const bases = await listBases(store).finally(() => store.close());
      if (bases.length === 0)
        throw new StartError({
          what: `${place} is not a backup, or an unfinished one`,
          mend: 'name the folder that `backup` wrote',
        });
    }
    const identities = await identitiesOf(values.identity);
    const until = values.until === undefined ? undefined : timeOf(values.until);
    const store = await storeOf(context, place);
    try {
      const done = await restoreFromStore({
        settings,
        store,
        identities,
        ...(until === undefined ? {} : { until }),
        ...(values.base === undefined ? {} : { base: values.base }),
        log,
        onProgress: progress,
      });
      const as = until ?? done.logUntil ?? new Date(done.base.endedAt);
      print(`${settings.dataFolder} is as it was on ${as.toISOString()}; start it with npm start`);
      if (done.hasGap) print('The log has a gap; what lies behind it belongs to another backup, or is lost.');
    } finally {
      store.close();
    }
  },
};

function options<Options extends Record<string, { type: 'string' }>>(args: string[], known: Options) {
  try {
    return parseArgs({ args, options: known, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message.split('.')[0]! : 'that is not an option');
  }
}

async function wholePlan({ settings, env }: CommandContext): Promise<BackupPlan> {
  const plan = await planOf(settings, programVersion(env));
  if (plan !== undefined) return plan;
  throw new StartError({
    what: 'there is no place for backups',
    setting: 'LIAISON_BACKUP_TO',
    mend: 'set it and LIAISON_BACKUP_RECIPIENT, or name a new folder for an unencrypted copy',
  });
}

async function storeOf({ settings }: CommandContext, place: string | undefined): Promise<BackupStore> {
  const url = place === undefined ? settings.backupTo : storeUrl(place);
  if (url !== undefined) return openBackupStore(url, { mustExist: true });
  throw new StartError({
    what: 'no place of backups is named',
    setting: 'LIAISON_BACKUP_TO',
    mend: 'set it, or name the folder',
  });
}

async function identitiesOf(file: string | undefined): Promise<string[]> {
  if (file === undefined) throw new UsageError('name the file of the identity with --identity');
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new StartError({
      what: `${file} cannot be read`,
      mend: 'name the file with the identity',
      cause: error,
    });
  });
  return readIdentities(text, file);
}

const isPlain = (folder: string): Promise<boolean> =>
  stat(join(folder, 'manifest.json')).then(
    () => true,
    () => false,
  );

const isDescription = (folder: string): Promise<boolean> =>
  stat(join(folder, 'site.ts')).then(
    () => true,
    () => false,
  );

/** A moment with its zone: without one nobody could tell which is meant. */
function timeOf(text: string): Date {
  const time = new Date(text);
  if (/T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(text) && !Number.isNaN(time.getTime())) return time;
  throw new UsageError('write --until as 2026-11-23T08:15:00Z, or with +01:00 in place of Z');
}

function onlyFolder(args: string[]): string {
  const [folder, ...rest] = args;
  if (folder === undefined || folder === '' || folder.startsWith('-') || rest.length > 0) {
    throw new UsageError('name one folder');
  }
  return folder;
}

function damagedBlobs(count: number): StartError {
  return new StartError({
    what: `${count} blobs are damaged and not in the backup`,
    setting: 'BLOBS_URL',
    mend: 'restore them from an earlier backup; the log names them',
  });
}

const sizes = ({ database, blobs }: Pick<Base, 'database' | 'blobs'>): string =>
  `database ${megabytes(database.bytes)} (${megabytes(database.storedBytes)} stored), ${blobs.count} blobs ${megabytes(blobs.bytes)} (${blobs.added} new)`;

function provedOf({ verified }: Base): string {
  if (verified === undefined) return 'not proved';
  return verified.ok ? `proved ${verified.at}` : `NOT GOOD: ${verified.detail}`;
}

function ageOf(time: string): string {
  const minutes = Math.max(0, Math.round((Date.now() - new Date(time).getTime()) / 60_000));
  if (minutes < 120) return `${minutes} min`;
  return minutes < 48 * 60 ? `${Math.round(minutes / 60)} h` : `${Math.round(minutes / 1440)} days`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
