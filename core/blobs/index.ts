export {
  BlobMissingError,
  type Blobs,
  BlobTooLargeError,
  createBlobs,
  isBlobName,
  type PutOptions,
  type StoredBlob,
} from './blobs.ts';
export { type BlobsNamed, collectBlobs, collectedPage, createCollector } from './collect.ts';
export type { Spool } from './spool.ts';
