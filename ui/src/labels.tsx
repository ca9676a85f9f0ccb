import { createContext, type ReactNode, useContext } from 'react';
import type { Reach } from './reach.ts';

/** What a verb on the line does. The words and icons of each are known here; the app only says which are there. */
export type LineVerbId =
  | 'answer'
  | 'answer-video'
  | 'refuse'
  | 'refuse-with-word'
  | 'silence'
  | 'mute'
  | 'hold'
  | 'resume'
  | 'keypad'
  | 'transfer'
  | 'add'
  | 'video'
  | 'camera'
  | 'swap'
  | 'join'
  | 'leave'
  | 'mobile'
  | 'again'
  | 'write'
  | 'end';

/**
 * Every word that the design system says by itself. The app supplies one object per language; whatever it leaves out
 * stays English. Times arrive formatted, in the reader's own format.
 */
export interface Labels {
  /** The seven words of reachability, at the start of a sentence. */
  reach: Record<Reach, string>;
  /** "Free until 14:30". */
  reachUntil: (state: Reach, until: string) => string;
  /** The last word that we know and when: "Free at 13:40, unknown since". */
  lastKnown: (state: Reach, at: string) => string;
  /** Accessible name of a chip. `says` starts as a sentence does. */
  chipName: (name: string, says: string) => string;
  /** "15:41 there": the other person's hour. */
  hourThere: (time: string) => string;
  /** Heard where a page is still coming. */
  loading: string;
  call: string;
  video: string;
  chat: string;
  mail: string;
  /** What a button with only an icon is called: "Call Njeri Wambuto". */
  verbFor: (verb: string, name: string) => string;
  line: string;
  lineVerb: Record<LineVerbId, string>;
  /** What screen readers hear when the line changes. No running times in it. */
  lineSays: {
    idle: string;
    ringingIn: (name: string) => string;
    ringingOut: (name: string) => string;
    call: (name: string) => string;
    held: (name: string) => string;
    two: (talking: string, held: string) => string;
    meeting: (title: string) => string;
    reconnecting: (name: string) => string;
    ended: (name: string, what: string) => string;
  };
  next: string;
  moreVerbs: string;
  fewerVerbs: string;
  incomingCall: string;
  incomingFrom: (name: string) => string;
  answer: string;
  answerVideo: string;
  refuse: string;
  refuseWithWord: string;
  skipToPage: string;
  sections: string;
  more: string;
  back: string;
  showList: string;
  list: string;
  side: string;
  close: string;
  cancel: string;
  send: string;
  unread: (count: number) => string;
  missed: string;
  selectAll: string;
  selectRow: (name: string) => string;
  selected: (count: number) => string;
  clearSelection: string;
  react: (name: string, count: number) => string;
  replies: (count: number) => string;
  sending: string;
  queued: string;
  failed: string;
  retry: string;
  discard: string;
  details: string;
  reference: string;
  newSince: (time: string) => string;
  findOrCall: string;
  found: (count: number) => string;
  nothingFound: string;
  keyMove: string;
  keyDo: string;
  keyVerbs: string;
  keys: string;
  notices: string;
  now: string;
  /** Names of keys as they are printed on keyboards of this language. */
  keyNames: { ctrl: string; shift: string; enter: string; esc: string; tab: string };
}

const reach: Labels['reach'] = {
  free: 'Free',
  call: 'In a call',
  meeting: 'In a meeting',
  ringing: 'Ringing',
  dnd: 'Do not disturb',
  away: 'Away',
  offline: 'Offline',
};

export const englishLabels: Labels = {
  reach,
  reachUntil: (state, until) => `${reach[state]} until ${until}`,
  lastKnown: (state, at) => `${reach[state]} at ${at}, unknown since`,
  chipName: (name, says) => `${name}, ${says.charAt(0).toLowerCase()}${says.slice(1)}`,
  hourThere: (time) => `${time} there`,
  loading: 'Loading',
  call: 'Call',
  video: 'Video',
  chat: 'Chat',
  mail: 'Mail',
  verbFor: (verb, name) => `${verb} ${name}`,
  line: 'Line',
  lineVerb: {
    answer: 'Answer',
    'answer-video': 'Answer with video',
    refuse: 'Refuse',
    'refuse-with-word': 'Refuse with a word',
    silence: 'Silence the ring',
    mute: 'Mute',
    hold: 'Hold',
    resume: 'Resume',
    keypad: 'Keypad',
    transfer: 'Transfer',
    add: 'Add somebody',
    video: 'Video',
    camera: 'Camera',
    swap: 'Swap',
    join: 'Join',
    leave: 'Leave',
    mobile: 'Use my mobile',
    again: 'Call again',
    write: 'Write',
    end: 'Hang up',
  },
  lineSays: {
    idle: '',
    ringingIn: (name) => `${name} calls you`,
    ringingOut: (name) => `Calling ${name}`,
    call: (name) => `In a call with ${name}`,
    held: (name) => `${name} is on hold`,
    two: (talking, held) => `Talking to ${talking}, ${held} is on hold`,
    meeting: (title) => `In the meeting ${title}`,
    reconnecting: (name) => `The line to ${name} is lost, trying again`,
    ended: (name, what) => `${name}: ${what}`,
  },
  next: 'Next',
  moreVerbs: 'More for this call',
  fewerVerbs: 'Fewer',
  incomingCall: 'Incoming call',
  incomingFrom: (name) => `${name} calls you`,
  answer: 'Answer',
  answerVideo: 'Answer with video',
  refuse: 'Refuse',
  refuseWithWord: 'Refuse with a word',
  skipToPage: 'Skip to the page',
  sections: 'Sections',
  more: 'More',
  back: 'Back',
  showList: 'Show the list',
  list: 'List',
  side: 'Beside the page',
  close: 'Close',
  cancel: 'Cancel',
  send: 'Send',
  unread: (count) => `${count} unread`,
  missed: 'Missed',
  selectAll: 'Select all',
  selectRow: (name) => `Select ${name}`,
  selected: (count) => `${count} selected`,
  clearSelection: 'Clear the selection',
  react: (name, count) => `${name}, ${count}`,
  replies: (count) => (count === 1 ? '1 reply' : `${count} replies`),
  sending: 'Sending',
  queued: 'Waiting for the connection',
  failed: 'Not sent',
  retry: 'Try again',
  discard: 'Discard',
  details: 'Details',
  reference: 'Reference',
  newSince: (time) => `New since ${time}`,
  findOrCall: 'Find or call',
  found: (count) => (count === 1 ? '1 result' : `${count} results`),
  nothingFound: 'Nothing by this name.',
  keyMove: 'move',
  keyDo: 'call or open',
  keyVerbs: 'other verbs',
  keys: 'Keys',
  notices: 'Notices',
  now: 'Now',
  keyNames: { ctrl: 'Ctrl', shift: 'Shift', enter: 'Enter', esc: 'Esc', tab: 'Tab' },
};

const LabelsContext = createContext<Labels>(englishLabels);

/** Gives everything below it its words. Keys left out fall back to English, one level deep. */
export function LabelsProvider({ labels, children }: { labels?: Partial<Labels>; children: ReactNode }) {
  return (
    <LabelsContext value={labels ? { ...englishLabels, ...labels } : englishLabels}>{children}</LabelsContext>
  );
}

export function useLabels(): Labels {
  return useContext(LabelsContext);
}
