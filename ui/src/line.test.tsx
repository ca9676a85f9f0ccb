import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, test } from 'vitest';
import type { LineVerbId } from './labels.tsx';
import { Line, type LineState } from './line.tsx';
import type { LineVerb } from './line-verbs.tsx';
import { UiProvider } from './ui-provider.tsx';

const me = { id: 'ines', name: 'Inês Carvalhal' };
const beatriz = { id: 'beatriz', name: 'Beatriz Monteverde' };
const tomas = { id: 'tomas', name: 'Tomás Quevedo-Reis' };
const verbs = (...ids: LineVerbId[]): LineVerb[] => ids.map((id) => ({ id, onSelect: () => {} }));

function html(state: LineState): string {
  return renderToStaticMarkup(
    <UiProvider>
      <Line me={me} state={state} />
    </UiProvider>,
  );
}
const polite = (markup: string) => markup.match(/role="status">([^<]*)</)?.[1];
const assertive = (markup: string) => markup.match(/role="alert">([^<]*)</)?.[1];

const cases: [LineState, string][] = [
  [
    { kind: 'ringing-out', person: beatriz, timer: '0:11', verbs: verbs('end') },
    'Calling Beatriz Monteverde',
  ],
  [
    { kind: 'call', person: beatriz, timer: '12:48', verbs: verbs('mute', 'end') },
    'In a call with Beatriz Monteverde',
  ],
  [{ kind: 'held', person: beatriz, verbs: verbs('resume', 'end') }, 'Beatriz Monteverde is on hold'],
  [
    { kind: 'two', person: tomas, second: beatriz, timer: '0:42', verbs: verbs('swap', 'join', 'end') },
    'Talking to Tomás Quevedo-Reis, Beatriz Monteverde is on hold',
  ],
  [
    { kind: 'meeting', title: 'Port study review', timer: '18:04', verbs: verbs('mute', 'leave') },
    'In the meeting Port study review',
  ],
  [
    { kind: 'reconnecting', person: beatriz, timer: '12:48', verbs: verbs('mobile', 'end') },
    'The line to Beatriz Monteverde is lost, trying again',
  ],
  [
    { kind: 'ended', person: beatriz, detail: 'You hung up', verbs: verbs('again', 'write') },
    'Beatriz Monteverde: You hung up',
  ],
];

describe('the line', () => {
  test.each(cases)('says politely what it has become: $kind', (state, says) => {
    const markup = html(state);
    expect(polite(markup)).toBe(says);
    expect(assertive(markup)).toBe('');
  });

  test('rings aloud, and only then', () => {
    const markup = html({
      kind: 'ringing-in',
      person: beatriz,
      timer: '0:06',
      verbs: verbs('answer', 'refuse'),
    });
    expect(assertive(markup)).toBe('Beatriz Monteverde calls you');
    expect(polite(markup)).toBe('');
  });

  test('says what is wrong in place of where the other one is', () => {
    const call = { kind: 'call', person: beatriz, detail: 'São Paulo', timer: '0:09', verbs: [] } as const;
    const markup = html({ ...call, warning: 'Your microphone gives no sound' });
    expect(polite(markup)).toBe('Your microphone gives no sound');
    expect(markup).not.toContain('São Paulo');
  });

  test('keeps the running time out of what is announced', () => {
    for (const [state] of cases) expect(polite(html(state))).not.toMatch(/\d/);
  });

  test('is one region of the same kind in every state, so that its element stays', () => {
    const states: LineState[] = [{ kind: 'idle' }, ...cases.map(([state]) => state)];
    for (const state of states) {
      expect(html(state)).toMatch(
        new RegExp(`<section[^>]*aria-label="Line"[^>]*data-state="${state.kind}"`),
      );
    }
  });

  test('names every verb, drawn with its word or not', () => {
    const ids: LineVerbId[] = ['mute', 'hold', 'keypad', 'transfer', 'add', 'video', 'mobile', 'end'];
    const markup = html({ kind: 'call', person: beatriz, timer: '12:48', verbs: verbs(...ids) });
    for (const name of ['Mute', 'Hold', 'Keypad', 'Transfer', 'Add somebody', 'Video', 'Hang up']) {
      expect(markup).toContain(`aria-label="${name}"`);
    }
    expect(markup).toContain('Use my mobile</span>');
  });

  test('says what comes next while nothing runs', () => {
    const markup = html({
      kind: 'idle',
      next: { time: '14:30', title: 'Port study review', in: 'in 49 min' },
    });
    expect(
      markup
        .replace(/<[^>]*>/g, ' ')
        .replace(/\s+/g, ' ')
        .trim(),
    ).toMatch(/Next 14:30 Port study review in 49 min$/);
  });
});
