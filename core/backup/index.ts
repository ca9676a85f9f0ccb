export { createIdentity, isRecipient, readIdentities } from './age.ts';
export { type BaseOptions, makeBase } from './base.ts';
export { type CheckOptions, checkBackup } from './check.ts';
export type { BackupStatus } from './keeper.ts';
export { registerBackupGauges } from './metrics.ts';
export { type RestoreOptions, type RestoreSummary, restoreFromStore } from './restore.ts';
export {
  type BackupFound,
  findBackup,
  type PartOptions,
  restoreBlobs,
  restoreCluster,
  restoreKeys,
} from './restore-parts.ts';
export { type RestoreRequest, readRestoreRequest } from './restore-request.ts';
export { type BackupService, createBackupService } from './service.ts';
export { type BackupPlan, planOf, storeUrl } from './settings.ts';
export { type BackupStore, openBackupStore } from './store.ts';
export { type Base, type BaseSummary, listBases, type Verified } from './summary.ts';
export { thinUnderLock } from './thin.ts';
export { listLogEnds } from './wal.ts';
