import {
  type Icon,
  IconBell,
  IconCalendarEvent,
  IconFile,
  IconListDetails,
  IconMessageCircle,
  IconPhone,
  IconUsersGroup,
} from '@tabler/icons-react';

const icons: Readonly<Record<string, Icon>> = {
  calls: IconPhone,
  calendar: IconCalendarEvent,
  chat: IconMessageCircle,
  files: IconFile,
  notify: IconListDetails,
  people: IconUsersGroup,
};

export const moduleOf = (kind: string): string => kind.split('.', 1)[0] ?? '';

/** The icon of the module that tells it. */
export const iconOf = (kind: string): Icon => icons[moduleOf(kind)] ?? IconBell;

const readWhereItStands = new Set(['chat', 'calls']);

/** Its own page says what was read there: a press in the list must not say it before. */
export const isReadAtItsPlace = (kind: string): boolean =>
  readWhereItStands.has(moduleOf(kind)) || kind === 'calendar.invited';
