/** What every screen of the suite is made with: start with `defineModule` in module.ts. */

export { Problem } from '../contract/problem.ts';
export { cityName, zoneName } from './city-name.ts';
export { type ColorSchemeChoice, ColorSchemeProvider, useColorScheme } from './color-scheme.tsx';
export { clearDrafts, type Draft, draftKeys, useDraft } from './drafts.ts';
export {
  dayOf,
  type Format,
  type FormatFor,
  formatBytes,
  formatClockOf,
  formatDateTime,
  formatDay,
  formatDuration,
  formatList,
  formatRow,
  formatTime,
  formatTitle,
  localeFor,
  useFormat,
} from './format.ts';
export { useHoldReload, useReloadHeld } from './hold-reload.ts';
export { type I18nOptions, loadStrings, type Namespaces, startI18n } from './i18n.ts';
export { createKeyRegistry, isTextTarget, type KeyBinding, type KeyRegistry } from './keys.ts';
export {
  browserLanguage,
  isLanguage,
  type Language,
  languageNames,
  languages,
  pickLanguage,
  type Strings,
  type StringsLoader,
} from './language.ts';
export {
  LiveProvider,
  useCommand,
  useConnection,
  useLive,
  useLiveEvent,
  useLostSince,
  useMembership,
  useNewBuild,
  useResync,
  useSignal,
  useWelcome,
} from './live.tsx';
export {
  type CommandOptions,
  type Connection,
  createLiveClient,
  type LiveClient,
  type LiveClientOptions,
  type LiveEvent,
} from './live-client.ts';
export {
  LiveText,
  type LiveTextProps,
  liveText,
  NumberText,
  type NumberTextProps,
  numberText,
  PlainText,
} from './live-text.tsx';
export {
  defineModule,
  type NavBadge,
  type NavEntry,
  type NavGroup,
  navGroups,
  type WebModule,
} from './module.ts';
export { type Notice, type NoticeOptions, showNotice } from './notice.ts';
export { type PageTitle, TitleProvider, usePageTitle, useTitle, useTitleCount } from './page-title.tsx';
export type { PaletteSource } from './palette.ts';
export { PersonFinder } from './person-finder.tsx';
export {
  type FoundPeople,
  type FoundPerson,
  type PersonOffers,
  PersonOffersProvider,
  useDial,
  useOfferedVerbs,
  usePersonView,
  useReachability,
} from './person-view.tsx';
export { type ProblemText, problemText, useProblemText } from './problem-text.ts';
export {
  invalidate,
  routeKey,
  type Stale,
  type UseActionOptions,
  type UseApiOptions,
  type UseApiPagesResult,
  useAction,
  useApi,
  useApiPages,
} from './queries.ts';
export { createQueryClient, putAnswer } from './query-client.ts';
export {
  api,
  apiBase,
  newRequestId,
  onSignedOut,
  type RequestOptions,
  routeUrl,
  tellSignedOut,
} from './request.ts';
export { codeOf, isPassing, RequestProblem } from './request-problem.ts';
export type { RouteArgs, RouteResult } from './route-args.ts';
export {
  type Session,
  SessionProvider,
  type SessionSource,
  sessionQuery,
  useMaybeSession,
  useRefreshSession,
  useSession,
  useSignOut,
} from './session.tsx';
export { bellSeat, dossierSeat, lineSeat, myMenu, myState, shellNotices } from './shell-slots.ts';
export {
  defineSlot,
  fill,
  Slot,
  type SlotDefinition,
  type SlotFill,
  SlotProvider,
  useIsPlace,
  useSlot,
} from './slot.tsx';
export { Trouble } from './trouble.tsx';
export { tryPatiently } from './try-patiently.ts';
export { type UploadOptions, upload } from './upload.ts';
export { UploadZone } from './upload-zone.tsx';
export { KeysProvider, useKeyList, useKeys, useLetterKeys } from './use-keys.tsx';
export { type Uploading, useUpload } from './use-upload.ts';
export { onWorkerMessage, type WorkerMessage } from './worker-messages.ts';
