import type { BlobsNamed } from '@liaison/core/blobs';

/** Blobs that rows of this module name: files of appointments on their way in. */
export const blobsNamed: BlobsNamed = {
  module: 'calendar',
  named: async (tx, sha256s) =>
    (
      await tx.query<{ sha256: string }>(
        'select file_sha256 as sha256 from calendar.import where file_sha256 = any($1)',
        [sha256s],
      )
    ).map(({ sha256 }) => sha256),
};
