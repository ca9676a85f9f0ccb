import type { BlobsNamed } from '@liaison/core/blobs';

/** Blobs that rows of this module name: faces of cards, and files on their way in. */
export const blobsNamed: BlobsNamed = {
  module: 'contacts',
  named: async (tx, sha256s) =>
    (
      await tx.query<{ sha256: string }>(
        `select photo as sha256 from contacts.contact where photo = any($1)
         union select file_sha256 from contacts.import where file_sha256 = any($1)`,
        [sha256s],
      )
    ).map(({ sha256 }) => sha256),
};
