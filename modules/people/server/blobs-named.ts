import type { BlobsNamed } from '@liaison/core/blobs';

/** Blobs that rows of this module name: faces. */
export const blobsNamed: BlobsNamed = {
  module: 'people',
  named: async (tx, sha256s) =>
    (
      await tx.query<{ sha256: string }>(`select photo as sha256 from people.person where photo = any($1)`, [
        sha256s,
      ])
    ).map(({ sha256 }) => sha256),
};
