import { once } from 'node:events';
import { createServer } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  definitions,
  listenError,
  loadSettings,
  mediaAddress,
  programVersion,
  reportFatal,
  SettingError,
  StartError,
  settingsMarkdown,
  settingsText,
  unknownSettings,
} from './index.ts';

test('An empty environment gives settings that work', () => {
  const settings = loadSettings({});
  expect(settings).toMatchObject({
    httpPort: 8080,
    httpsPort: 8443,
    sipPort: 5060,
    sipsPort: 5061,
    rtpPorts: { from: 20000, to: 20999 },
    bind: '0.0.0.0',
    duties: ['api', 'live', 'worker', 'mail', 'sip', 'media'],
    site: { number: 0, name: 'eu' },
    logLevel: 'info',
  });
  expect(settings.dataFolder).toBe(`${process.cwd()}/data`);
  expect(settings.blobsUrl).toBe(`file://${process.cwd()}/data/blobs`);
  expect(settings.advertise.length).toBeGreaterThan(0);
  expect(settings.databaseUrl).toBeUndefined();
  expect(mediaAddress({ advertise: ['fd00::1', 'pbx.example.org', '192.0.2.7'] })).toBe('192.0.2.7');
});

test('An empty variable is as good as none', () => {
  expect(loadSettings({ LIAISON_HTTP_PORT: '', LIAISON_DATA: '  ' }).httpPort).toBe(8080);
});

test('Every example of the documentation is accepted', () => {
  for (const definition of Object.values(definitions)) {
    expect(definition.schema.safeParse(definition.example).success, definition.name).toBe(true);
  }
});

test.each([
  ['LIAISON_HTTP_PORT', ['http', '-1', '65536', '80.5', '1e3', '0x50']],
  [
    'LIAISON_PUBLIC_URL',
    ['liaison.example.org', 'ftp://x.example', 'https://a.example/path', 'https://u:p@a.example'],
  ],
  [
    'LIAISON_CONTACT',
    [
      'noc@example.org',
      'mailto:noc',
      'mailto:a b@example.org',
      'http://example.org',
      'https://localhost',
      'tel:112',
    ],
  ],
  ['LIAISON_TRUSTED_PROXIES', ['proxy', '10.0.0.0/33', '10.0.0.0/8/8', 'fd00::/129', ',']],
  ['LIAISON_SIP_TRUSTED_PEERS', ['edge.example', '10.0.0.0/33', ',']],
  ['LIAISON_BIND', ['localhost', '256.0.0.1']],
  ['LIAISON_ADVERTISE', ['-a.example', '300.1.1.1', 'a b']],
  ['LIAISON_RTP_PORTS', ['20000', '20000-20003', '20999-20000', '80-8000', '60000-70000']],
  [
    'LIAISON_TURN_URLS',
    ['turn.example.org', 'https://turn.example.org', 'turn:a b', 'turn:a?transport=sctp', ','],
  ],
  ['LIAISON_TURN_SECRET', ['short']],
  ['LIAISON_DUTIES', ['everything', 'api,telephone', ',']],
  ['LIAISON_SITE', ['europe', '1024:x', '5', '3:eu', 'toString']],
  ['LIAISON_LOG_LEVEL', ['loud', 'INFO']],
  ['DATABASE_URL', ['mysql://x/y', 'localhost']],
  ['BLOBS_URL', ['/srv/blobs', 'http://x']],
  ['NATS_URL', ['host:4222x', 'http://x']],
])('%s refuses what cannot be used, in one line that names it', (name, values) => {
  for (const value of values) {
    const refused = catchError(() => loadSettings({ [name]: value }));
    expect(refused, `${name}=${value}`).toBeInstanceOf(SettingError);
    expect(refused.message).toContain(name);
    expect(refused.message).not.toContain('\n');
    expect(refused.mend).not.toBe('');
  }
});

test('A secret never appears in its refusal nor in the table', () => {
  const env = { DATABASE_URL: 'mysql://root:hunter2@db/liaison' };
  expect(catchError(() => loadSettings(env)).message).not.toContain('hunter2');
  expect(settingsText({ DATABASE_URL: 'postgres://root:hunter2@db/liaison' })).not.toContain('hunter2');
});

