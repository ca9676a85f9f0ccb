import { expect, test } from 'vitest';
import { createKeyRegistry, type KeyBinding, keyName } from './keys.ts';

interface Pressed {
  key: string;
  code?: string;
  ctrl?: boolean;
  meta?: boolean;
  alt?: boolean;
  shift?: boolean;
  repeat?: boolean;
  composing?: boolean;
  target?: unknown;
}

function press(pressed: Pressed | string): KeyboardEvent & { prevented: boolean } {
  const given: Pressed = typeof pressed === 'string' ? { key: pressed } : pressed;
  const event = {
    key: given.key,
    code: given.code ?? '',
    ctrlKey: given.ctrl ?? false,
    metaKey: given.meta ?? false,
    altKey: given.alt ?? false,
    shiftKey: given.shift ?? false,
    repeat: given.repeat ?? false,
    isComposing: given.composing ?? false,
    target: given.target ?? null,
    defaultPrevented: false,
    prevented: false,
    preventDefault() {
      event.prevented = true;
    },
  };
  return event as unknown as KeyboardEvent & { prevented: boolean };
}

const field = { tagName: 'INPUT', type: 'text' };

function registry(...keys: (string | Partial<KeyBinding>)[]) {
  const ran: string[] = [];
  let now = 0;
  const made = createKeyRegistry({ now: () => now });
  const bindings = keys.map((each): KeyBinding => {
    const given = typeof each === 'string' ? { keys: each } : each;
    return {
      label: '',
      group: '',
      run: () => void ran.push(given.keys ?? ''),
      ...given,
      keys: given.keys ?? '',
    };
  });
  const remove = made.add(bindings);
  return {
    made,
    ran,
    remove,
    wait: (ms: number): void => {
      now += ms;
    },
  };
}

test('names keys as the registry writes them', () => {
  const name = (pressed: Pressed): string | null => keyName(press(pressed));
  expect(name({ key: 'k', ctrl: true })).toBe('Ctrl+K');
  expect(name({ key: 'k', meta: true })).toBe('Ctrl+K');
  expect(name({ key: 'A', ctrl: true, shift: true })).toBe('Ctrl+Shift+A');
  expect(name({ key: '?', shift: true })).toBe('?');
  expect(name({ key: 'G', shift: true })).toBe('Shift+G');
  expect(name({ key: 'Enter', shift: true })).toBe('Shift+Enter');
  expect(name({ key: 'л', code: 'KeyK', ctrl: true })).toBe('Ctrl+K');
  expect(name({ key: ' ' })).toBe('Space');
  expect(name({ key: 'Shift', shift: true })).toBeNull();
  // AltGr is Ctrl with Alt on some machines: "@" there is a letter that was typed.
  expect(name({ key: '@', ctrl: true, alt: true })).toBe('Ctrl+@');
});

test('single letters work outside text only; chords work everywhere', () => {
  const { made, ran } = registry('C', 'Ctrl+K', '?');
  for (const target of [field, { tagName: 'TEXTAREA' }, { tagName: 'DIV', isContentEditable: true }]) {
    made.handle(press({ key: 'c', target }));
    made.handle(press({ key: '?', shift: true, target }));
  }
  expect(ran).toEqual([]);
  made.handle(press({ key: 'k', ctrl: true, target: field }));
  made.handle(press({ key: 'c', target: { tagName: 'INPUT', type: 'checkbox' } }));
  made.handle(press('c'));
  expect(ran).toEqual(['Ctrl+K', 'C', 'C']);
});

test('a sequence needs its second key in time, and swallows it', () => {
  const { made, ran, wait } = registry('G C', 'C');
  made.handle(press('g'));
  const second = press('c');
  made.handle(second);
  expect(ran).toEqual(['G C']);
  expect(second.prevented).toBe(true);
  made.handle(press('g'));
  wait(2000);
  made.handle(press('c'));
  expect(ran).toEqual(['G C', 'C']);
  made.handle(press('g'));
  made.handle(press('x'));
  made.handle(press('c'));
  expect(ran).toEqual(['G C', 'C', 'C']);
});

test('letters can be switched off; chords stay', () => {
  const { made, ran } = registry('C', 'G C', 'Ctrl+K');
  made.setLettersOn(false);
  made.handle(press('c'));
  made.handle(press('g'));
  made.handle(press('c'));
  made.handle(press({ key: 'k', ctrl: true }));
  expect(ran).toEqual(['Ctrl+K']);
});

test('the latest registration wins, and gives the key back when it goes', () => {
  const { made, ran } = registry('C');
  const remove = made.add([{ keys: 'C', label: 'inner', group: '', run: () => void ran.push('inner') }]);
  made.handle(press('c'));
  expect(made.list().map(({ label }) => label)).toEqual(['inner']);
  remove();
  made.handle(press('c'));
  expect(ran).toEqual(['inner', 'C']);
});

test('held keys, composed letters and events that somebody took do nothing', () => {
  const { made, ran } = registry('C');
  made.handle(press({ key: 'c', repeat: true }));
  made.handle(press({ key: 'c', composing: true }));
  made.handle(Object.assign(press('c'), { defaultPrevented: true }));
  expect(ran).toEqual([]);
});
