import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Asker, createAsker } from './testing/request.ts';
import { register } from './testing/sip-probe.ts';
import { type Member, type RunningSuite, startSuite } from './testing/suite.ts';
import { createWorld, type World } from './testing/world.ts';

/**
 * Clients that mean harm to the whole suite, and others who must not notice. What the HTTP floor owes by itself (slow
 * bodies, framing, paths) is tried in `core/http/http.test.ts`, a socket that never reads in `core/live`.
 */
let running: RunningSuite;
let asker: Asker;
let world: World;
let member: Member;

beforeAll(async () => {
  running = await startSuite();
  asker = createAsker(running.url);
  world = await createWorld(running, 'harbour');
  member = world.by.member;
}, 120_000);
afterAll(async () => {
  asker?.close();
  await running?.close();
});

const ask = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
  asker.ask({
    method,
    path: `/api/v1${path}`,
    headers: { cookie: member.cookie, origin: running.url, ...headers },
    ...(body === undefined ? {} : { body }),
  });

/** Sends ordinary requests one after the other; how long each took, in milliseconds. */
async function ordinary(count: number): Promise<{ p99Ms: number; lost: number }> {
  const took: number[] = [];
  let lost = 0;
  for (let at = 0; at < count; at++) {
    const begun = performance.now();
    const answer = await ask('GET', at % 2 === 0 ? '/chat/conversations' : '/session').catch(() => null);
    if (answer?.status !== 200) lost += 1;
    took.push(performance.now() - begun);
  }
  took.sort((a, b) => a - b);
  return { p99Ms: took[Math.ceil(took.length * 0.99) - 1]!, lost };
}

interface Holding {
  open?: number;
  failed?: number;
  stillOpen?: number;
  ended?: number;
}

/** Connections held by another process, as an attacker's would be. */
async function hold(port: number, count: number, text: string) {
  const child = fork(fileURLToPath(new URL('testing/open-sockets.ts', import.meta.url)), [
    String(port),
    String(count),
    text,
  ]);
  let last: Holding = {};
  child.on('message', (message: Holding) => {
    last = { ...last, ...message };
  });
  const until = async (holds: (last: Holding) => boolean, what: string, deadlineMs: number) => {
    const end = Date.now() + deadlineMs;
    while (!holds(last)) {
      if (Date.now() > end || child.exitCode !== null)
        throw new Error(`it did not come to pass: ${what}; ${JSON.stringify(last)}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return last;
  };
  return {
    until,
    async close() {
      if (child.exitCode !== null) return;
      child.kill();
      await once(child, 'exit');
    },
  };
}

describe('many connections', () => {
  /** Generous: this is to notice a server that stands still, not to measure one. */
  const boundMs = 1500;

  const held: Awaited<ReturnType<typeof hold>>[] = [];
  afterAll(async () => {
    for (const each of held) await each.close();
  });
  const holdOpen = async (count: number, text: string) => {
    const made = await hold(Number(new URL(running.url).port), count, text);
    held.push(made);
    return made;
  };

  it('10,000 that say nothing slow nobody down', async () => {
    const silent = await holdOpen(10_000, '');
    const { open } = await silent.until((last) => last.open !== undefined, '10,000 connections', 40_000);
    expect(open).toBe(10_000);
    const { p99Ms, lost } = await ordinary(200);
    expect(lost).toBe(0);
    expect(p99Ms).toBeLessThan(boundMs);
  }, 120_000);

  it('1,000 more that send half of a request slow nobody down', async () => {
    const text = `GET /api/v1/session HTTP/1.1\r\nhost: ${new URL(running.url).host}\r\nx-slow: `;
    const half = await holdOpen(1000, text);
    await half.until((last) => last.open === 1000, '1,000 connections', 20_000);
    const { p99Ms, lost } = await ordinary(100);
    expect(lost).toBe(0);
    expect(p99Ms).toBeLessThan(boundMs);
  }, 90_000);

  it('all of them are ended', async () => {
    expect(held).toHaveLength(2);
    // Headers may take 15 s, and the server looks every 5 s.
    for (const each of held) await each.until((last) => last.stillOpen === 0, 'their end', 40_000);
  }, 120_000);
});

describe('what people upload', () => {
  const script = '<script>document.title="ran"</script>';
  it.each([
    ['picture.svg', 'image/svg+xml', `<svg xmlns="http://www.w3.org/2000/svg">${script}</svg>`],
    ['page.html', 'text/html', `<!doctype html>${script}`],
    ['page.xhtml', 'application/xhtml+xml', `<html xmlns="http://www.w3.org/1999/xhtml">${script}</html>`],
    ['feed.xml', 'text/xml', `<?xml-stylesheet href="#"?><a>${script}</a>`],
    ['code.js', 'text/javascript', 'alert(1)'],
    ['paper.pdf', 'application/pdf', '%PDF-1.7'],
    ['nothing', '', script],
  ])('%s never runs in our origin', async (name, type, content) => {
    const conversationId = world.ids.get('conversation');
    const query = new URLSearchParams({ name, type });
    const uploaded = await ask(
      'POST',
      `/chat/conversations/${conversationId}/attachments?${query}`,
      Buffer.from(content),
      { 'content-type': type || 'application/octet-stream' },
    );
    expect(uploaded.status).toBe(200);
    const { id } = uploaded.json as { id: string };
    const download = await ask('GET', `/chat/attachments/${id}`);
    expect(download.text).toBe(content);
    expect(download.headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-disposition': expect.stringMatching(/^attachment;/),
      'x-content-type-options': 'nosniff',
      'content-security-policy': "sandbox; default-src 'none'",
    });
    const preview = await ask('GET', `/chat/attachments/${id}/preview`);
    expect(preview.status).toBe(404);
  });

  it('is no photo when it is a program', async () => {
    const svg = Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg">${script}</svg>`);
    const answer = await ask('PUT', `/people/${member.id}/photo`, svg, { 'content-type': 'image/png' });
    expect([answer.status, answer.code]).toEqual([415, 'not-an-image']);
  });
});

