import { setMyReachability } from '@liaison/reach';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Member } from '../testing/suite.ts';
import { openTelephoneLab, type TelephoneLab } from '../testing/telephone-lab.ts';

/** Debian's baresip watches a colleague's presence, as a desk telephone's contact list does. */
let lab: TelephoneLab;

beforeAll(async () => {
  lab = await openTelephoneLab();
});
afterAll(() => lab?.close());

async function ask(member: Member, state: 'dnd' | 'free'): Promise<number> {
  const { url } = lab.running;
  const answer = await fetch(`${url}/api/v1${setMyReachability.path}`, {
    method: 'PUT',
    headers: { cookie: member.cookie, origin: url, 'content-type': 'application/json' },
    body: JSON.stringify({ state }),
  });
  return answer.status;
}

it('is told that he can be reached, does not want to be disturbed, and is gone', async () => {
  const { alice, bob, running } = lab;
  const desk = await lab.telephone(alice, { watch: [lab.addressOf(bob)] });
  const shows = expect.poll(() => desk.command('contacts'), { timeout: 30_000, interval: 200 });
  await shows.toMatch(/Offline/);
  const page = await running.page(bob);
  await shows.toMatch(/Online/);
  expect(await ask(bob, 'dnd')).toBe(200);
  await shows.toMatch(/Busy/);
  page.close();
  expect(await ask(bob, 'free')).toBe(200);
  await shows.toMatch(/Offline/);
});
