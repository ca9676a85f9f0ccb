import type { BlobsNamed } from '@liaison/core/blobs';

/** Blobs that rows of this module name: what files are and were, and what was drawn of them. */
export const blobsNamed: BlobsNamed = {
  module: 'files',
  named: async (tx, sha256s) =>
    (
      await tx.query<{ sha256: string }>(
        `select sha256 from files.version where sha256 = any($1)
         union select sha256 from files.node where sha256 = any($1)
         union select sha256 from files.preview where sha256 = any($1)`,
        [sha256s],
      )
    ).map(({ sha256 }) => sha256),
};
