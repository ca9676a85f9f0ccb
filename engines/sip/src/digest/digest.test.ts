import { createHmac, randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createManualClock } from '../clock.ts';
import { SipRequest, SipResponse } from '../message/message.ts';
import { answerChallenge } from './client.ts';
import { createHa1, createUserhash, type DigestAlgorithm, digestResponse } from './digest.ts';
import { createKeyedHash } from './keyed-hash.ts';
import { createNonces, type NonceOptions } from './nonces.ts';
import { createChallenges, verifyDigest } from './server.ts';

const realm = 'estuaria.example';

describe('the examples of RFC 7616 §3.9.1', () => {
  const input = {
    method: 'GET',
    uri: '/dir/index.html',
    nonce: '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v',
    nc: '00000001',
    cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
  };
  test.each([
    ['MD5', '8ca523f5e9506fed4657c9700eebdbec'],
    ['SHA-256', '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1'],
  ] as const)('%s', (algorithm, response) => {
    const ha1 = createHa1(algorithm, 'Mufasa', 'http-auth@example.org', 'Circle of Life');
    expect(digestResponse({ algorithm, ha1, ...input })).toBe(response);
  });
});

test('the keyed hash is HMAC-SHA-256 (RFC 2104), also of keys that are longer than a block', () => {
  for (const keyBytes of [0, 1, 32, 63, 64, 65, 200]) {
    for (const textBytes of [0, 1, 40, 64, 300]) {
      const [key, text] = [randomBytes(keyBytes), randomBytes(textBytes)];
      expect(createKeyedHash(key)(text)).toEqual(createHmac('sha256', key).update(text).digest());
    }
  }
});

describe('nonces', () => {
  const setUp = (options: Partial<NonceOptions> = {}) => {
    const clock = createManualClock();
    const secret = Buffer.alloc(32, 7);
    return { clock, secret, nonces: createNonces({ clock, secret, lifetimeMs: 60_000, ...options }) };
  };

  test('are fresh for their time and realm only', () => {
    const { clock, secret, nonces } = setUp();
    const nonce = nonces.create(realm);
    expect(nonces.check(nonce, realm)).toBe('fresh');
    expect(nonces.check(nonce, 'other.example')).toBe('foreign');
    expect(nonces.check(`${nonce.slice(0, 20)}A${nonce.slice(21)}`, realm)).toBe('foreign');
    clock.advance(60_001);
    expect(nonces.check(nonce, realm)).toBe('expired');
    // Of a process whose clock is far ahead.
    const later = createManualClock(clock.now() + 60_001);
    const ahead = createNonces({ clock: later, secret, lifetimeMs: 60_000 }).create(realm);
    expect(nonces.check(ahead, realm)).toBe('expired');
  });

  test('of another process with the same secret are known', () => {
    const { clock, secret, nonces } = setUp();
    expect(createNonces({ clock, secret, lifetimeMs: 60_000 }).check(nonces.create(realm), realm)).toBe(
      'fresh',
    );
  });

  test('have one spelling', () => {
    const { nonces } = setUp();
    const nonce = nonces.create(realm);
    const spellings = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_']
      .map((last) => nonce.slice(0, -1) + last)
      .filter((one) => nonces.check(one, realm) === 'fresh');
    expect(spellings).toEqual([nonce]);
  });

  test('give each count once, in any order within a window', () => {
    const { nonces } = setUp();
    const nonce = nonces.create(realm);
    expect([1, 3, 2, 2, 3, 100, 99, 1, 40, 131, 100].map((count) => nonces.spend(nonce, count))).toEqual([
      true,
      true,
      true,
      false,
      false,
      true,
      true,
      false,
      false,
      true,
      false,
    ]);
  });

  test('that were forgotten count as spent', () => {
    const { clock, nonces } = setUp({ maxTracked: 2 });
    const made = [1, 2, 3].map(() => {
      clock.advance(1);
      return nonces.create(realm);
    });
    for (const nonce of made) expect(nonces.spend(nonce, 1)).toBe(true);
    expect([1, 2].map((count) => nonces.spend(made[0]!, count))).toEqual([false, false]);
    expect(nonces.spend(made[2]!, 1)).toBe(false);
    expect(nonces.spend(made[2]!, 2)).toBe(true);
  });
});

