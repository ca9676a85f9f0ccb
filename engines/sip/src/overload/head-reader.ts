/**
 * Where the lines of a request's head are that an answer repeats, found in one pass over its bytes. Lines are told by a number;
 * all that is said speaks of what was read last.
 */
export interface HeadReader {
  /**
   * False for whatever is not a plain REGISTER, INVITE or SUBSCRIBE outside of a dialog: a To with a tag, another CSeq, folded
   * lines, control characters, a header twice that is there once, a top Via without `rport` or with parameters that are not
   * usual.
   */
  read(bytes: Uint8Array): boolean;
  start(line: number): number;
  /** After the colon. */
  valueStart(line: number): number;
  /** Without its line end. */
  end(line: number): number;
  readonly vias: number;
  via(at: number): number;
  readonly from: number;
  readonly to: number;
  readonly callId: number;
  readonly cseq: number;
  readonly authorizations: number;
  authorization(at: number): number;
  readonly replaces: boolean;
  /** Of the top Via. */
  readonly branchStart: number;
  readonly branchEnd: number;
  /** Behind the name `rport`, which has no value yet. */
  readonly rportEnd: number;
}

/** More is unusual, and left to the parser. */
const mostLines = 64;
const mostVias = 10;
const mostAuthorizations = 4;

const tab = 9;
const lf = 10;
const cr = 13;
const space = 32;
const quoteMark = 34;
const comma = 44;
const hyphen = 45;
const dot = 46;
const colon = 58;
const semicolon = 59;
const less = 60;
const equals = 61;
const greater = 62;
const openBracket = 91;
const backslash = 92;
const closeBracket = 93;
const del = 127;

const word = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const register = word('REGISTER');
const invite = word('INVITE');
const subscribe = word('SUBSCRIBE');
const version = word(' SIP/2.0');
const viaStart = word('sip/2.0/udp ');
const branchName = word('branch');
const branchCookie = word('z9hG4bK');
const rportName = word('rport');
/** Flags that telephones put beside them. */
const flags = [word('alias'), word('keep')];
const names = {
  via: word('via'),
  from: word('from'),
  to: word('to'),
  callId: word('call-id'),
  cseq: word('cseq'),
  authorization: word('authorization'),
  replaces: word('replaces'),
};

const lower = (byte: number): number => (byte >= 65 && byte <= 90 ? byte | 32 : byte);
const isSpace = (byte: number): boolean => byte === space || byte === tab;

/** RFC 3261 §25.1 token. */
const isTokenByte = new Uint8Array(256);
for (const byte of word("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.!%*_+`'~"))
  isTokenByte[byte] = 1;
/** Of names and addresses in a Via; of an IPv6 address between its brackets. */
const isHostByte = new Uint8Array(256);
for (const byte of word('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.'))
  isHostByte[byte] = 1;
const isAddressByte = new Uint8Array(256);
for (const byte of word('ABCDEFabcdef0123456789:.')) isAddressByte[byte] = 1;
const longestHost = 255;

function isExactly(bytes: Uint8Array, at: number, expected: Uint8Array): boolean {
  for (let i = 0; i < expected.length; i++) if (bytes[at + i] !== expected[i]) return false;
  return true;
}

/** Without case; `expected` is lower-case. */
function isWord(bytes: Uint8Array, start: number, end: number, expected: Uint8Array): boolean {
  if (end - start !== expected.length) return false;
  for (let i = 0; i < expected.length; i++) if (lower(bytes[start + i]!) !== expected[i]) return false;
  return true;
}