describe('names', () => {
  it.each([
    'a\r\nset-cookie: stolen=1',
    'a\nx: y',
    'a"; filename="b.html',
    'a\u2028b',
    '../../etc/passwd',
    'a\u0000b',
    '\u202Eexe.png',
    'é'.repeat(200),
    '💥'.repeat(60),
  ])('%j of a file cannot become a header or a path', async (name) => {
    const uploaded = await ask(
      'POST',
      `/chat/conversations/${world.ids.get('conversation')}/attachments?${new URLSearchParams({ name })}`,
      Buffer.from('content'),
      { 'content-type': 'text/plain' },
    );
    if (uploaded.status !== 200) {
      expect([uploaded.status, uploaded.code]).toEqual([400, 'invalid']);
      return;
    }
    const { id } = uploaded.json as { id: string };
    const { status, headers } = await ask('GET', `/chat/attachments/${id}`);
    expect(status).toBe(200);
    expect(headers['set-cookie']).toBeUndefined();
    expect(headers.x).toBeUndefined();
    const disposition = String(headers['content-disposition']);
    // One name in quotes without a quote in it, and one encoded.
    expect(disposition).toMatch(/^attachment; filename="[^"\\]*"; filename\*=UTF-8''[\w.!~*%-]*$/);
    expect(disposition).not.toMatch(/filename="[^"]*[/]/);
  });

  it.each(['Name\r\nx: y', 'Name\u0000', 'Name\u001b[31m', '  ', 'x'.repeat(121)])(
    '%j is no name of a person, a team or a telephone',
    async (name) => {
      const answers = [
        await ask('PATCH', `/people/${member.id}`, { name }),
        await ask('POST', '/teams', { name }),
        await ask('POST', '/devices', { name }),
      ];
      expect(answers.map((answer) => answer.status)).toEqual([400, 400, 400]);
    },
  );
});

