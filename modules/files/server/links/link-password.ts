import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

/** Cost of one try: 32 MiB and about 60 ms of one core. */
const cost = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 1024 * 1024 };

const derive = (password: string, salt: Buffer): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    scrypt(password.normalize('NFKC'), salt, 32, cost, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });

/** What is kept of a link's password. */
export async function hashLinkPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  return `s1.${salt.toString('base64url')}.${(await derive(password, salt)).toString('base64url')}`;
}

export async function isLinkPassword(password: string, kept: string): Promise<boolean> {
  const [version, salt = '', key = ''] = kept.split('.');
  if (version !== 's1') return false;
  const expected = Buffer.from(key, 'base64url');
  const given = await derive(password, Buffer.from(salt, 'base64url'));
  return expected.length === given.length && timingSafeEqual(expected, given);
}
