import { type Command, UsageError } from '@liaison/core/cli';
import { StartError } from '@liaison/core/config';
import { createBackup, restoreBackup } from '@liaison/core/postgres';

export const backup: Command = {
  name: 'backup',
  usage: 'FOLDER',
  summary: 'Copy database, blobs, keys and certificates into a new folder, while the server runs or not',
  async run({ settings, log, print, progress }, args) {
    const folder = onlyFolder(args);
    const done = await createBackup({ settings, folder, log, onProgress: progress });
    print(
      `${done.folder}: database ${megabytes(done.databaseBytes)}, ${done.blobs.count} blobs ${megabytes(done.blobs.bytes)}`,
    );
    print('It holds every secret of this installation: keep it where nobody else can read it.');
    if (done.damagedBlobs.length > 0) {
      const what = `${done.damagedBlobs.length} blobs are damaged and not in the backup`;
      throw new StartError({
        what,
        setting: 'BLOBS_URL',
        mend: 'restore them from an earlier backup; the log names them',
      });
    }
  },
};

export const restore: Command = {
  name: 'restore',
  usage: 'FOLDER',
  summary: 'Bring a backup into an empty LIAISON_DATA',
  async run({ settings, log, print, progress }, args) {
    const folder = onlyFolder(args);
    const done = await restoreBackup({ settings, folder, log, onProgress: progress });
    print(`${settings.dataFolder} is as it was on ${done.createdAt.toISOString()}; start it with npm start`);
  },
};

function onlyFolder(args: string[]): string {
  const [folder, ...rest] = args;
  if (folder === undefined || folder === '' || folder.startsWith('-') || rest.length > 0) {
    throw new UsageError('name one folder');
  }
  return folder;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