describe('the port of telephones', () => {
  const corpus = fileURLToPath(
    new URL('../../shared/corpora/rfc4475/tests/fixtures/rfc4475', import.meta.url),
  );
  let telephone: { username: string; secret: string; addressOfRecord: string };
  beforeAll(async () => {
    telephone = { ...(await running.telephone(member)), addressOfRecord: member.address };
  });
  const registers = () => register(running.sipPorts.udp, telephone);

  async function shower(messages: readonly Buffer[]): Promise<void> {
    const socket = createSocket('udp4');
    try {
      for (const [at, message] of messages.entries()) {
        await new Promise<void>((resolve, reject) =>
          socket.send(message, running.sipPorts.udp, '127.0.0.1', (error) =>
            error ? reject(error) : resolve(),
          ),
        );
        if (at % 50 === 49) await new Promise((resolve) => setImmediate(resolve));
      }
    } finally {
      socket.close();
    }
  }

  it('answers a telephone', async () => {
    expect(await registers()).toBe(200);
  });

  it('answers it after datagrams of noise, of half-truths and of the largest size', async () => {
    const messages: Buffer[] = [];
    for (let at = 0; at < 1000; at++) messages.push(randomBytes(1 + ((at * 37) % 1400)));
    const start = 'REGISTER sip:harbour.example SIP/2.0\r\n';
    for (const text of [
      '',
      '\r\n\r\n',
      start,
      `${start}\r\n`,
      `${start}Via: SIP/2.0/UDP x\r\nContent-Length: -1\r\n\r\n`,
      `${start}Via: SIP/2.0/UDP x\r\nContent-Length: 99999999999999999999\r\n\r\n`,
      `${start}${'Via: SIP/2.0/UDP x;branch=z9hG4bK1\r\n'.repeat(1500)}\r\n`,
      `${start}X: ${'x'.repeat(60_000)}\r\n\r\n`,
      `INVITE sip:${'%'.repeat(2000)} SIP/2.0\r\n\r\n`,
      'SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 127.0.0.1\r\n\r\n',
      'SIP/2.0 999999 \r\n\r\n',
      '\0'.repeat(1000),
    ]) {
      messages.push(Buffer.from(text), Buffer.from(text.toLowerCase()));
    }
    await shower(messages);
    expect(await registers()).toBe(200);
  });

  it.runIf(existsSync(corpus))('answers it after each torture of RFC 4475', async () => {
    const files = readdirSync(corpus);
    expect(files.length).toBeGreaterThan(40);
    await shower(files.map((name) => readFileSync(join(corpus, name))));
    expect(await registers()).toBe(200);
    const unexpected = running.test.logged.filter(({ level }) => level === 'error' || level === 'fatal');
    expect(unexpected).toEqual([]);
  });

  it('answers it beside connections that never finish a message, and ends those that send too much', async () => {
    const sockets: Socket[] = [];
    try {
      for (let at = 0; at < 200; at++) {
        const socket = connect(running.sipPorts.tcp, '127.0.0.1');
        socket.on('error', () => {});
        sockets.push(socket);
        socket.write(at % 2 === 0 ? 'REGISTER sip:x SIP/2.0\r\nVia: ' : '');
      }
      const flood = connect(running.sipPorts.tcp, '127.0.0.1');
      flood.on('error', () => {});
      sockets.push(flood);
      const ended = new Promise((resolve) => flood.once('close', resolve));
      flood.write('INVITE sip:x SIP/2.0\r\nX: ');
      const pour = () => {
        while (!flood.destroyed && flood.write(Buffer.alloc(16_384, 'x')));
      };
      flood.on('drain', pour);
      flood.resume();
      pour();
      expect(await registers()).toBe(200);
      await ended;
      expect(flood.bytesWritten).toBeLessThan(16 * 1024 * 1024);
    } finally {
      for (const socket of sockets) socket.destroy();
    }
  });
});
