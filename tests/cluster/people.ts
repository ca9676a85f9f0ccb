import { goodPassword } from '@liaison/people/testing';
import { expect, test } from 'vitest';
import { cookieOf } from '../testing/page.ts';
import type { TwoProcesses } from './two-processes.ts';

/** Who may come in is the same answer at every process. */
export function people(stage: () => TwoProcesses): void {
  test('a session revoked at one is cut at the other within 5 s', async () => {
    const { cluster, a, b, bob } = stage();
    const browser = await cluster.signIn(a, bob);
    const page = await cluster.page(b, browser);
    const { body } = await cluster.ask<{ sessions: { id: string; current: boolean }[] }>(
      b,
      browser,
      'GET',
      '/sessions',
    );
    const session = body.sessions.find((each) => each.current);
    const asked = performance.now();
    const revoked = await cluster.ask(a, bob, 'DELETE', `/sessions/${session?.id}`);
    expect(revoked.status).toBeLessThan(300);
    await page.until(() => page.closed !== null, 'the cut');
    expect(performance.now() - asked).toBeLessThan(5000);
    const after = await cluster.ask<{ state?: string }>(b, browser, 'GET', '/sessions');
    expect(after.status).toBe(401);
  });

  test('an invitation from one is accepted at the other, once, and pages of the first hear who came', async () => {
    const { cluster, a, b, alice } = stage();
    const page = await cluster.page(a, alice);
    const address = `filipa@${cluster.domain}`;
    const made = await cluster.ask<{ link: string }>(a, alice, 'POST', '/invitations', {
      name: 'Filipa',
      address,
    });
    const token = made.body.link.split('#')[1];
    const accept = (at: typeof a) =>
      cluster.ask(at, { ...alice, cookie: '' }, 'POST', '/invitations/accept', {
        token,
        name: 'Filipa Rocha',
        password: goodPassword,
      });
    const known = page.got.length;
    expect((await accept(b)).status).toBeLessThan(300);
    expect((await accept(a)).status).toBeGreaterThanOrEqual(400);
    await page.until(
      () => page.got.slice(known).find((each) => each.t === 'event' && each.name === 'people.person-changed'),
      'her name, at the other process',
    );
    expect(await cookieOf(a.url, address)).toContain('=');
    page.close();
  });

  test('who guesses a password at both in turn has no more tries than at one', async () => {
    const { cluster, a, b, dora } = stage();
    const guess = (at: typeof a) =>
      cluster.ask(at, { ...dora, cookie: '' }, 'POST', '/auth/sign-in', {
        address: dora.address,
        password: 'not her pass phrase',
      });
    const answers: number[] = [];
    // Each process alone would let five through.
    while (answers.at(-1) !== 429 && answers.length < 10) {
      answers.push((await guess(answers.length % 2 === 0 ? a : b)).status);
    }
    expect(answers.at(-1), answers.join(' ')).toBe(429);
    expect(answers.length, answers.join(' ')).toBeLessThan(10);
    expect(new Set(answers.slice(0, -1))).toEqual(new Set([401]));
    // She herself is not: who is signed in goes on.
    expect((await cluster.ask(b, dora, 'GET', '/session')).status).toBe(200);
  });
}
