import { createOTP } from '@better-auth/utils/otp';
import { createInProcessBus } from '@liaison/core/bus';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  acceptInvitation,
  addPasskey,
  beginTotp,
  changeOrganisation,
  changePassword,
  confirmTotp,
  disableTotp,
  getSecurity,
  getSession,
  giveSecondFactor,
  listPeople,
  listSessions,
  passkeyRegistrationOptions,
  passkeySignInOptions,
  removePasskey,
  renewInvitation,
  revokeOtherSessions,
  revokeSession,
  revokeSessionsOfPerson,
  signIn,
  signInWithPasskey,
  signOut,
  suspendPerson,
} from '../contract/index.ts';
import { endLapsedSessions } from './actions/end-sessions.ts';
import { createAuthenticator } from './auth/authenticator.ts';
import { type Bench, type Browser, createBench, goodPassword } from './testing/bench.ts';
import { createSoftwareKey } from './testing/software-key.ts';

let bench: Bench;
let owner: Browser;
let member: { id: string; address: string; browser: Browser };
let manager: { id: string; address: string; browser: Browser };
beforeAll(async () => {
  bench = await createBench();
  const { members } = await bench.organisation('alpha', ['owner', 'manager', 'member']);
  owner = members[0]!.browser;
  manager = members[1]!;
  member = members[2]!;
});
afterAll(() => bench.close());

const enter = async (browser: Browser, address: string, password = goodPassword) => {
  const answer = await browser.call(signIn, { body: { address, password } });
  const body: { next?: string; code?: string; retryAfterSeconds?: number } = answer.body;
  return { ...body, status: answer.status };
};

/** Opens a live socket; `closed` resolves with the code it is closed with. */
async function openLive(browser: Browser): Promise<{ closed: Promise<number> }> {
  // Node's own WebSocket takes headers, which a browser's does not and its types do not name.
  const options = { headers: browser.headers } as unknown as string[];
  const socket = new WebSocket(`${bench.url.replace('http', 'ws')}/api/v1/live`, options);
  const closed = new Promise<number>((resolve) => {
    socket.addEventListener('close', (event) => resolve(event.code));
  });
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener('open', () => resolve());
    socket.addEventListener('error', () => reject(new Error('the live socket was refused')));
  });
  return { closed };
}

const within = <T>(promise: Promise<T>, ms: number): Promise<T> =>
  Promise.race([
    promise,
    new Promise<never>((_, reject) => setTimeout(() => reject(new Error(`not within ${ms} ms`)), ms).unref()),
  ]);

