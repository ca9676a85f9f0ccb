import { isToken, splitList } from './params.ts';
import { ParseError } from './parse-error.ts';

/** RFC 3261 §7.3.3 and the IANA registry: the one-letter forms. */
const compactForms: Readonly<Record<string, string>> = {
  a: 'accept-contact',
  b: 'referred-by',
  c: 'content-type',
  d: 'request-disposition',
  e: 'content-encoding',
  f: 'from',
  i: 'call-id',
  j: 'reject-contact',
  k: 'supported',
  l: 'content-length',
  m: 'contact',
  n: 'identity-info',
  o: 'event',
  r: 'refer-to',
  s: 'subject',
  t: 'to',
  u: 'allow-events',
  v: 'via',
  x: 'session-expires',
  y: 'identity',
};

const unusualSpelling: Readonly<Record<string, string>> = {
  'call-id': 'Call-ID',
  cseq: 'CSeq',
  'www-authenticate': 'WWW-Authenticate',
  'mime-version': 'MIME-Version',
  rseq: 'RSeq',
  rack: 'RAck',
  'sip-etag': 'SIP-ETag',
  'sip-if-match': 'SIP-If-Match',
};

/** Spellings seen before, so that the usual ones cost one look-up; bounded, for strangers choose the names. */
const canonicalCache = new Map<string, string>();
const spellingCache = new Map<string, string>();
const maxCached = 1000;

/** The lower-case long form of a header's name; throws ParseError when it is not a token. */
export function canonicalHeaderName(name: string): string {
  const cached = canonicalCache.get(name);
  if (cached !== undefined) return cached;
  if (!isToken(name)) throw new ParseError('Malformed header name');
  const lower = name.toLowerCase();
  const canonical = (lower.length === 1 && compactForms[lower]) || lower;
  if (canonicalCache.size < maxCached) canonicalCache.set(name, canonical);
  return canonical;
}

function spelling(canonical: string): string {
  const cached = spellingCache.get(canonical);
  if (cached !== undefined) return cached;
  const text =
    unusualSpelling[canonical] ??
    canonical.replace(/(^|-)([a-z])/g, (_, dash: string, c: string) => dash + c.toUpperCase());
  if (spellingCache.size < maxCached) spellingCache.set(canonical, text);
  return text;
}

/** A message's headers in their order. Names are compared without case and compact forms are the long ones. */
export class Headers implements Iterable<readonly [name: string, value: string]> {
  /** Grows with each change, so that what was read from the headers is read again. */
  version = 0;
  readonly #names: string[] = [];
  readonly #values: string[] = [];

  constructor(entries: Iterable<readonly [string, string]> = []) {
    for (const [name, value] of entries) this.append(name, value);
  }

  get size(): number {
    return this.#names.length;
  }

  /** Where the first line of that name stands; most ask by the canonical name. */
  #indexOf(name: string): number {
    const at = this.#names.indexOf(name);
    return at < 0 ? this.#names.indexOf(canonicalHeaderName(name)) : at;
  }

  get(name: string): string | undefined {
    const at = this.#indexOf(name);
    return at < 0 ? undefined : this.#values[at];
  }

  has(name: string): boolean {
    return this.#indexOf(name) >= 0;
  }

  /** One string per header line. */
  all(name: string): string[] {
    const canonical = canonicalHeaderName(name);
    const found: string[] = [];
    for (let at = 0; at < this.#names.length; at++) {
      if (this.#names[at] === canonical) found.push(this.#values[at]!);
    }
    return found;
  }

  /** One string per value: lines joined and split at their commas (RFC 3261 §7.3.1). Not for Authorization and its kin. */
  list(name: string): string[] {
    const lines = this.all(name);
    return lines.length === 1 ? splitList(lines[0]!) : lines.flatMap(splitList);
  }

  append(name: string, value: string): this {
    this.version++;
    this.#names.push(canonicalHeaderName(name));
    this.#values.push(value);
    return this;
  }

  prepend(name: string, value: string): this {
    this.version++;
    this.#names.unshift(canonicalHeaderName(name));
    this.#values.unshift(value);
    return this;
  }

  /** Replaces the first line of that name where it stands, and removes any others; appends when there was none. */
  set(name: string, value: string): this {
    const canonical = canonicalHeaderName(name);
    const at = this.#names.indexOf(canonical);
    if (at < 0) return this.append(canonical, value);
    this.version++;
    this.#values[at] = value;
    for (let other = this.#names.length - 1; other > at; other--) {
      if (this.#names[other] === canonical) this.#removeAt(other);
    }
    return this;
  }

  delete(name: string): this {
    const canonical = canonicalHeaderName(name);
    this.version++;
    for (let at = this.#names.length - 1; at >= 0; at--)
      if (this.#names[at] === canonical) this.#removeAt(at);
    return this;
  }

  #removeAt(at: number): void {
    this.#names.splice(at, 1);
    this.#values.splice(at, 1);
  }

  *[Symbol.iterator](): IterableIterator<readonly [string, string]> {
    for (let at = 0; at < this.#names.length; at++) yield [this.#names[at]!, this.#values[at]!];
  }

  /** The lines as they go out. A line break inside a value is refused: it would begin another header. */
  format(): string {
    let text = '';
    for (let at = 0; at < this.#names.length; at++) {
      const value = this.#values[at]!;
      if (/[\r\n]/.test(value)) throw new ParseError(`Line break in header ${this.#names[at]}`);
      text += `${spelling(this.#names[at]!)}: ${value}\r\n`;
    }
    return text;
  }
}
