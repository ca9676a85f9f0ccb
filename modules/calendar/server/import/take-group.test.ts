import { expect, it } from 'vitest';
import type { ImportFault } from '../../contract/index.ts';
import { textOf } from '../series/component.ts';
import { gather } from './gather.ts';
import { type TakenAppointment, takeGroup } from './take-group.ts';

const alarm = (trigger: string): string[] => [
  'BEGIN:VALARM',
  'ACTION:DISPLAY',
  `TRIGGER${trigger}`,
  'END:VALARM',
];
const event = (...lines: string[]): string[] => [
  'BEGIN:VEVENT',
  ...(lines.some((line) => line.startsWith('UID')) ? [] : ['UID:1']),
  'DTSTART:20310514T100000Z',
  ...lines,
  'END:VEVENT',
];
async function take(...events: string[][]): Promise<TakenAppointment | ImportFault> {
  const lines = ['BEGIN:VCALENDAR', ...events.flat(), 'END:VCALENDAR'];
  const { groups, zones } = await gather(Buffer.from(lines.join('\r\n')));
  expect(groups).toHaveLength(1);
  return takeGroup(groups[0]!, zones, 'UTC');
}

it('takes five reminders before the beginning, each once', async () => {
  const minutes = [50, 10, 20, 10, 30, 40, 60];
  expect(await take(event(...minutes.flatMap((each) => alarm(`:-PT${each}M`))))).toMatchObject({
    reminders: [10, 20, 30, 40, 50],
    remarks: [{ code: 'reminder', detail: 'DISPLAY' }],
  });
});

it.each([
  [':-P4W', [40_320], 0],
  [':-PT40321M', [], 1],
  [':PT0S', [0], 0],
  [':PT5M', [], 1],
  [';RELATED=START:-PT5M', [5], 0],
  [';RELATED=END:-PT5M', [], 1],
  [';VALUE=DATE-TIME:20310514T090000Z', [], 1],
  [':soon', [], 1],
] as const)('reads the reminder TRIGGER%s as %j', async (trigger, reminders, remarks) => {
  const taken = await take(event(...alarm(trigger)));
  expect(taken).toMatchObject({ reminders });
  expect('remarks' in taken && taken.remarks).toHaveLength(remarks);
});

it.each([
  [
    'the higher number',
    ['SEQUENCE:2', 'DTSTAMP:20300101T000000Z'],
    ['SEQUENCE:1', 'DTSTAMP:20310101T000000Z'],
  ],
  ['the later stamp', ['DTSTAMP:20310101T000000Z'], ['DTSTAMP:20300101T000000Z']],
  [
    'the later change',
    ['LAST-MODIFIED:20310101T000000Z', 'DTSTAMP:20290101T000000Z'],
    ['DTSTAMP:20300101T000000Z'],
  ],
])('of two with one UID takes that with %s, whichever comes first', async (_what, later, earlier) => {
  const both = [event('SUMMARY:later', ...later), event('SUMMARY:earlier', ...earlier)];
  for (const events of [both, both.toReversed()]) {
    const taken = await take(...events);
    expect('components' in taken && textOf(taken.components[0]!, 'summary')).toBe('later');
    expect(taken).toMatchObject({ remarks: [{ code: 'duplicate' }] });
  }
});

it('refuses a UID that no index holds, and takes the longest that it does', async () => {
  expect(await take(event(`UID:${'x'.repeat(401)}`))).toMatchObject({ line: 2, code: 'too-large' });
  expect(await take(event(`UID:${'x'.repeat(400)}`))).toMatchObject({ uid: 'x'.repeat(400) });
});
