import type { BlobsNamed } from '@liaison/core/blobs';

/** Blobs that rows of this module name: attachments and their previews. */
export const blobsNamed: BlobsNamed = {
  module: 'chat',
  named: async (tx, sha256s) =>
    (
      await tx.query<{ sha256: string }>(
        `select sha256 from chat.attachment where sha256 = any($1)
         union select preview_sha256 from chat.attachment where preview_sha256 = any($1)`,
        [sha256s],
      )
    ).map(({ sha256 }) => sha256),
};
