import { text } from 'node:stream/consumers';
import {
  findBackup,
  openBackupStore,
  type PartOptions,
  type RestoreRequest,
  readIdentities,
  readRestoreRequest,
  restoreBlobs,
  restoreCluster,
  restoreKeys,
} from '@liaison/core/backup';
import { type Command, UsageError } from '@liaison/core/cli';
import { StartError } from '@liaison/core/config';

const usage = 'look|database FOLDER|blobs|keys < JSON';

export const restorePart: Command = {
  name: 'restore-part',
  usage,
  summary: 'One part of a restore, beside its data; `site restore` starts it and says what it needs',
  async run(context, args) {
    const [part = '', folder, ...more] = args;
    if (!['look', 'database', 'blobs', 'keys'].includes(part) || more.length > 0)
      throw new UsageError('say look, database, blobs or keys');
    if ((part === 'database') !== (folder !== undefined))
      throw new UsageError('name the folder of the database, and only of that');
    const { store: url, identity, until, base, blobs, user } = readRestoreRequest(await text(process.stdin));
    const store = await openBackupStore(url, { mustExist: true });
    try {
      const options: PartOptions = {
        store,
        identities: readIdentities(identity, 'the identity'),
        log: context.log,
        onProgress: context.progress,
        ...(until === undefined ? {} : { until: new Date(until) }),
        ...(base === undefined ? {} : { base }),
      };
      context.print(JSON.stringify(await resultOf(options, { part, folder, blobs, user })));
    } finally {
      store.close();
    }
  },
};

async function resultOf(
  options: PartOptions,
  {
    part,
    folder = '',
    blobs,
    user,
  }: { part: string; folder: string | undefined } & Pick<RestoreRequest, 'blobs' | 'user'>,
): Promise<unknown> {
  if (part === 'look') return findBackup(options);
  if (part === 'database') return restoreCluster({ ...options, folder, user });
  if (part === 'keys') {
    const keys = await restoreKeys(options);
    return Object.fromEntries([...keys].map(([path, bytes]) => [path, bytes.toString('base64')]));
  }
  if (blobs !== undefined) return restoreBlobs({ ...options, blobsUrl: blobs });
  throw new StartError({ what: 'no store of blobs is named', mend: 'give blobs in the JSON' });
}
