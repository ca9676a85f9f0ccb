import type { LineState } from '../src/index.ts';
import { inCall } from './chrome.tsx';
import { people } from './people.ts';

const nothing = () => {};

/** The line in each of its states. */
export const lines: [string, LineState][] = [
  ['Idle', { kind: 'idle', next: { time: '14:30', title: 'Port study review', in: 'in 49 min' } }],
  [
    'Idle, soon',
    {
      kind: 'idle',
      next: { time: '14:30', title: 'Port study review', in: 'in 8 min' },
      verbs: [{ id: 'join', onSelect: nothing }],
    },
  ],
  [
    'Ringing in',
    {
      kind: 'ringing-in',
      person: people.njeri,
      detail: 'Calls you',
      timer: '0:06',
      verbs: [
        { id: 'answer', onSelect: nothing },
        { id: 'answer-video', onSelect: nothing },
        { id: 'refuse-with-word', onSelect: nothing },
        { id: 'refuse', onSelect: nothing },
      ],
    },
  ],
  [
    'Ringing out',
    {
      kind: 'ringing-out',
      person: people.amina,
      detail: 'Her mobile rings too',
      timer: '0:11',
      verbs: [{ id: 'end', onSelect: nothing }],
    },
  ],
  ['In a call', inCall],
  [
    'Muted',
    {
      kind: 'call',
      person: people.beatriz,
      detail: 'São Paulo, 09:41 there',
      timer: '1:12:48',
      verbs: [
        { id: 'mute', onSelect: nothing, pressed: true },
        { id: 'hold', onSelect: nothing },
        { id: 'end', onSelect: nothing },
      ],
    },
  ],
  [
    'Held',
    {
      kind: 'held',
      person: people.beatriz,
      detail: 'On hold for 1:20',
      verbs: [
        { id: 'resume', onSelect: nothing },
        { id: 'end', onSelect: nothing },
      ],
    },
  ],
  [
    'Two calls',
    {
      kind: 'two',
      person: people.tomas,
      detail: 'Talking',
      timer: '0:42',
      second: people.beatriz,
      secondDetail: 'held 1:20',
      verbs: [
        { id: 'swap', onSelect: nothing },
        { id: 'join', onSelect: nothing },
        { id: 'end', onSelect: nothing },
      ],
    },
  ],
  [
    'Meeting',
    {
      kind: 'meeting',
      title: 'Port study review',
      detail: 'Douro, 6 people',
      timer: '18:04',
      verbs: [
        { id: 'mute', onSelect: nothing, pressed: false },
        { id: 'camera', onSelect: nothing, pressed: false },
        { id: 'leave', onSelect: nothing },
      ],
    },
  ],
  [
    'Reconnecting',
    {
      kind: 'reconnecting',
      person: people.beatriz,
      detail: 'Line lost for 4 s, trying again',
      timer: '12:48',
      verbs: [
        { id: 'mobile', onSelect: nothing },
        { id: 'end', onSelect: nothing },
      ],
    },
  ],
  [
    'Ended',
    {
      kind: 'ended',
      person: people.beatriz,
      detail: 'You hung up after 12:48',
      verbs: [
        { id: 'again', onSelect: nothing },
        { id: 'write', onSelect: nothing },
      ],
    },
  ],
];
