import { expect, test } from 'vitest';
import { createLog, forRequest } from './index.ts';

function collect(options: { readable?: boolean; level?: 'info' | 'warn' } = {}) {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  const log = createLog({ level: options.level ?? 'info', destination, readable: options.readable ?? false });
  return { log, lines, entry: (index = 0) => JSON.parse(lines[index] ?? '{}') as Record<string, unknown> };
}

test('A line is JSON with level, time, fields, and the request of a child', () => {
  const { log, entry, lines } = collect();
  forRequest(log.child({ part: 'http' }), 'req-1').info({ statusCode: 200, path: '/x' }, 'answered');
  log.debug('not this one');
  expect(lines).toHaveLength(1);
  expect(entry()).toMatchObject({
    level: 'info',
    part: 'http',
    requestId: 'req-1',
    statusCode: 200,
    msg: 'answered',
  });
  expect(Number.isNaN(Date.parse(String(entry().time)))).toBe(false);
});

test('Secrets and content never reach a line, however deep and however spelt', () => {
  const { log, lines } = collect();
  const secret = 'S3CRET';
  log.info({
    password: secret,
    headers: { Authorization: `Bearer ${secret}`, 'set-cookie': [secret], host: 'x' },
    user: { deep: { session_token: secret, apiKey: secret } },
    list: [{ secret }],
    message: { body: secret, subject: secret, sdp: secret },
    code: '123456S3CRET',
    url: `postgres://liaison:${secret}@db/liaison`,
    bytes: Buffer.from(secret),
  });
  log.child({ token: secret }).info('child');
  expect(lines.join('')).not.toContain(secret);
  expect(lines.join('')).toContain('"host":"x"');
});

test('Harmless fields of the same names stay', () => {
  const { log, entry } = collect();
  log.info({ code: 'ENOENT', body: 1234, hasPassword: true });
  expect(entry()).toMatchObject({ code: 'ENOENT', body: 1234, hasPassword: true });
});

test('An error shows kind, message, stack and cause, but no values of rows', () => {
  const { log, entry, lines } = collect();
  const cause = Object.assign(new Error('duplicate key'), {
    code: '23505',
    detail: 'Key (email)=(a@b) exists',
    constraint: 'person_pkey',
  });
  log.error({ err: new Error('not saved', { cause }) }, 'failed');
  log.error(cause);
  expect(entry().err).toMatchObject({
    type: 'Error',
    message: 'not saved',
    cause: { code: '23505', constraint: 'person_pkey' },
  });
  expect(String((entry().err as { stack: string }).stack)).toContain('log.test.ts');
  expect(lines.join('')).not.toContain('a@b');
});

test('Odd values are bounded and do not stop the log', () => {
  const { log, lines, entry } = collect();
  const ring: Record<string, unknown> = {};
  ring.self = ring;
  log.info({
    ring,
    big: 10n ** 30n,
    long: 'x'.repeat(100_000),
    wide: Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`f${i}`, i])),
  });
  expect(lines[0]!.length).toBeLessThan(10_000);
  expect(entry()).toMatchObject({ ring: { self: '[circular]' }, big: `1${'0'.repeat(30)}` });
});

test('In a terminal a line is for people, and a value cannot steer the terminal', () => {
  const { log, lines } = collect({ readable: true });
  log.child({ part: 'sip' }).warn({ from: 'x\u001b]0;title\u0007y' }, 'odd');
  log.error({ err: new Error('fault') }, 'failed');
  expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d\.\d{3} warn {2}sip odd from=x/);
  expect(lines[0]).not.toContain('\u001b');
  expect(lines[0]).not.toContain('\u0007');
  expect(lines[1]).toContain('Error: fault');
});
