import {
  IconArrowsLeftRight,
  IconBellOff,
  IconDeviceMobile,
  IconDialpad,
  IconDoorExit,
  IconMessageCircle,
  IconMicrophone,
  IconMicrophoneOff,
  IconPhone,
  IconPhoneX,
  IconPlayerPause,
  IconPlayerPlay,
  IconUserPlus,
  IconUsers,
  IconVideo,
  IconVideoOff,
} from '@tabler/icons-react';
import type { ComponentType } from 'react';
import type { LineVerbId } from './labels.tsx';

/** A verb on the line. Its word and icon follow from `id`. */
export interface LineVerb {
  id: LineVerbId;
  onSelect: () => void;
  /** On: muted, camera on, keypad open. */
  pressed?: boolean;
  /** Better words than the usual ones. */
  label?: string;
  /** For `aria-keyshortcuts`: "Control+Shift+M". */
  shortcut?: string;
}

type Icon = ComponentType<{ size?: number }>;

/** How each verb is drawn. `word`: with its word beside the icon. `keep`: stays on a telephone's closed line. */
export const lineVerbLooks: Record<
  LineVerbId,
  { icon: Icon; pressedIcon?: Icon; tone?: 'answer' | 'end' | 'text'; word?: boolean; keep?: boolean }
> = {
  answer: { icon: IconPhone, tone: 'answer', word: true, keep: true },
  'answer-video': { icon: IconVideo },
  refuse: { icon: IconPhoneX, tone: 'end', keep: true },
  'refuse-with-word': { icon: IconMessageCircle },
  silence: { icon: IconBellOff, tone: 'text', word: true },
  mute: { icon: IconMicrophone, pressedIcon: IconMicrophoneOff, keep: true },
  hold: { icon: IconPlayerPause },
  resume: { icon: IconPlayerPlay, tone: 'text', word: true, keep: true },
  keypad: { icon: IconDialpad },
  transfer: { icon: IconArrowsLeftRight },
  add: { icon: IconUserPlus },
  video: { icon: IconVideo },
  camera: { icon: IconVideo, pressedIcon: IconVideoOff },
  swap: { icon: IconArrowsLeftRight, tone: 'text', word: true },
  join: { icon: IconUsers, word: true },
  leave: { icon: IconDoorExit, tone: 'end', word: true, keep: true },
  mobile: { icon: IconDeviceMobile, tone: 'text', word: true },
  again: { icon: IconPhone, tone: 'answer', word: true, keep: true },
  write: { icon: IconMessageCircle, tone: 'text', keep: true },
  end: { icon: IconPhoneX, tone: 'end', keep: true },
};
