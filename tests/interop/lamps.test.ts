import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setMyReachability } from '@liaison/reach';
import { type Baresip, startBaresip } from '@liaison/sip/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Member, type RunningSuite, startSuite } from '../testing/suite.ts';

/** Debian's baresip watches a colleague's presence, as a desk telephone's contact list does. */
let running: RunningSuite;
let folder: string;
let alice: Member;
let bob: Member;
let domain: string;
const telephones: Baresip[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'liaison-lamps-'));
  running = await startSuite();
  const made = await running.organisation('harbour', [
    { name: 'Alice', extension: '4101' },
    { name: 'Bob', extension: '4102' },
  ]);
  domain = made.domain;
  [alice, bob] = made.members as [Member, Member];
});
afterAll(async () => {
  for (const telephone of telephones) await telephone.stop();
  await running?.close();
  await rm(folder, { recursive: true, force: true });
});

async function ask(member: Member, state: 'dnd' | 'free'): Promise<number> {
  const answer = await fetch(`${running.url}/api/v1${setMyReachability.path}`, {
    method: 'PUT',
    headers: { cookie: member.cookie, origin: running.url, 'content-type': 'application/json' },
    body: JSON.stringify({ state }),
  });
  return answer.status;
}

it('is told that he can be reached, does not want to be disturbed, and is gone', async () => {
  const { username, secret } = await running.telephone(alice);
  const desk = await startBaresip({
    user: username,
    domain,
    password: secret,
    server: { host: '127.0.0.1', port: running.sipPorts.udp },
    workDir: await mkdtemp(join(folder, 'alice-')),
    watch: [`sip:${bob.extension}@${domain}`],
  });
  telephones.push(desk);
  await desk.waitFor('REGISTER_OK', { deadlineMs: 15_000 });
  const shown = expect.poll(() => desk.command('contacts'), { timeout: 30_000, interval: 200 });
  await shown.toMatch(/Offline/);
  const page = await running.page(bob);
  await shown.toMatch(/Online/);
  expect(await ask(bob, 'dnd')).toBe(200);
  await shown.toMatch(/Busy/);
  page.close();
  expect(await ask(bob, 'free')).toBe(200);
  await shown.toMatch(/Offline/);
});
