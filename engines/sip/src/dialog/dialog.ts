import { detached, detachedAddress } from '../message/detached.ts';
import { Headers } from '../message/headers.ts';
import { SipRequest, type SipResponse } from '../message/message.ts';
import { formatNameAddr, type NameAddr, parseNameAddr, withTag } from '../message/name-addr.ts';
import { ParseError } from '../message/parse-error.ts';
import { formatUri, isSipUri, parseSipUri, type SipUri } from '../message/uri.ts';

/**
 * RFC 3261 §12: what two user agents share while they talk.
 *
 * early       made by a 101-199 with a To tag
 * confirmed   made, or confirmed, by a 2xx
 *
 * A dialog knows nothing of transactions or sockets: it numbers requests, checks the order of the other side's, and
 * remembers where to send.
 */
export interface Dialog {
  readonly callId: string;
  readonly localTag: string;
  readonly remoteTag: string;
  readonly local: NameAddr;
  readonly remote: NameAddr;
  readonly state: 'early' | 'confirmed';
  /** Where its requests go when no flow is known: the first route, or the remote target. */
  readonly nextHop: SipUri;
  readonly localSequence: number;
  /** With the 2xx, on the side that sent the INVITE: its routes and target hold from now on (RFC 3261 §13.2.2.4). */
  confirm(response?: SipResponse): void;
  /**
   * A request inside the dialog, without Via and Contact. ACK takes `sequence`, the CSeq of its INVITE (RFC 3261
   * §13.2.2.4); all others count on.
   */
  createRequest(
    method: string,
    parts?: { sequence?: number; headers?: Iterable<readonly [string, string]>; body?: Buffer | string },
  ): SipRequest;
  /** Notes a request of the other side; false when its CSeq is lower than one seen (RFC 3261 §12.2.2: answer 500). */
  receive(request: SipRequest): boolean;
  /** A target refresh (re-INVITE or its 2xx) moves the remote target (RFC 3261 §12.2). */
  refreshTarget(message: SipRequest | SipResponse): void;
}

/** The side that sent the INVITE: from a response with a To tag (RFC 3261 §12.1.2). */
export function createClientDialog(request: SipRequest, response: SipResponse): Dialog {
  return new StandingDialog({
    callId: detached(request.callId),
    local: detachedAddress(request.from),
    remote: detachedAddress(response.to),
    localSequence: request.cseq.number,
    remoteSequence: undefined,
    routeSet: routesOf(response).reverse(),
    target: detached(contactOf(response) ?? request.uriText),
    state: response.status >= 200 ? 'confirmed' : 'early',
  });
}

/** The side that got the INVITE, with the tag that its responses carry (RFC 3261 §12.1.1). */
export function createServerDialog(request: SipRequest, localTag: string): Dialog {
  const target = contactOf(request);
  if (target === undefined) throw new ParseError('INVITE without one Contact');
  return new StandingDialog({
    callId: detached(request.callId),
    local: detachedAddress(withTag(request.to, localTag)),
    remote: detachedAddress(request.from),
    localSequence: Math.floor(Math.random() * 10_000) + 1, // RFC 3261 §12.2.1.1: any below 2**31
    remoteSequence: request.cseq.number,
    routeSet: routesOf(request),
    target: detached(target),
    state: 'early',
  });
}

const routesOf = (message: SipRequest | SipResponse): string[] =>
  message.headers.list('record-route').map(detached);

function contactOf(message: SipRequest | SipResponse): string | undefined {
  const { contacts } = message;
  if (contacts === '*' || contacts.length !== 1) return undefined;
  const { uri } = contacts[0]!;
  return isSipUri(uri) ? formatUri(uri) : undefined;
}

interface DialogStart {
  callId: string;
  local: NameAddr;
  remote: NameAddr;
  localSequence: number;
  remoteSequence: number | undefined;
  /** Raw Route values in the order to be used. */
  routeSet: readonly string[];
  target: string;
  state: 'early' | 'confirmed';
}

/** Thousands stand at a time: of a class, so that each is a few fields. */
class StandingDialog implements Dialog {
  readonly callId: string;
  readonly local: NameAddr;
  readonly remote: NameAddr;
  readonly localTag: string;
  readonly remoteTag: string;
  localSequence: number;
  state: Dialog['state'];
  #remoteSequence: number | undefined;
  #target: string;
  #routeSet: readonly string[];

  constructor(start: DialogStart) {
    checkRoutes(start.routeSet);
    this.callId = start.callId;
    this.local = start.local;
    this.remote = start.remote;
    this.localTag = start.local.params.get('tag') ?? '';
    this.remoteTag = start.remote.params.get('tag') ?? ''; // RFC 3261 §12.1.1: absent from RFC 2543 peers
    this.localSequence = start.localSequence;
    this.state = start.state;
    this.#remoteSequence = start.remoteSequence;
    this.#target = start.target;
    this.#routeSet = start.routeSet;
  }

  #routed(): { uriText: string; routes: readonly string[] } {
    const first = this.#routeSet[0];
    if (first === undefined) return { uriText: this.#target, routes: [] };
    const firstUri = routeUri(first);
    if (firstUri.params.has('lr')) return { uriText: this.#target, routes: this.#routeSet };
    // RFC 3261 §12.2.1.1: a strict router stands in the Request-URI, the target ends the route.
    return { uriText: formatUri(firstUri), routes: [...this.#routeSet.slice(1), `<${this.#target}>`] };
  }

  get nextHop(): SipUri {
    const first = this.#routeSet[0];
    return first === undefined ? parseSipUri(this.#target) : routeUri(first);
  }

  confirm(response?: SipResponse): void {
    if (response) {
      const routes = response.headers.list('record-route').reverse();
      checkRoutes(routes);
      this.#routeSet = routes.length === 0 ? noRoutes : routes.map(detached);
      this.refreshTarget(response);
    }
    this.state = 'confirmed';
  }

  createRequest(
    method: string,
    parts: { sequence?: number; headers?: Iterable<readonly [string, string]>; body?: Buffer | string } = {},
  ): SipRequest {
    const { uriText, routes } = this.#routed();
    if (parts.sequence === undefined) this.localSequence += 1;
    const headers = new Headers();
    headers.append('max-forwards', '70');
    for (const route of routes) headers.append('route', route);
    headers.append('from', formatNameAddr(this.local));
    headers.append('to', formatNameAddr(this.remote));
    headers.append('call-id', this.callId);
    headers.append('cseq', `${parts.sequence ?? this.localSequence} ${method}`);
    for (const [name, value] of parts.headers ?? []) headers.append(name, value);
    return new SipRequest(method, uriText, headers, parts.body);
  }

  receive(request: SipRequest): boolean {
    const { number } = request.cseq;
    if (this.#remoteSequence !== undefined && number < this.#remoteSequence) return false;
    this.#remoteSequence = number;
    return true;
  }

  refreshTarget(message: SipRequest | SipResponse): void {
    const target = contactOf(message);
    if (target !== undefined) this.#target = detached(target);
  }
}

const noRoutes: readonly string[] = [];

/** A faulty one is refused now, not when the first request needs it. */
function checkRoutes(routes: readonly string[]): void {
  for (const route of routes) routeUri(route);
}

function routeUri(route: string): SipUri {
  const { uri } = parseNameAddr(route);
  if (!isSipUri(uri)) throw new ParseError('Record-Route is not a SIP URI');
  return uri;
}