export function createHeadReader(): HeadReader {
  const starts = new Uint16Array(mostLines);
  const valueStarts = new Uint16Array(mostLines);
  const ends = new Uint16Array(mostLines);
  const vias = new Uint8Array(mostVias);
  const authorizations = new Uint8Array(mostAuthorizations);
  let viaCount = 0;
  let authorizationCount = 0;
  let from = -1;
  let to = -1;
  let callId = -1;
  let cseq = -1;
  let replaces = false;
  let branchStart = 0;
  let branchEnd = 0;
  let rportEnd = 0;

  /** The end of the method, or -1; the line is `METHOD uri SIP/2.0`, with two spaces. */
  function methodEnd(bytes: Uint8Array): number {
    if (isExactly(bytes, 0, register)) return register.length;
    if (isExactly(bytes, 0, invite)) return invite.length;
    return isExactly(bytes, 0, subscribe) ? subscribe.length : -1;
  }

  /** Where the line ends that begins here, or -1 when something in it is not text. */
  function lineEnd(bytes: Uint8Array, start: number): number {
    for (let at = start; at < bytes.length; at++) {
      const byte = bytes[at]!;
      if (byte >= space ? byte === del : byte !== tab) return byte === cr && bytes[at + 1] === lf ? at : -1;
    }
    return -1;
  }

  function isStartLine(bytes: Uint8Array, method: number, end: number): boolean {
    const uriEnd = end - version.length;
    if (bytes[method] !== space || uriEnd <= method + 1 || !isExactly(bytes, uriEnd, version)) return false;
    for (let at = method + 1; at < uriEnd; at++) if (isSpace(bytes[at]!)) return false;
    return true;
  }

  /** What a line is; false when it must not be there. */
  function note(bytes: Uint8Array, line: number, nameStart: number, nameEnd: number): boolean {
    const length = nameEnd - nameStart;
    const first = lower(bytes[nameStart]!);
    switch (first) {
      case 118: // v
        if (length !== 1 && !isWord(bytes, nameStart, nameEnd, names.via)) return true;
        if (viaCount === mostVias) return false;
        vias[viaCount++] = line;
        return true;
      case 102: // f
        if (length !== 1 && !isWord(bytes, nameStart, nameEnd, names.from)) return true;
        if (from >= 0) return false;
        from = line;
        return true;
      case 116: // t
        if (length !== 1 && !isWord(bytes, nameStart, nameEnd, names.to)) return true;
        if (to >= 0) return false;
        to = line;
        return true;
      case 105: // i
      case 99: // c
        if (first === 105 ? length === 1 : isWord(bytes, nameStart, nameEnd, names.callId)) {
          if (callId >= 0) return false;
          callId = line;
        } else if (isWord(bytes, nameStart, nameEnd, names.cseq)) {
          if (cseq >= 0) return false;
          cseq = line;
        }
        return true;
      case 97: // a
        if (isWord(bytes, nameStart, nameEnd, names.authorization)) {
          if (authorizationCount === mostAuthorizations) return false;
          authorizations[authorizationCount++] = line;
        }
        return true;
      case 114: // r
        if (isWord(bytes, nameStart, nameEnd, names.replaces)) replaces = true;
        return true;
      default:
        return true;
    }
  }

  function skipSpace(bytes: Uint8Array, start: number, end: number): number {
    let at = start;
    while (at < end && isSpace(bytes[at]!)) at++;
    return at;
  }

  /** `SIP/2.0/UDP host:port` and of parameters only what is usual, each once. */
  function isUsualVia(bytes: Uint8Array, line: number): boolean {
    const end = ends[line]!;
    let at = skipSpace(bytes, valueStarts[line]!, end);
    if (!isWord(bytes, at, Math.min(end, at + viaStart.length), viaStart)) return false;
    at += viaStart.length;
    at = placeEnd(bytes, at, end);
    branchStart = 0;
    rportEnd = 0;
    let seen = 0;
    while (at > 0 && at < end) {
      if (bytes[at] !== semicolon) return false;
      const nameStart = ++at;
      while (at < end && isTokenByte[bytes[at]!] === 1) at++;
      const nameEnd = at;
      const valueStart = bytes[at] === equals && at < end ? ++at : 0;
      while (valueStart > 0 && at < end && isTokenByte[bytes[at]!] === 1) at++;
      if (isWord(bytes, nameStart, nameEnd, branchName)) {
        if (branchStart > 0 || valueStart === 0) return false;
        if (at - valueStart <= branchCookie.length || !isExactly(bytes, valueStart, branchCookie))
          return false;
        branchStart = valueStart;
        branchEnd = at;
      } else if (isWord(bytes, nameStart, nameEnd, rportName)) {
        if (rportEnd > 0 || valueStart > 0) return false;
        rportEnd = nameEnd;
      } else {
        const flag = flags.findIndex((each) => isWord(bytes, nameStart, nameEnd, each));
        if (flag < 0 || valueStart > 0 || (seen & (1 << flag)) !== 0) return false;
        seen |= 1 << flag;
      }
    }
    return at === end && branchStart > 0 && rportEnd > 0;
  }

  /** Where a name or address that begins here ends, or -1. */
  function hostEnd(bytes: Uint8Array, start: number, end: number): number {
    let at = start;
    if (bytes[start] === openBracket) {
      at++;
      while (at < end && isAddressByte[bytes[at]!] === 1) at++;
      return at > start + 1 && at < end && bytes[at] === closeBracket ? at + 1 : -1;
    }
    while (at < end && isHostByte[bytes[at]!] === 1) at++;
    const first = bytes[start];
    return at === start || first === hyphen || first === dot || bytes[at - 1] === hyphen ? -1 : at;
  }

  /** Where `host` or `host:port` ends, or -1. */
  function placeEnd(bytes: Uint8Array, start: number, end: number): number {
    let at = hostEnd(bytes, start, end);
    if (at < 0 || at - start > longestHost) return -1;
    if (at === end || bytes[at] !== colon) return at;
    const portStart = ++at;
    let port = 0;
    while (at < end && bytes[at]! >= 48 && bytes[at]! <= 57 && at - portStart < 5) {
      port = port * 10 + bytes[at]! - 48;
      at++;
    }
    return port > 0 && port < 65_536 ? at : -1;
  }

  /** Without a tag, and such that a tag may be put at its end. */
  function isPlainTo(bytes: Uint8Array): boolean {
    const end = ends[to]!;
    let quotes = 0;
    let opened = 0;
    let closed = 0;
    for (let at = valueStarts[to]!; at < end; at++) {
      const byte = bytes[at]!;
      if (byte === backslash || byte === comma) return false;
      if (byte === quoteMark) quotes++;
      else if (byte === less) opened++;
      else if (byte === greater) closed++;
      else if (byte === semicolon) {
        const name = skipSpace(bytes, at + 1, end);
        // A tag says that it belongs to a dialog, which is never refused.
        if (lower(bytes[name]!) === 116 && lower(bytes[name + 1]!) === 97 && lower(bytes[name + 2]!) === 103)
          return false;
      }
    }
    return (quotes === 0 || quotes === 2) && opened === closed && opened <= 1;
  }

  /** A number and the request's own method (RFC 3261 §8.1.1.5). */
  function isOwnCSeq(bytes: Uint8Array, method: number): boolean {
    const end = ends[cseq]!;
    const start = skipSpace(bytes, valueStarts[cseq]!, end);
    let at = start;
    while (at < end && bytes[at]! >= 48 && bytes[at]! <= 57) at++;
    if (at === start || at - start > 9) return false;
    const second = skipSpace(bytes, at, end);
    if (second === at || end - second !== method) return false;
    for (let i = 0; i < method; i++) if (bytes[second + i] !== bytes[i]) return false;
    return true;
  }

  return {
    read(bytes) {
      const method = methodEnd(bytes);
      if (method < 0) return false;
      const startEnd = lineEnd(bytes, 0);
      if (startEnd < 0 || !isStartLine(bytes, method, startEnd)) return false;
      viaCount = 0;
      authorizationCount = 0;
      from = -1;
      to = -1;
      callId = -1;
      cseq = -1;
      replaces = false;
      let at = startEnd + 2;
      for (let line = 0; ; line++) {
        const end = lineEnd(bytes, at);
        if (end < 0 || line === mostLines) return false;
        if (end === at) break;
        let nameEnd = at;
        while (isTokenByte[bytes[nameEnd]!] === 1) nameEnd++;
        const separator = skipSpace(bytes, nameEnd, end);
        // A line that begins with a space continues the one before it.
        if (nameEnd === at || bytes[separator] !== colon) return false;
        starts[line] = at;
        valueStarts[line] = separator + 1;
        ends[line] = end;
        if (!note(bytes, line, at, nameEnd)) return false;
        at = end + 2;
      }
      if (viaCount === 0 || from < 0 || to < 0 || callId < 0 || cseq < 0) return false;
      return isUsualVia(bytes, vias[0]!) && isPlainTo(bytes) && isOwnCSeq(bytes, method);
    },
    start: (line) => starts[line]!,
    valueStart: (line) => valueStarts[line]!,
    end: (line) => ends[line]!,
    get vias() {
      return viaCount;
    },
    via: (at) => vias[at]!,
    get from() {
      return from;
    },
    get to() {
      return to;
    },
    get callId() {
      return callId;
    },
    get cseq() {
      return cseq;
    },
    get authorizations() {
      return authorizationCount;
    },
    authorization: (at) => authorizations[at]!,
    get replaces() {
      return replaces;
    },
    get branchStart() {
      return branchStart;
    },
    get branchEnd() {
      return branchEnd;
    },
    get rportEnd() {
      return rportEnd;
    },
  };
}
