export { type BackupOptions, type BackupSummary, createBackup } from './backup.ts';
export { letBackupSlotGo } from './backup-slot.ts';
export {
  type EmbeddedOptions,
  type EmbeddedPostgres,
  findRunningPostgres,
  startEmbeddedPostgres,
} from './embedded.ts';
export { type RestoreOptions, type RestoreSummary, restoreBackup } from './restore.ts';
