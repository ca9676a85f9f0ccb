/** Headers that prove who somebody is: of these nothing is kept but the scheme. */
const credentials =
  'authorization proxy-authorization www-authenticate proxy-authenticate authentication-info proxy-authentication-info identity cookie set-cookie';
/** Headers with names of people in them. */
const named =
  'from f to t contact m p-asserted-identity p-preferred-identity remote-party-id referred-by b refer-to r diversion history-info reply-to route record-route path';
/** Words that somebody wrote, or that show somebody; also everything that begins with `x-`. */
const written = 'subject s alert-info call-info geolocation organization user-to-user';

type Sort = 'credentials' | 'named' | 'written' | 'type';
/** Every header of every message is looked up in it. */
const sorts = new Map<string, Sort>([
  ...credentials.split(' ').map((name): [string, Sort] => [name, 'credentials']),
  ...named.split(' ').map((name): [string, Sort] => [name, 'named']),
  ...written.split(' ').map((name): [string, Sort] => [name, 'written']),
  ['content-type', 'type'],
  ['c', 'type'],
]);

const maxTextLength = 12_000;

/** A description without what opens its sound: keys (RFC 4568, MIKEY), passwords of ICE, and no words. */
export function redactSdp(sdp: string): string {
  return sdp
    .slice(0, maxTextLength)
    .split(/\r\n|\r|\n/)
    .map((line) => {
      if (/^a=crypto:/i.test(line)) return line.replace(/inline:.*$/i, 'inline:…');
      if (/^a=key-mgmt:/i.test(line)) return 'a=key-mgmt:…';
      if (/^k=/i.test(line)) return 'k=…';
      if (/^a=ice-pwd:/i.test(line)) return 'a=ice-pwd:…';
      // RFC 8866 §5.3 to §5.6: name of the session, words about it, mail and telephone of whoever made it.
      if (/^[iuep]=/i.test(line)) return `${line.slice(0, 2)}…`;
      if (/^s=/i.test(line)) return 's=-';
      return line;
    })
    .join('\r\n');
}

/**
 * A SIP message as text for people who look for a fault: what happened, between which addresses, about which sound.
 * Credentials, keys, names of people and every body but descriptions of sound are taken out; numbers and addresses stay,
 * for they are in the record of the call too. Content-Length says what the message had.
 */
export function redactMessage(bytes: Buffer): string {
  const end = bytes.indexOf('\r\n\r\n');
  const head = bytes
    .toString('utf8', 0, Math.min(end < 0 ? bytes.length : end, maxTextLength))
    .replace(/\r\n[ \t]+/g, ' ');
  const [startLine = '', ...lines] = head.split('\r\n');
  let contentType = '';
  const kept = lines.map((line) => {
    const colon = line.indexOf(':');
    if (colon < 0) return '…';
    const name = line.slice(0, colon).trim();
    const value = line.slice(colon + 1).trim();
    const lower = name.toLowerCase();
    const sort = lower.startsWith('x-') ? 'written' : sorts.get(lower);
    if (sort === undefined) return line;
    if (sort === 'type') contentType = value.toLowerCase();
    if (sort === 'credentials') return `${name}: ${/^[A-Za-z]{1,20}(?= )/.exec(value)?.[0] ?? ''} …`;
    if (sort === 'written') return `${name}: …`;
    if (sort === 'named') return `${name}: ${withoutNames(value)}`;
    return line;
  });
  const length = end < 0 ? 0 : bytes.length - end - 4;
  const body =
    length <= 0
      ? ''
      : /^application\/sdp\b/.test(contentType)
        ? redactSdp(bytes.toString('utf8', end + 4, Math.min(bytes.length, end + 4 + maxTextLength)))
        : `[${length} bytes of ${contentType || 'no type'}, not kept]`;
  return [withoutPassword(startLine), ...kept, '', body].join('\r\n').replaceAll('\0', '\uFFFD');
}

/** `"Inês" <sip:1204@…>` is `<sip:1204@…>`; also where several stand in one line. */
function withoutNames(value: string): string {
  // The usual one: an address in angle brackets alone.
  if (value.startsWith('<') && !value.includes(',') && !value.includes('"')) return withoutPassword(value);
  const bare = value
    .replace(/"(?:[^"\\]|\\.)*"?/g, '')
    // What stands before an address in angle brackets is a name too.
    .replace(/(^|,)[^<>,;]*(?=<)/g, '$1');
  return withoutPassword(bare.trim());
}

/** RFC 3261 §19.1.1: a password may stand in a URI; and headers, among them credentials, may follow one. */
function withoutPassword(text: string): string {
  const bare = text.includes('@') ? text.replace(/(sips?:[^\s:@<>;]*):[^\s@<>]*@/gi, '$1:…@') : text;
  return bare.includes('?') ? bare.replace(/(sips?:[^\s<>?]*)\?[^\s<>]*/gi, '$1?…') : bare;
}
