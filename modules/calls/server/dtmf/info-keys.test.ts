import fc from 'fast-check';
import { expect, it, test } from 'vitest';
import { readInfoKey, relayType, writeInfoKey } from './info-keys.ts';

test.each([
  ['application/dtmf-relay', 'Signal=5\r\nDuration=160\r\n', { key: '5', durationMs: 160 }],
  ['application/dtmf-relay', 'Signal= *\nDuration= 250', { key: '*', durationMs: 250 }],
  ['Application/DTMF-Relay; charset=utf-8', 'signal=d', { key: 'D', durationMs: 160 }],
  ['application/dtmf-relay', 'Signal=11\r\n', { key: '#', durationMs: 160 }],
  ['application/dtmf-relay', 'Signal=1\r\nDuration=999999', { key: '1', durationMs: 5000 }],
  ['application/dtmf-relay', 'Signal=1\r\nDuration=1', { key: '1', durationMs: 40 }],
  ['application/dtmf-relay', 'Signal=1\r\nDuration=soon', { key: '1', durationMs: 160 }],
  ['application/dtmf-relay', '7', { key: '7', durationMs: 160 }],
  ['application/dtmf', '#', { key: '#', durationMs: 160 }],
  ['application/dtmf', ' 10\r\n', { key: '*', durationMs: 160 }],
])('%s %j is a key', (type, body, press) => {
  expect(readInfoKey(type, Buffer.from(body))).toEqual(press);
});

test.each([
  ['application/dtmf-relay', ''],
  ['application/dtmf-relay', 'Signal=\r\nDuration=160'],
  ['application/dtmf-relay', 'Signal=55'],
  ['application/dtmf-relay', 'Signal=16'],
  ['application/dtmf', 'E'],
  ['application/dtmf', '5'.repeat(600)],
  ['application/sdp', 'Signal=5'],
  ['', '5'],
])('%s %j is none', (type, body) => {
  expect(readInfoKey(type, Buffer.from(body))).toBeUndefined();
});

it('reads what it writes', () => {
  for (const key of '0123456789*#ABCD') {
    const press = { key, durationMs: 200 };
    expect(readInfoKey(relayType, Buffer.from(writeInfoKey(press)))).toEqual(press);
  }
});

it('takes any bytes: a key within its bounds, or nothing', () => {
  const types = fc.oneof(
    fc.constantFrom('application/dtmf-relay', 'application/dtmf', 'APPLICATION/DTMF;q=1'),
    fc.string(),
  );
  const lines = fc
    .array(
      fc.tuple(fc.constantFrom('Signal', 'duration', 'X'), fc.constantFrom('=', ':', ' = '), fc.string()),
    )
    .map((all) => Buffer.from(all.map((parts) => parts.join('')).join('\r\n')));
  const bodies = fc.oneof(lines, fc.uint8Array({ maxLength: 700 }).map(Buffer.from));
  fc.assert(
    fc.property(types, bodies, (type, body) => {
      const press = readInfoKey(type, body as Buffer);
      if (press === undefined) return;
      expect(press.key).toMatch(/^[0-9*#A-D]$/);
      expect(press.durationMs).toBeGreaterThanOrEqual(40);
      expect(press.durationMs).toBeLessThanOrEqual(5000);
    }),
    { numRuns: 2000 },
  );
});
