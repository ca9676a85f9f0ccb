import { Headers } from './headers.ts';
import { type NameAddr, parseNameAddr } from './name-addr.ts';
import { ParseError } from './parse-error.ts';
import {
  type AuthHeader,
  type CSeq,
  parseAuth,
  parseClampedNumber,
  parseCSeq,
  parseReason,
  parseVia,
  type ReasonHeader,
  type Via,
} from './typed-headers.ts';
import { parseUri, type Uri } from './uri.ts';

const emptyBody = Buffer.alloc(0);

/** What was read of a header, good for as long as its text is the same. */
interface Reading<Value> {
  readonly text: string;
  readonly value: Value;
}

/** What was read of all values of a header, good for as long as no header has changed. */
interface ListReading<Value> {
  readonly version: number;
  readonly value: Value;
}

/**
 * What requests and responses share. Header values stay text until they are asked for; each typed getter reads once
 * and throws ParseError when the text is not what the name promises. `parseMessage` has already read Via, From, To,
 * Call-ID and CSeq, so on a received message these do not throw.
 */
abstract class Message {
  readonly headers: Headers;
  body: Buffer;
  #vias: ListReading<Via[]> | undefined;
  #from: Reading<NameAddr> | undefined;
  #to: Reading<NameAddr> | undefined;
  #cseq: Reading<CSeq> | undefined;
  #contacts: ListReading<NameAddr[] | '*'> | undefined;
  #routes: ListReading<NameAddr[]> | undefined;
  #recordRoutes: ListReading<NameAddr[]> | undefined;

  constructor(headers: Headers | Iterable<readonly [string, string]>, body: Buffer | string) {
    this.headers = headers instanceof Headers ? headers : new Headers(headers);
    this.body = typeof body === 'string' ? (body === '' ? emptyBody : Buffer.from(body, 'utf8')) : body;
  }

  #isFresh(read: ListReading<unknown> | undefined): boolean {
    return read !== undefined && read.version === this.headers.version;
  }

  #listed<Value>(value: Value): ListReading<Value> {
    return { version: this.headers.version, value };
  }

  #required(name: string): string {
    const value = this.headers.get(name);
    if (value === undefined) throw new ParseError(`Missing ${name}`);
    return value;
  }

  /** All Via values, the topmost first. */
  get vias(): readonly Via[] {
    if (!this.#isFresh(this.#vias)) this.#vias = this.#listed(this.headers.list('via').map(parseVia));
    return this.#vias!.value;
  }

  get topVia(): Via {
    const via = this.vias[0];
    if (!via) throw new ParseError('Missing Via');
    return via;
  }

  get from(): NameAddr {
    const text = this.#required('from');
    if (this.#from?.text !== text) this.#from = { text, value: parseNameAddr(text) };
    return this.#from.value;
  }

  get to(): NameAddr {
    const text = this.#required('to');
    if (this.#to?.text !== text) this.#to = { text, value: parseNameAddr(text) };
    return this.#to.value;
  }

  get fromTag(): string | undefined {
    return this.from.params.get('tag') ?? undefined;
  }

  get toTag(): string | undefined {
    return this.to.params.get('tag') ?? undefined;
  }

  get callId(): string {
    return this.#required('call-id').trim();
  }

  get cseq(): CSeq {
    const text = this.#required('cseq');
    if (this.#cseq?.text !== text) this.#cseq = { text, value: parseCSeq(text) };
    return this.#cseq.value;
  }

  /** Contact's values; `'*'` when it is the wildcard (RFC 3261 §20.10). */
  get contacts(): readonly NameAddr[] | '*' {
    if (!this.#isFresh(this.#contacts)) {
      const values = this.headers.list('contact');
      const isWildcard = values.length === 1 && values[0] === '*';
      this.#contacts = this.#listed(isWildcard ? '*' : values.map(parseNameAddr));
    }
    return this.#contacts!.value;
  }

  get routes(): readonly NameAddr[] {
    if (!this.#isFresh(this.#routes))
      this.#routes = this.#listed(this.headers.list('route').map(parseNameAddr));
    return this.#routes!.value;
  }

  get recordRoutes(): readonly NameAddr[] {
    if (!this.#isFresh(this.#recordRoutes))
      this.#recordRoutes = this.#listed(this.headers.list('record-route').map(parseNameAddr));
    return this.#recordRoutes!.value;
  }

  /** Seconds, at most 2**32-1; undefined when absent or malformed (RFC 3261 §20.19 treats that as absent). */
  get expires(): number | undefined {
    const value = this.headers.get('expires');
    return value === undefined ? undefined : parseClampedNumber(value);
  }

  get require(): readonly string[] {
    return this.headers.list('require').filter((tag) => tag !== '');
  }

  get reason(): ReasonHeader | undefined {
    for (const value of this.headers.list('reason')) {
      const reason = parseReason(value);
      if (reason) return reason;
    }
    return undefined;
  }

  /** Lower-case media type without its parameters, or undefined. */
  get contentType(): string | undefined {
    return this.headers.get('content-type')?.replace(/;.*$/s, '').trim().toLowerCase();
  }

  authHeaders(
    name: 'authorization' | 'proxy-authorization' | 'www-authenticate' | 'proxy-authenticate',
  ): AuthHeader[] {
    return this.headers.all(name).map(parseAuth);
  }
}

export class SipRequest extends Message {
  readonly kind = 'request';
  readonly method: string;
  /** The Request-URI as it stands in the message. */
  readonly uriText: string;
  #uri: Uri | undefined;

  constructor(
    method: string,
    uriText: string,
    headers: Headers | Iterable<readonly [string, string]> = [],
    body: Buffer | string = emptyBody,
  ) {
    super(headers, body);
    this.method = method;
    this.uriText = uriText;
  }

  get uri(): Uri {
    this.#uri ??= parseUri(this.uriText);
    return this.#uri;
  }

  /** RFC 3261 §8.1.1.6; a missing one counts as 70. */
  get maxForwards(): number {
    const value = this.headers.get('max-forwards');
    if (value === undefined) return 70;
    const number = parseClampedNumber(value, 255);
    if (number === undefined) throw new ParseError('Malformed Max-Forwards');
    return number;
  }
}

export class SipResponse extends Message {
  readonly kind = 'response';
  readonly status: number;
  readonly reasonPhrase: string;

  constructor(
    status: number,
    reasonPhrase: string,
    headers: Headers | Iterable<readonly [string, string]> = [],
    body: Buffer | string = emptyBody,
  ) {
    super(headers, body);
    this.status = status;
    this.reasonPhrase = reasonPhrase;
  }
}

export type SipMessage = SipRequest | SipResponse;
