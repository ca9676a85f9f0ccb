/** The face of the design system: everything that pages may use. */
export { Attachment, type AttachmentProps } from './attachment.tsx';
export { Badge } from './badge.tsx';
export { Button, type ButtonProps } from './button.tsx';
export { CallRecord } from './call-record.tsx';
export { Composer, type ComposerProps, type ComposerTool } from './composer.tsx';
export { ConfirmDialog, type ConfirmDialogProps } from './confirm-dialog.tsx';
export { DayBar, type DayBarProps, type DaySpan } from './day-bar.tsx';
export { Dialog, type DialogProps } from './dialog.tsx';
export { DayDivider, NewDivider } from './dividers.tsx';
export {
  Dossier,
  DossierFile,
  DossierItem,
  DossierMore,
  DossierNote,
  type DossierProps,
  DossierSection,
} from './dossier.tsx';
export { Dot } from './dot.tsx';
export { DropHint, DropZone, type DropZoneProps, type FileDrop, useFileDrop } from './drop-zone.tsx';
export { Empty } from './empty.tsx';
export { Face, type FaceProps, FaceStack, PersonFace } from './face.tsx';
export { Checkbox, PasswordInput, Radio, Textarea, TextInput } from './fields.ts';
export {
  ListPane,
  type ListPaneProps,
  PageBody,
  PageHeader,
  type PageHeaderProps,
  SectionTitle,
  SidePane,
  type SidePaneProps,
} from './headers.tsx';
export { Heading, UnderTitle } from './heading.tsx';
export { IconButton, type IconButtonProps } from './icon-button.tsx';
export { Kbd } from './kbd.tsx';
export { type KeyGroup, KeyHelp } from './key-help.tsx';
export { englishLabels, type Labels, LabelsProvider, type LineVerbId, useLabels } from './labels.tsx';
export { Line, type LineProps, type LineState, lineAnnouncement } from './line.tsx';
export type { LineVerb } from './line-verbs.tsx';
export { Link, type LinkProps, LinkProvider } from './link.tsx';
export { Mark } from './mark.tsx';
export { Menu, Popover, Tooltip } from './menu.tsx';
export { Mention, Message, type MessageProps, type Reaction } from './message.tsx';
export { useNarrow } from './narrow.ts';
export { NativeSelect, type NativeSelectProps } from './native-select.tsx';
export type { NavItem } from './nav-item.ts';
export { ErrorNote, type ErrorNoteProps, Notice, Refusal, type RefusalProps } from './notes.tsx';
export { PageLoading } from './page-loading.tsx';
export {
  Palette,
  type PaletteGroup,
  type PaletteProps,
  type PaletteRow,
  type PaletteVerb,
} from './palette.tsx';
export { CloseSide, Panes, type PanesProps, usePanes } from './panes.tsx';
export { PersonActions } from './person-card.tsx';
export { PersonChip, type PersonChipProps } from './person-chip.tsx';
export { PersonState } from './person-state.tsx';
export { type PersonVerbs, PersonVerbsProvider, usePersonVerbs } from './person-verbs.tsx';
export { Progress } from './progress.tsx';
export { Qr } from './qr.tsx';
export { Rail, type RailProps } from './rail.tsx';
export { type PersonView, personLabel, type Reach, type Reachability, reaches, reachText } from './reach.ts';
export { ReachWord } from './reach-word.tsx';
export { Row, type RowProps, Rows } from './row.tsx';
export { Actions, Choices, Pair, Section, Thing, Things } from './section.tsx';
export { type Segment, Segments } from './segments.tsx';
export { Select } from './select.ts';
export { SelectionBar, SelectionVerb } from './selection-bar.tsx';
export { FindButton, MeButton, Shell, type ShellProps } from './shell.tsx';
export { SortButton } from './sort-button.tsx';
export { Switch } from './switch.ts';
export { type Column, Table, type TableProps } from './table.tsx';
export { Tabs, type TabsProps } from './tabs.tsx';
export { Tag } from './tag.tsx';
export { type ButtonVariant, cssVariablesResolver, theme } from './theme.ts';
export { type Toast, ToastProvider, useToasts } from './toast.tsx';
export { initialsOf, toneOf } from './tone.ts';
export { type ColorScheme, styleNonce, UiProvider, type UiProviderProps } from './ui-provider.tsx';
export { WaitingCard, type WaitingCardProps } from './waiting-card.tsx';
export { Wire, type WireKind } from './wire.tsx';