test('Settings that contradict each other are refused', () => {
  expect(() => loadSettings({ LIAISON_TLS_CERT: '/a.pem' })).toThrow(/LIAISON_TLS_KEY/);
  expect(() => loadSettings({ LIAISON_TLS_KEY: '/a.pem' })).toThrow(/LIAISON_TLS_CERT/);
  expect(() => loadSettings({ LIAISON_TURN_URLS: 'turn:a.example' })).toThrow(/LIAISON_TURN_SECRET/);
  expect(() => loadSettings({ LIAISON_TURN_SECRET: 'sixteen letters!' })).toThrow(/LIAISON_TURN_URLS/);
  expect(() => loadSettings({ LIAISON_HTTP_PORT: '8443' })).toThrow(/LIAISON_HTTPS_PORT/);
  expect(() => loadSettings({ LIAISON_SIP_PORT: '20010' })).toThrow(/LIAISON_RTP_PORTS/);
  const anyFree = {
    LIAISON_HTTP_PORT: '0',
    LIAISON_HTTPS_PORT: '0',
    LIAISON_SIP_PORT: '0',
    LIAISON_RTP_PORTS: '0',
  };
  expect(loadSettings(anyFree).rtpPorts).toEqual({ from: 0, to: 0 });
});

test('Whatever a variable holds, the answer is settings or a SettingError', () => {
  const names = Object.values(definitions).map((definition) => definition.name);
  fc.assert(
    fc.property(fc.constantFrom(...names), fc.string({ unit: 'binary' }), (name, value) => {
      try {
        loadSettings({ [name]: value });
      } catch (error) {
        expect(error).toBeInstanceOf(SettingError);
        expect((error as Error).message).toMatch(/ · (LIAISON_|[A-Z]+_URL).* · /);
      }
    }),
  );
});

test('A misspelt setting is pointed out with the name that was meant', () => {
  expect(unknownSettings({ LIAISON_HTPS_PORT: '1', LIAISON_DATA: 'x', PATH: '' })).toEqual([
    { name: 'LIAISON_HTPS_PORT', nearest: 'LIAISON_HTTPS_PORT' },
  ]);
});

test('The version is what an image was stamped with, else that of the checkout; it is no setting', () => {
  expect(programVersion({ LIAISON_VERSION: '1.2.3-rc.1' })).toBe('1.2.3-rc.1');
  expect(programVersion({})).toMatch(/^\d+\.\d+\.\d+/);
  expect(programVersion({ LIAISON_VERSION: 'a b' })).toBe(programVersion({}));
  expect(unknownSettings({ LIAISON_VERSION: '1.2.3' })).toEqual([]);
});

test('The Markdown table has a row for each setting', () => {
  const table = settingsMarkdown();
  for (const definition of Object.values(definitions)) expect(table).toContain(`| \`${definition.name}\` |`);
});

test('A port that is taken becomes one line with its setting', async () => {
  const first = createServer().listen(0, '127.0.0.1');
  await once(first, 'listening');
  const address = first.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const second = createServer().listen(address.port, '127.0.0.1');
  const [error] = await once(second, 'error').catch((reason: unknown) => [reason]);
  const refusal = listenError(error, 'LIAISON_HTTP_PORT', `127.0.0.1:${address.port}`);
  expect(refusal).toBeInstanceOf(StartError);
  expect(refusal.message).toMatch(/^127\.0\.0\.1:\d+ is already taken · LIAISON_HTTP_PORT · /);
  await new Promise((resolve) => first.close(resolve));
});

test('A StartError is printed alone, anything else with its stack', () => {
  const status = process.exitCode;
  let printed = '';
  const write = (text: string) => {
    printed += text;
  };
  reportFatal(new StartError({ what: 'a\nb', setting: 'LIAISON_DATA', mend: 'c' }), write);
  expect(printed).toBe('liaison: a b · LIAISON_DATA · c\n');
  reportFatal(new Error('fault'), write);
  expect(printed).toContain('at ');
  expect(process.exitCode).toBe(1);
  process.exitCode = status;
});

function catchError(action: () => unknown): SettingError {
  try {
    action();
  } catch (error) {
    return error as SettingError;
  }
  throw new Error('nothing was refused');
}