describe('signing in', () => {
  const clock = createManualClock();
  const nonces = createNonces({ clock, secret: Buffer.alloc(32, 1), lifetimeMs: 60_000 });
  const known = async ({ username, algorithm }: { username: string; algorithm: DigestAlgorithm }) =>
    username === 'marta' ? { ha1: createHa1(algorithm, 'marta', realm, 'secret'), principal: 'Marta' } : null;
  const challenge = (values: string[]) =>
    new SipResponse(
      401,
      'Unauthorized',
      values.map((value) => ['www-authenticate', value] as const),
    );
  const signed = (values: string[], username = 'marta', password = 'secret') => {
    const request = new SipRequest('REGISTER', 'sip:estuaria.example');
    const answer = answerChallenge(challenge(values), request, { username, password });
    if (answer) request.headers.append(...answer);
    return request;
  };
  const verify = (request: SipRequest) => verifyDigest(nonces, request, realm, known);

  test('uses the stronger algorithm, and the other where it is alone', async () => {
    const values = createChallenges(nonces, realm, false);
    expect(values.map((value) => /algorithm=([^,]+)/.exec(value)?.[1])).toEqual(['SHA-256', 'MD5']);
    const strong = signed(values);
    expect(strong.headers.get('authorization')).toMatch(/algorithm=SHA-256/);
    expect(await verify(strong)).toEqual({ signedIn: true, principal: 'Marta' });
    const weak = signed(createChallenges(nonces, realm, false, ['MD5']));
    expect(weak.headers.get('authorization')).toMatch(/algorithm=MD5/);
    expect(await verify(weak)).toEqual({ signedIn: true, principal: 'Marta' });
  });

  test('a replay is stale, a wrong password and an unknown user are not', async () => {
    const request = signed(createChallenges(nonces, realm, false));
    expect((await verify(request)).signedIn).toBe(true);
    expect(await verify(request)).toEqual({ signedIn: false, stale: true });
    const values = createChallenges(nonces, realm, false);
    expect(await verify(signed(values, 'marta', 'guess'))).toEqual({ signedIn: false, stale: false });
    expect(await verify(signed(values, 'nobody', 'secret'))).toEqual({ signedIn: false, stale: false });
  });

  test('a wrong guess spends nothing', async () => {
    const values = createChallenges(nonces, realm, false);
    await verify(signed(values, 'marta', 'guess'));
    expect((await verify(signed(values))).signedIn).toBe(true);
  });

  test('an expired or foreign nonce is stale for who knows the password, and only then', async () => {
    const values = createChallenges(nonces, realm, false);
    clock.advance(60_001);
    expect(await verify(signed(values))).toEqual({ signedIn: false, stale: true });
    expect(await verify(signed(values, 'marta', 'guess'))).toEqual({ signedIn: false, stale: false });
    const foreign = values.map((value) => value.replace(/nonce="[^"]+"/, 'nonce="made-up"'));
    expect(await verify(signed(foreign))).toEqual({ signedIn: false, stale: true });
  });

  test('a hashed name signs in where a challenge invites it, found by the hash alone', async () => {
    const challenges = () => createChallenges(nonces, realm, false, undefined, true);
    expect(challenges().map((value) => value.includes(', userhash=true'))).toEqual([true, false]);
    const hash = createUserhash('SHA-256', 'marta', realm);
    const asked: object[] = [];
    const byHash = (request: SipRequest) =>
      verifyDigest(nonces, request, realm, async ({ username, isUserhash, algorithm }) => {
        asked.push({ username, isUserhash });
        return username === hash ? known({ username: 'marta', algorithm }) : null;
      });
    const hashed = (change: (value: string) => string, password = 'secret') => {
      const request = signed(challenges(), 'marta', password);
      const value = request.headers.get('authorization')!.replace('username="marta"', `username="${hash}"`);
      request.headers.set('authorization', change(`${value}, userhash=true`));
      return request;
    };
    expect(await byHash(hashed((value) => value))).toEqual({ signedIn: true, principal: 'Marta' });
    expect(await byHash(hashed((value) => value.replace(hash, hash.toUpperCase())))).toMatchObject({
      signedIn: true,
    });
    expect(asked).toEqual(Array(2).fill({ username: hash, isUserhash: true }));
    // Who is not there, and who is there with another secret, get the same.
    const refused = { signedIn: false, stale: false };
    expect(await byHash(hashed((value) => value.replace(hash, '0'.repeat(64))))).toEqual(refused);
    expect(await byHash(hashed((value) => value, 'guess'))).toEqual(refused);
    asked.length = 0;
    expect(await byHash(hashed((value) => value.replace(hash, 'marta')))).toEqual(refused);
    expect(await byHash(hashed((value) => value.replace('SHA-256', 'MD5')))).toEqual(refused);
    expect(asked).toEqual([]);
  });

  test.each([
    ['nothing', (value: string) => value.replace('Digest', 'Basic')],
    ['another realm', (value: string) => value.replace(`realm="${realm}"`, 'realm="other"')],
    ['no qop', (value: string) => value.replace(', qop=auth', '')],
    [
      'another method’s digest',
      (value: string) => value.replace(/response="[^"]+"/, `response="${'0'.repeat(64)}"`),
    ],
    ['a count that is none', (value: string) => value.replace('nc=00000001', 'nc=1')],
    ['an unknown algorithm', (value: string) => value.replace('SHA-256', 'SHA-512')],
  ])('%s does not sign in', async (_what, spoil) => {
    const request = signed(createChallenges(nonces, realm, false));
    request.headers.set('authorization', spoil(request.headers.get('authorization')!));
    expect(await verify(request)).toEqual({ signedIn: false, stale: false });
  });
});
