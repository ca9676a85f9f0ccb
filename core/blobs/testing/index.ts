export { type BlobStage, everyStoreKeeps, listed } from './every-store.ts';
export { type Swift, startSwift } from './swift.ts';
