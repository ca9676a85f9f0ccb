import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isPublicAddress } from './addresses.ts';
import { createOutgoing, OutgoingRefused } from './outgoing.ts';

let server: Server;
let url: string;
let asked: string[] = [];
beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    if (request.url === '/elsewhere') return response.writeHead(302, { location: `${url}/secret` }).end();
    if (request.url === '/silent') return;
    if (request.url === '/long') return response.end(Buffer.alloc(100_000, 'x'));
    request.pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(resolve));
});

const common = { timeoutMs: 5000, maxBytes: 1000 } as const;
const test = createOutgoing({ mayReach: (address) => address === '127.0.0.1' });

describe('an address', () => {
  it.each([
    '127.0.0.1',
    '10.1.2.3',
    '172.31.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0',
    '224.0.0.1',
    '255.255.255.255',
    '::1',
    '::',
    'fe80::1',
    'fd00::1',
    '::ffff:10.0.0.1',
    '::ffff:8.8.8.8',
    '64:ff9b::a00:1',
    '2002:a00:1::',
    '2001:db8::1',
    'ff02::1',
    'localhost',
    '',
  ])('%s is not public', (address) => expect(isPublicAddress(address)).toBe(false));
  it.each(['8.8.8.8', '172.32.0.1', '2606:4700::1111', '2a00:1450:4007::200e'])('%s is', (address) =>
    expect(isPublicAddress(address)).toBe(true),
  );
});

describe('going out', () => {
  it('carries a body there and the answer back', async () => {
    const answer = await test.request({ ...common, method: 'POST', url, body: Buffer.from('hello') });
    expect([answer.status, answer.body.toString()]).toEqual([200, 'hello']);
  });

  it('is refused to this machine and its network, by address and by name', async () => {
    asked = [];
    const strict = createOutgoing();
    const { port } = new URL(url);
    for (const place of [
      url,
      `https://127.0.0.1:${port}/`,
      `https://localhost:${port}/`,
      `https://[::1]:${port}/`,
      `https://0x7f.1:${port}/`,
      'https://169.254.169.254/latest/meta-data',
      'ftp://8.8.8.8/',
      'https://somebody:secret@8.8.8.8/',
      'nothing',
    ]) {
      await expect(strict.request({ ...common, method: 'GET', url: place }), place).rejects.toThrow(
        OutgoingRefused,
      );
    }
    expect(strict.allows(url)).toBe(false);
    expect(strict.allows('https://push.example.org/x')).toBe(true);
    // Plain http is for tests' own addresses, not for names.
    expect(test.allows('http://push.example.org/x')).toBe(false);
    expect(asked).toEqual([]);
  });

  it('asks DNS for names by itself: those that nobody answers about take no place of the system resolver', async () => {
    const silent = createSocket('udp4').bind(0, '127.0.0.1');
    try {
      await once(silent, 'listening');
      const names = Array.from({ length: 12 }, (_, at) => `push-${at}-x.example.org`);
      const heard = new Set<string>();
      silent.on('message', (question) => {
        for (const name of names) if (question.includes(name.split('.', 1)[0] ?? name)) heard.add(name);
      });
      const out = createOutgoing({ nameServers: [`127.0.0.1:${silent.address().port}`] });
      const asking = names.map((name) =>
        out.request({ ...common, timeoutMs: 1000, method: 'POST', url: `https://${name}/` }),
      );
      // Each of the system's own places would be taken, and the second half of them never asked.
      await expect.poll(() => heard.size, { timeout: 10_000 }).toBe(names.length);
      for (const one of await Promise.allSettled(asking)) expect(one.status).toBe('rejected');
    } finally {
      silent.close();
    }
  });

  it('follows nobody, waits so long, and reads so much', async () => {
    asked = [];
    const away = await test.request({ ...common, method: 'GET', url: `${url}/elsewhere` });
    expect(away.status).toBe(302);
    expect(asked).toEqual(['GET /elsewhere']);
    await expect(
      test.request({ ...common, timeoutMs: 100, method: 'GET', url: `${url}/silent` }),
    ).rejects.toThrow(/abort/i);
    const long = await test.request({ ...common, method: 'GET', url: `${url}/long` });
    expect(long.body).toHaveLength(1000);
  });
});
