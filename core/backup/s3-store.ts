import { openBucket } from '../blobs/s3-bucket.ts';
import { type BackupStore, checkFileName, FileMissingError } from './store.ts';

/** A backup's files as objects of a bucket of an S3 store. */
export async function createS3Store(url: string): Promise<BackupStore> {
  const bucket = await openBucket(url, 'LIAISON_BACKUP_TO');
  return {
    where: bucket.where,
    put(name, source, signal) {
      checkFileName(name);
      return bucket.put(name, source, signal);
    },
    async get(name) {
      checkFileName(name);
      const found = await bucket.get(name);
      if (found === null) throw new FileMissingError(name);
      return found;
    },
    list: (prefix) => bucket.list(prefix),
    remove(name) {
      checkFileName(name);
      return bucket.remove(name);
    },
    close: () => bucket.close(),
  };
}