describe('sessions', () => {
  it('lists them with browser and system, and cuts a revoked one everywhere', async () => {
    const laptop = bench.browser();
    await laptop.call(signIn, {
      body: { address: member.address, password: goodPassword },
      headers: { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0' },
    });
    const listed = await member.browser.call(listSessions);
    const other = listed.body.sessions.find((session) => session.browser === 'Firefox')!;
    expect(other).toMatchObject({
      system: 'Linux',
      current: false,
      ip: expect.stringMatching(/127\.0\.0\.1|::1/),
    });
    const { closed } = await openLive(laptop);
    expect((await laptop.call(listPeople)).status).toBe(200);

    // Another person's session is not there for me.
    expect((await manager.browser.call(revokeSession, { params: { id: other.id } })).status).toBe(404);
    expect((await member.browser.call(revokeSession, { params: { id: other.id } })).status).toBe(204);
    expect(await within(closed, 5000)).toBe(4001);
    expect((await laptop.call(listPeople)).status).toBe(401);
    expect((await member.browser.call(listPeople)).status).toBe(200);
    expect((await member.browser.call(revokeSession, { params: { id: other.id } })).status).toBe(404);
  });

  it('tells the end of those that expired, once', async () => {
    const { core, testDb } = bench.test;
    const [kept, lapsed] = [bench.browser(), bench.browser()];
    await enter(kept, member.address);
    const before = await member.browser.call(listSessions);
    await enter(lapsed, member.address);
    const known = new Set(before.body.sessions.map(({ id }) => id));
    const all = (await member.browser.call(listSessions)).body.sessions;
    const sessionId = all.find(({ id }) => !known.has(id))?.id;
    await testDb.admin(`update auth.session set "expiresAt" = now() - interval '1 minute' where id = $1`, [
      sessionId,
    ]);
    for (let times = 0; times < 2; times++) {
      await endLapsedSessions(bench.people.parts);
      await core.outbox.drain();
    }
    const told = await testDb.admin(
      `select from core.outbox where name = 'people.session-revoked' and payload ->> 'sessionId' = $1`,
      [sessionId],
    );
    expect(told).toHaveLength(1);
    expect((await lapsed.call(listPeople)).status).toBe(401);
    expect((await kept.call(listPeople)).status).toBe(200);
    await member.browser.call(revokeOtherSessions);
  });

  it('ends all others at once, and those of a person for her administrator', async () => {
    const others = [bench.browser(), bench.browser()];
    for (const each of others) await enter(each, member.address);
    expect((await member.browser.call(revokeOtherSessions)).body.revoked).toBe(2);
    for (const each of others) expect((await each.call(listPeople)).status).toBe(401);

    const params = { id: member.id };
    expect((await member.browser.call(revokeSessionsOfPerson, { params })).status).toBe(403);
    expect((await manager.browser.call(revokeSessionsOfPerson, { params })).body.revoked).toBe(1);
    expect((await member.browser.call(listPeople)).status).toBe(401);
    expect(await enter(member.browser, member.address)).toMatchObject({ next: 'done' });
  });

  it('is refused within two seconds by a process that heard nothing of it', async () => {
    const { parts } = bench.people;
    const log = bench.test.core.log;
    const elsewhere = createAuthenticator({
      ...parts,
      core: { ...parts.core, bus: createInProcessBus(log) },
    });
    elsewhere.start();
    const browser = bench.browser();
    await enter(browser, member.address);
    expect((await elsewhere.whoSends(browser.headers))?.actor.personId).toBe(member.id);
    const [session] = (await browser.call(listSessions)).body.sessions.filter((each) => each.current);
    expect((await member.browser.call(revokeSession, { params: { id: session!.id } })).status).toBe(204);
    await expect.poll(() => elsewhere.whoSends(browser.headers), { interval: 50 }).toBeNull();
    elsewhere.stop();
  });

  it('are asked for together, however many ask at once', async () => {
    const { parts } = bench.people;
    let statements = 0;
    const library = {
      ...parts.library,
      query: (sql: string, parameters?: readonly unknown[]) => {
        statements += 1;
        return parts.library.query(sql, parameters);
      },
    } as typeof parts.library;
    const counting = createAuthenticator({ ...parts, library });
    const browsers = [owner, manager.browser, member.browser];
    const asked = Array.from({ length: 300 }, (_, i) => counting.whoSends(browsers[i % 3]!.headers));
    const answers = await Promise.all(asked);
    expect(answers.every((answer) => answer !== null)).toBe(true);
    expect(statements).toBeLessThanOrEqual(2);
  });

  it('keeps when each was last seen', async () => {
    const { admin } = bench.test.testDb;
    await admin(`update auth.session set "updatedAt" = now() - interval '1 day' where "userId" = $1`, [
      member.id,
    ]);
    bench.people.parts.authenticator.forget([member.id]);
    const { sessions } = (await member.browser.call(listSessions)).body;
    const seen = sessions.find((session) => session.current)!.lastSeenAt;
    expect(Date.now() - Date.parse(seen)).toBeLessThan(60_000);
  });

  it('refuses a cookie that was changed or made up', async () => {
    const stranger = bench.browser();
    const [name, value] = [...member.browser.cookies].find(([key]) => key.includes('session_token'))!;
    stranger.cookies.set(name, value.slice(0, -6));
    expect((await stranger.call(listPeople)).status).toBe(401);
    stranger.cookies.set(name, `${'A'.repeat(32)}.${'B'.repeat(43)}%3D`);
    expect((await stranger.call(listPeople)).status).toBe(401);
    stranger.cookies.set(name, '%E0%A4%A');
    expect((await stranger.call(listPeople)).status).toBe(401);
  });

  it('changes the password and ends the other sessions', async () => {
    const other = bench.browser();
    await enter(other, member.address);
    const change = (current: string, next: string) =>
      member.browser.call(changePassword, { body: { current, next } });
    expect((await change('wrong', 'un océan de papier')).body.code).toBe('wrong-password');
    expect((await change(goodPassword, 'password123')).body.code).toBe('weak-password');
    expect((await change(goodPassword, 'short')).status).toBe(400);
    expect((await change(goodPassword, 'un océan de papier')).status).toBe(204);
    expect((await other.call(listPeople)).status).toBe(401);
    expect((await member.browser.call(listPeople)).status).toBe(200);
    expect((await enter(other, member.address)).code).toBe('wrong-credentials');
    expect((await change('un océan de papier', goodPassword)).status).toBe(204);
  });
});

it('suspends: refused at once, sockets cut, sign-in says so only after the right password', async () => {
  const { members } = await bench.organisation('suspended', ['owner', 'member']);
  const [boss, victim] = members as [(typeof members)[0], (typeof members)[0]];
  const { closed } = await openLive(victim.browser);
  expect((await victim.browser.call(suspendPerson, { params: { id: boss.id } })).status).toBe(403);
  expect((await boss.browser.call(suspendPerson, { params: { id: boss.id } })).status).toBe(409);
  expect((await boss.browser.call(suspendPerson, { params: { id: victim.id } })).body.status).toBe(
    'suspended',
  );
  expect(await within(closed, 5000)).toBe(4001);
  expect((await victim.browser.call(listPeople)).status).toBe(401);
  expect((await enter(bench.browser(), victim.address)).code).toBe('suspended');
  expect((await enter(bench.browser(), victim.address, 'not her password')).code).toBe('wrong-credentials');
  await bench.test.core.outbox.drain();
  await bench.replay();
  expect(await bench.people.parts.accounts.sessions(victim.id)).toEqual([]);
});

describe('guessing', () => {
  it('slows whoever guesses, and not the browser that signed in before', async () => {
    const { members } = await bench.organisation('guessed', ['owner']);
    const { address, browser: known } = members[0]!;
    const guesser = bench.browser();
    const answers = [];
    for (let i = 0; i < 8; i++) answers.push(await enter(guesser, address, `guess number ${i}`));
    expect(answers.slice(0, 5).every((answer) => answer.code === 'wrong-credentials')).toBe(true);
    const refused = answers.find((answer) => answer.status === 429)!;
    expect(refused).toMatchObject({ code: 'too-many-tries', retryAfterSeconds: expect.any(Number) });
    // The right password too, from the guesser's network: nobody learns by trying that it was right.
    expect((await enter(bench.browser(), address)).status).toBe(429);
    // The owner's own browser stays in, and may sign in again.
    expect((await known.call(listPeople)).status).toBe(200);
    await known.call(signOut);
    expect(await enter(known, address)).toMatchObject({ next: 'done' });
  });

  it('answers the same for an address that is not there', async () => {
    const answer = await enter(bench.browser(), 'nobody@alpha.example');
    expect([answer.status, answer.code]).toEqual([401, 'wrong-credentials']);
  });
});

describe('the authenticator app', () => {
  let secret: string;
  let codes: string[];
  let person: { id: string; address: string; browser: Browser };
  let boss: Browser;
  const code = () => createOTP(secret, { digits: 6, period: 30 }).totp();
  beforeAll(async () => {
    const { members } = await bench.organisation('totp', ['owner', 'member']);
    boss = members[0]!.browser;
    person = members[1]!;
  });

  it('is on after its first code, and the session goes on', async () => {
    const { browser } = person;
    expect((await browser.call(confirmTotp, { body: { code: '000000' } })).body.code).toBe('no-totp-begun');
    expect((await browser.call(beginTotp, { body: { password: 'wrong' } })).body.code).toBe('wrong-password');
    const begun = await browser.call(beginTotp, { body: { password: goodPassword } });
    expect(begun.body.uri).toMatch(/^otpauth:\/\/totp\//);
    const { secret: base32 } = begun.body;
    // What an app scans is Base32 of the library's text.
    secret = decodeBase32(base32);
    expect((await browser.call(confirmTotp, { body: { code: '000000' } })).body.code).toBe('wrong-code');
    expect((await enter(bench.browser(), person.address)).next).toBe('done');
    const confirmed = await browser.call(confirmTotp, { body: { code: await code() } });
    codes = confirmed.body.recoveryCodes;
    expect(codes).toHaveLength(10);
    expect((await browser.call(listPeople)).status).toBe(200);
    expect((await browser.call(getSecurity)).body).toMatchObject({ totp: true, recoveryCodesLeft: 10 });
    const [row] = await bench.test.testDb.admin('select secret from auth."twoFactor" where "userId" = $1', [
      person.id,
    ]);
    expect(String(row?.secret)).not.toContain(secret);
  });

  it('asks for a code, takes each once, and takes recovery codes once', async () => {
    const browser = bench.browser();
    expect((await enter(browser, person.address)).next).toBe('second-factor');
    expect((await browser.call(listPeople)).status).toBe(401);
    const give = (body: object) => browser.call(giveSecondFactor, { body });
    expect((await give({ kind: 'totp', code: '000000' })).body.code).toBe('wrong-code');
    // Spent when it confirmed the app: RFC 6238 §5.2.
    const spent = await give({ kind: 'totp', code: await code() });
    expect(spent.body.code).toBe('wrong-code');
    await enter(browser, person.address);
    expect((await give({ kind: 'recovery-code', code: codes[0] })).body).toEqual({ next: 'done' });
    expect((await browser.call(listPeople)).status).toBe(200);
    const again = bench.browser();
    await enter(again, person.address);
    const twice = await again.call(giveSecondFactor, { body: { kind: 'recovery-code', code: codes[0] } });
    expect(twice.body.code).toBe('wrong-code');
    expect((await person.browser.call(getSecurity)).body.recoveryCodesLeft).toBe(9);
  });

  it('asks to sign in again without a first step', async () => {
    const answer = await bench.browser().call(giveSecondFactor, { body: { kind: 'totp', code: '123456' } });
    expect(answer.body.code).toBe('sign-in-again');
  });

  it('is wanted by the organisation of everybody, and nothing else works before', async () => {
    expect(
      (await person.browser.call(changeOrganisation, { body: { requireSecondFactor: true } })).status,
    ).toBe(403);
    expect(
      (await boss.call(changeOrganisation, { body: { requireSecondFactor: true } })).body.requireSecondFactor,
    ).toBe(true);
    bench.people.parts.authenticator.forget(
      (
        await bench.people.parts.core.db.system((tx) =>
          tx.query<{ id: string }>('select id from people.person'),
        )
      ).map((row) => row.id),
    );
    expect((await boss.call(getSession)).body.state).toBe('second-factor-required');
    expect((await boss.call(listPeople)).status).toBe(401);
    expect((await boss.call(getSecurity)).body.secondFactorRequired).toBe(true);
    expect((await person.browser.call(disableTotp, { body: { password: goodPassword } })).body.code).toBe(
      'second-factor-needed',
    );
    const begun = await boss.call(beginTotp, { body: { password: goodPassword } });
    const own = createOTP(decodeBase32(begun.body.secret), { digits: 6, period: 30 });
    expect((await boss.call(confirmTotp, { body: { code: await own.totp() } })).status).toBe(200);
    expect((await boss.call(listPeople)).status).toBe(200);
    await boss.call(changeOrganisation, { body: { requireSecondFactor: false } });
  });

  it('is gone with a renewed account', async () => {
    const made = await boss.call(renewInvitation, { params: { id: person.id } });
    expect(made.body.invitation.purpose).toBe('renew');
    const token = new URL(made.body.link).hash.slice(1);
    const fresh = bench.browser();
    const answer = await fresh.call(acceptInvitation, {
      body: { token, name: 'Person', password: 'encore une fois, 12' },
    });
    expect(answer.body.state).toBe('signed-in');
    expect((await person.browser.call(listPeople)).status).toBe(401);
    expect((await fresh.call(getSecurity)).body.totp).toBe(false);
  });
});

describe('passkeys', () => {
  it('are added, sign in, and are removed; strangers and replays are refused', async () => {
    const { members } = await bench.organisation('passkeys', ['owner']);
    const { browser } = members[0]!;
    const key = createSoftwareKey(bench.url);
    const options = await browser.call(passkeyRegistrationOptions);
    expect(options.body.options).toMatchObject({ rp: { id: 'localhost' } });
    const made = key.create(options.body.options);
    const added = await browser.call(addPasskey, { body: { name: 'Key', response: made } });
    expect(added.status).toBe(200);
    expect((await browser.call(addPasskey, { body: { name: 'Again', response: made } })).status).toBe(400);
    expect((await browser.call(getSecurity)).body.passkeys).toMatchObject([
      { name: 'Key', id: added.body.id },
    ]);

    const elsewhere = bench.browser();
    const asked = await elsewhere.call(passkeySignInOptions);
    const response = key.get(asked.body.options);
    expect((await elsewhere.call(signInWithPasskey, { body: { response } })).body).toEqual({ next: 'done' });
    expect((await elsewhere.call(listPeople)).status).toBe(200);
    const replayed = await bench.browser().call(signInWithPasskey, { body: { response } });
    expect([replayed.status, replayed.body.code]).toEqual([401, 'wrong-passkey']);
    const stranger = bench.browser();
    const other = createSoftwareKey(bench.url);
    other.create(options.body.options);
    const unknown = other.get((await stranger.call(passkeySignInOptions)).body.options);
    expect((await stranger.call(signInWithPasskey, { body: { response: unknown } })).status).toBe(401);

    expect((await member.browser.call(removePasskey, { params: { id: added.body.id } })).status).toBe(404);
    expect((await browser.call(removePasskey, { params: { id: added.body.id } })).status).toBe(204);
    const gone = bench.browser();
    const after = key.get((await gone.call(passkeySignInOptions)).body.options);
    expect((await gone.call(signInWithPasskey, { body: { response: after } })).status).toBe(401);
  });

  it('want a name instead of a number', async () => {
    const numbered = bench.url.replace('localhost', '127.0.0.1');
    const answer = await fetch(`${numbered}/api/v1/auth/passkey/options`, {
      method: 'POST',
      headers: { origin: numbered },
    });
    expect(answer.status).toBe(409);
    expect(await answer.json()).toMatchObject({ code: 'passkey-needs-name' });
  });
});

it('works behind a proxy that speaks HTTPS, under the public address', async () => {
  const origin = 'https://liaison.alpha.example';
  const proxied = await createBench({ environment: { LIAISON_PUBLIC_URL: origin } });
  try {
    const { members } = await proxied.organisation('proxied', ['owner'], false);
    const browser = proxied.browser({ origin });
    const { address } = members[0]!;
    const answer = await browser.call(signIn, { body: { address, password: goodPassword } });
    expect(answer.body).toEqual({ next: 'done' });
    const session = answer.headers.getSetCookie().find((line) => line.includes('session_token'))!;
    expect(session).toMatch(/^__Secure-liaison\.session_token=.*Secure/);
    // A plain GET has no Origin; the session is prolonged all the same once its time has come.
    await proxied.test.testDb.admin(`update auth.session set "expiresAt" = now() + interval '3 days'`);
    const asked = await browser.call(getSession, { headers: { origin: '' } });
    expect(asked.body.state).toBe('signed-in');
    expect(asked.headers.getSetCookie().join()).toMatch(/__Secure-liaison\.session_token=.*Max-Age=2592000/);
  } finally {
    await proxied.close();
  }
});

it('has no account to sign up to, and no other endpoint of the library', async () => {
  for (const path of ['sign-up/email', 'get-session', 'update-user', 'delete-user', 'change-email', 'ok']) {
    const answer = await fetch(`${bench.url}/api/v1/auth/${path}`, {
      method: 'POST',
      headers: { origin: bench.url, 'content-type': 'application/json' },
      body: '{"email":"x@alpha.example","password":"long enough password","name":"x"}',
    });
    expect(answer.status).toBe(404);
  }
  expect((await owner.call(getSession)).body.state).toBe('signed-in');
});

function decodeBase32(text: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  let bits = '';
  for (const letter of text.replace(/=+$/, '')) bits += alphabet.indexOf(letter).toString(2).padStart(5, '0');
  const bytes = (bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2));
  return Buffer.from(bytes).toString();
}
