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

/** By the name as it was written, so that the usual spellings cost one look-up; bounded, for strangers choose them. */
const sortsAsWritten = new Map<string, Sort | null>();
const maxSpellings = 1000;

const maxTextLength = 12_000;

function sortOf(name: string): Sort | null {
  const known = sortsAsWritten.get(name);
  if (known !== undefined) return known;
  const lower = name.toLowerCase();
  const sort = lower.startsWith('x-') ? 'written' : (sorts.get(lower) ?? null);
  if (sortsAsWritten.size < maxSpellings && name.length <= 40) sortsAsWritten.set(name, sort);
  return sort;
}

/** A description without what opens its sound: keys (RFC 4568, MIKEY), passwords of ICE, and no words. */
export const redactSdp = (sdp: string): string =>
  sdp
    .slice(0, maxTextLength)
    .split(/\r\n|\r|\n/)
    .map(redactSdpLine)
    .join('\r\n');

function redactSdpLine(line: string): string {
  switch (line.charAt(0)) {
    case 'a':
    case 'A':
      if (/^a=crypto:/i.test(line)) return line.replace(/inline:.*$/i, 'inline:…');
      if (/^a=key-mgmt:/i.test(line)) return 'a=key-mgmt:…';
      if (/^a=ice-pwd:/i.test(line)) return 'a=ice-pwd:…';
      return line;
    case 'k':
    case 'K':
      return /^k=/i.test(line) ? 'k=…' : line;
    // RFC 8866 §5.3 to §5.6: name of the session, words about it, mail and telephone of whoever made it.
    case 's':
    case 'S':
      return /^s=/i.test(line) ? 's=-' : line;
    default:
      return /^[iuep]=/i.test(line) ? `${line.slice(0, 2)}…` : line;
  }
}

/**
 * A SIP message as text for people who look for a fault: what happened, between which addresses, about which sound.
 * Credentials, keys, names of people and every body but descriptions of sound are taken out; numbers and addresses stay,
 * for they are in the record of the call too. Content-Length says what the message had.
 */
export function redactMessage(bytes: Buffer): string {
  const end = bytes.indexOf('\r\n\r\n');
  let head = bytes.toString('utf8', 0, Math.min(end < 0 ? bytes.length : end, maxTextLength));
  if (head.includes('\r\n ') || head.includes('\r\n\t')) head = head.replace(/\r\n[ \t]+/g, ' ');
  let from = head.indexOf('\r\n');
  const startLine = withoutPassword(from < 0 ? head : head.slice(0, from));
  let contentType = '';
  let kept = '';
  /** Lines that stay as they are, up to the one that is looked at, are taken over in one piece. */
  let stays = from < 0 ? head.length : from;
  while (from >= 0) {
    const start = from + 2;
    from = head.indexOf('\r\n', start);
    const stop = from < 0 ? head.length : from;
    const colon = head.indexOf(':', start);
    const isHeader = colon >= 0 && colon < stop;
    const name = isHeader ? head.slice(start, colon).trim() : '';
    const sort = isHeader ? sortOf(name) : null;
    if (isHeader && sort === null) continue;
    const value = isHeader ? head.slice(colon + 1, stop).trim() : '';
    if (sort === 'type') {
      contentType = value.toLowerCase();
      continue;
    }
    kept += `${head.slice(stays, start)}${isHeader ? `${name}: ${redactValue(sort, value)}` : '…'}`;
    stays = stop;
  }
  kept += head.slice(stays);
  const length = end < 0 ? 0 : bytes.length - end - 4;
  const body =
    length <= 0
      ? ''
      : /^application\/sdp\b/.test(contentType)
        ? redactSdp(bytes.toString('utf8', end + 4, Math.min(bytes.length, end + 4 + maxTextLength)))
        : `[${length} bytes of ${contentType || 'no type'}, not kept]`;
  const text = `${startLine}${kept}\r\n\r\n${body}`;
  return text.includes('\0') ? text.replaceAll('\0', '\uFFFD') : text;
}

function redactValue(sort: Sort | null, value: string): string {
  if (sort === 'credentials') return `${/^[A-Za-z]{1,20}(?= )/.exec(value)?.[0] ?? ''} …`;
  return sort === 'named' ? withoutNames(value) : '…';
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
