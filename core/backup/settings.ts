import { isAbsolute, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type BackupKeep, type DailyTime, SettingError, type Settings, StartError } from '../config/index.ts';
import { findPlace } from '../postgres/place.ts';
import { openSecrets } from '../secrets/index.ts';
import { isRecipient } from './age.ts';

/** What makes backups of an installation; plain data, so that another process can be given it. */
export interface BackupPlan {
  to: string;
  recipients: readonly string[];
  at: DailyTime;
  keep: BackupKeep;
  dataFolder: string;
  /** Where each is proved. */
  workFolder: string;
  blobsUrl: string;
  passwordFile: string | undefined;
  /** In hexadecimal digits. */
  nameKey: string;
  version: string;
}

const toName = 'LIAISON_BACKUP_TO';
const recipientName = 'LIAISON_BACKUP_RECIPIENT';

/** The plan of the settings, or undefined where there are to be none. Throws a `SettingError` for half a plan. */
export async function planOf(settings: Settings, version: string): Promise<BackupPlan | undefined> {
  const { backupTo: to, backupRecipients: recipients, dataFolder } = settings;
  if (to === undefined && recipients === undefined) return undefined;
  if (recipients === undefined) {
    throw new SettingError({
      what: 'backups have no key',
      setting: recipientName,
      mend: 'make one with npm run liaison -- backup-key, and write its line age1… here',
    });
  }
  if (to === undefined) {
    throw new SettingError({
      what: 'backups have no place',
      setting: toName,
      mend: 'name a folder such as /mnt/backups/liaison, or a bucket as s3://KEY:SECRET@host/bucket/folder',
    });
  }
  const wrong = recipients.find((recipient) => !isRecipient(recipient));
  if (wrong !== undefined) {
    throw new SettingError({
      what: `"${wrong.slice(0, 80)}" is no public key: a sign of it is wrong`,
      setting: recipientName,
      mend: 'write the line age1… that backup-key has shown, whole',
    });
  }
  if (
    to.startsWith('file:') &&
    `${new URL(to).pathname}/`.startsWith(`${pathToFileURL(dataFolder).pathname}/`)
  ) {
    throw new SettingError({
      what: 'backups in the data folder are lost with it',
      setting: toName,
      mend: 'name a folder outside it, on another disk',
    });
  }
  const secrets = await openSecrets({ dataFolder });
  return {
    to,
    recipients,
    at: settings.backupAt,
    keep: settings.backupKeep,
    dataFolder,
    workFolder: settings.backupWork ?? join(dataFolder, 'backup-check'),
    blobsUrl: settings.blobsUrl,
    passwordFile:
      settings.databaseUrl === undefined ? (await findPlace(dataFolder))?.passwordFile : undefined,
    // The oldest key's: a rotation must not give every blob a new name.
    nameKey: secrets.deriveAll('backup-names').at(-1)!.toString('hex'),
    version,
  };
}

/** A place as an operator writes it: a folder or an address. */
export function storeUrl(text: string): string {
  if (/^(file|s3|s3\+http):/.test(text)) return text;
  if (text === '' || text.startsWith('-'))
    throw new StartError({ what: 'that is no place of backups', mend: 'name a folder or a bucket' });
  return pathToFileURL(isAbsolute(text) ? text : join(process.cwd(), text)).href;
}
