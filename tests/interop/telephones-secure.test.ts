import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Baresip, createCertificate, startBaresip } from '@liaison/sip/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { type Member, type RunningSuite, startSuite } from '../testing/suite.ts';

/** Debian's baresip over TLS, and SIP over WebSocket at the web server's door. */
let running: RunningSuite;
let folder: string;
let domain: string;
let members: Member[];
const opened: Baresip[] = [];
const certificate = createCertificate(['IP:127.0.0.1', 'DNS:localhost']);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'liaison-secure-'));
  running = await startSuite();
  const { telephones } = running.suite.calls;
  await telephones.stop();
  telephones.secure({ options: () => ({ cert: certificate.certificate, key: certificate.key }) });
  await telephones.start();
  ({ domain, members } = await running.organisation('harbour', [
    { name: 'Alice', extension: '4101' },
    { name: 'Bob', extension: '4102' },
  ]));
});
afterAll(async () => {
  for (const telephone of opened) await telephone.stop();
  await running?.close();
  await rm(folder, { recursive: true, force: true });
});

async function telephone(member: Member): Promise<Baresip> {
  const { username, secret } = await running.telephone(member);
  const made = await startBaresip({
    user: username,
    domain,
    password: secret,
    server: { host: '127.0.0.1', port: running.suite.calls.telephones.ports.tlsPort ?? 0 },
    transport: 'tls',
    workDir: await mkdtemp(join(folder, 'telephone-')),
  });
  opened.push(made);
  await made.waitFor('REGISTER_OK', { deadlineMs: 20_000 });
  return made;
}

it('two telephones register over TLS, ring each other and hang up', async () => {
  const [alice, bob] = [await telephone(members[0]!), await telephone(members[1]!)];
  await alice.dial(`sip:${members[1]!.extension}@${domain}`);
  await bob.waitFor('CALL_INCOMING');
  await bob.accept();
  await alice.waitFor('CALL_ESTABLISHED');
  await bob.waitFor('CALL_ESTABLISHED');
  await alice.hangup();
  await bob.waitFor('CALL_CLOSED');
});

it('SIP over WebSocket is taken over from the web server (RFC 7118)', async () => {
  const socket = new WebSocket(`${running.url.replace('http', 'ws')}/sip`, 'sip');
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    const answer = new Promise<string>((resolve) => socket.once('message', (data) => resolve(String(data))));
    socket.send(
      `REGISTER sip:${domain} SIP/2.0\r\nVia: SIP/2.0/WS x.invalid;branch=z9hG4bKsecure\r\nMax-Forwards: 70\r\n` +
        `From: <sip:somebody@${domain}>;tag=1\r\nTo: <sip:somebody@${domain}>\r\nCall-ID: secure\r\n` +
        'CSeq: 1 REGISTER\r\nContact: <sip:x@x.invalid;transport=ws>\r\nContent-Length: 0\r\n\r\n',
    );
    expect(await answer).toMatch(/^SIP\/2\.0 401 /);
  } finally {
    socket.terminate();
  }
});
