import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { hashToken, type Secrets } from '@liaison/core/secrets';
import type { OpenLink } from './across-organisations.ts';

/** A stranger's stay at one link: what she sent is hers for so long, and a password need not be given again. */
const lastsMs = 12 * 60 * 60 * 1000;
const label = 'files.link-visit';

const cookieName = (token: string): string => `liaison.l.${hashToken(token).slice(0, 12)}`;

/** What a cookie's sign stands for; another password of the link makes it worthless. */
const signed = (link: OpenLink, id: string, until: number, secret: Buffer): Buffer =>
  createHmac('sha256', secret)
    .update(`${link.id}\0${id}\0${until}\0${link.passwordHash ?? ''}`)
    .digest();

/** The id of the visit that a request's cookie proves; null for none. */
export function readVisit(
  secrets: Secrets,
  link: OpenLink,
  token: string,
  cookies: string | undefined,
): string | null {
  const name = `${cookieName(token)}=`;
  const value = (cookies ?? '')
    .split(';')
    .map((each) => each.trim())
    .find((each) => each.startsWith(name))
    ?.slice(name.length);
  const [, id, until, sign] = /^([\w-]{22})\.(\d{13,14})\.([\w-]{43})$/.exec(value ?? '') ?? [];
  if (id === undefined || until === undefined || sign === undefined || Number(until) < Date.now())
    return null;
  const given = Buffer.from(sign, 'base64url');
  const isOurs = secrets.deriveAll(label).some((secret) => {
    const expected = signed(link, id, Number(until), secret);
    return expected.length === given.length && timingSafeEqual(expected, given);
  });
  return isOurs ? id : null;
}

/** A cookie for a new visit of somebody who gave the password, or came to a link without one. */
export function beginVisit(secrets: Secrets, link: OpenLink, token: string, isEncrypted: boolean): string {
  const id = randomBytes(16).toString('base64url');
  const until = Date.now() + lastsMs;
  const sign = signed(link, id, until, secrets.derive(label)).toString('base64url');
  const name = cookieName(token);
  const secure = isEncrypted ? '; Secure' : '';
  return `${name}=${id}.${until}.${sign}; Path=/api/v1/l/; Max-Age=${lastsMs / 1000}; HttpOnly; SameSite=Strict${secure}`;
}
