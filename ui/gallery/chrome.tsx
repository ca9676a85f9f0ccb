import {
  IconAddressBook,
  IconCalendar,
  IconFolder,
  IconMail,
  IconMessageCircle,
  IconMessages,
  IconNews,
  IconNotes,
  IconPhone,
  IconShield,
  IconVideo,
} from '@tabler/icons-react';
import type { ReactNode } from 'react';
import {
  FindButton,
  Line,
  type LineState,
  MeButton,
  type NavItem,
  type PersonView,
  Rail,
  Shell,
  Tabs,
} from '../src/index.ts';
import { people } from './people.ts';

const nothing = () => {};

const english = {
  phone: 'Phone',
  meetings: 'Meetings',
  chat: 'Chat',
  mail: 'Mail',
  calendar: 'Calendar',
  contacts: 'Contacts',
  files: 'Files',
  pages: 'Pages',
  forum: 'Forum',
  feed: 'Feed',
  manage: 'Manage',
};
export type Place = keyof typeof english;

export const french: Record<Place, string> = {
  phone: 'Téléphone',
  meetings: 'Réunions',
  chat: 'Messages',
  mail: 'Courrier',
  calendar: 'Agenda',
  contacts: 'Contacts',
  files: 'Fichiers',
  pages: 'Pages',
  forum: 'Forum',
  feed: 'Fil',
  manage: 'Gérer',
};

const icons: Record<Place, ReactNode> = {
  phone: <IconPhone size={21} />,
  meetings: <IconVideo size={21} />,
  chat: <IconMessageCircle size={21} />,
  mail: <IconMail size={21} />,
  calendar: <IconCalendar size={21} />,
  contacts: <IconAddressBook size={21} />,
  files: <IconFolder size={21} />,
  pages: <IconNotes size={21} />,
  forum: <IconMessages size={21} />,
  feed: <IconNews size={21} />,
  manage: <IconShield size={21} />,
};

function places(current: Place, words: Record<Place, string>, chatCount: number) {
  const counts: Partial<Record<Place, number>> = { phone: 1, chat: chatCount, mail: 12 };
  const item = (id: Place): NavItem => ({
    id,
    label: words[id],
    icon: icons[id],
    href: `#${id}`,
    current: id === current,
    count: counts[id],
  });
  return {
    groups: [
      [item('phone'), item('meetings'), item('chat')],
      [item('mail'), item('calendar')],
      [item('contacts'), item('files'), item('pages')],
      [item('forum'), item('feed')],
    ],
    foot: [item('manage')],
    tabs: [item('phone'), item('chat'), item('mail'), item('calendar')],
    more: [
      item('meetings'),
      item('contacts'),
      item('files'),
      item('pages'),
      item('forum'),
      item('feed'),
      item('manage'),
    ],
  };
}

export const inCall: LineState = {
  kind: 'call',
  person: people.beatriz,
  detail: 'São Paulo, 09:41 there',
  timer: '12:48',
  verbs: [
    { id: 'mute', onSelect: nothing, pressed: false, shortcut: 'Control+Shift+M' },
    { id: 'hold', onSelect: nothing, shortcut: 'Control+Shift+H' },
    { id: 'keypad', onSelect: nothing },
    { id: 'transfer', onSelect: nothing },
    { id: 'add', onSelect: nothing },
    { id: 'video', onSelect: nothing },
    { id: 'end', onSelect: nothing, shortcut: 'Control+Shift+D' },
  ],
};

export interface ChromeProps {
  place: Place;
  children: ReactNode;
  line?: LineState;
  me?: PersonView;
  words?: Record<Place, string>;
  find?: string;
  dossier?: ReactNode;
  notice?: ReactNode;
  chatCount?: number;
}

/** The shell as the app composes it. */
export function Chrome(props: ChromeProps) {
  const {
    place,
    children,
    line = inCall,
    me = people.ines,
    words = english,
    find = 'Name, number or word',
  } = props;
  const nav = places(place, words, props.chatCount ?? 0);
  return (
    <Shell
      home={{ href: '#home', label: 'Liaison' }}
      line={<Line me={me} state={line} onOpen={nothing} />}
      find={<FindButton text={find} shortcut="Ctrl K" />}
      me={<MeButton person={me} />}
      rail={<Rail groups={nav.groups} foot={nav.foot} />}
      tabs={<Tabs items={nav.tabs} more={nav.more} />}
      dossier={props.dossier}
      notice={props.notice}
    >
      {children}
    </Shell>
  );
}
