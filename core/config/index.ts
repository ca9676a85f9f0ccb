export {
  type BackupKeep,
  type DailyTime,
  type Definition,
  type Duty,
  definitions,
  duties,
  type PortRange,
  type Site,
} from './definitions.ts';
export { settingsMarkdown, settingsText } from './render.ts';
export {
  type Environment,
  isLoopback,
  loadSettings,
  mediaAddress,
  type Settings,
  unknownSettings,
} from './settings.ts';
export {
  listenError,
  reportFatal,
  SettingError,
  StartError,
  storageError,
  systemCode,
} from './start-error.ts';
export { programVersion } from './version.ts';
