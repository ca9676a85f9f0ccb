import type { Subscriptions } from '../events/subscriptions.ts';
import type { SipRequest } from '../message/message.ts';
import { ParseError } from '../message/parse-error.ts';
import { parseReplaces } from '../message/replaces.ts';
import { createResponse } from '../message/response.ts';
import type { ReasonHeader } from '../message/typed-headers.ts';
import { formatUri, isSipUri, type SipUri } from '../message/uri.ts';
import { randomText } from '../random-text.ts';
import { SipRefusal } from '../refusal.ts';
import type { Gruus } from '../registrar/gruu.ts';
import { flowTimer, isForgotten, isOutbound, parsePath } from '../registrar/outbound.ts';
import {
  parseAor,
  parseRegistrationChanges,
  type RegistrationLimits,
} from '../registrar/parse-registration.ts';
import type { RegisteredContact } from '../registrar/types.ts';
import type { Cancelled } from '../transaction/layer.ts';
import type { ServerTransaction } from '../transaction/types.ts';
import type { Flow } from '../transport/types.ts';
import type { Authenticator } from './authenticator.ts';
import { refuseUnsupported, supports } from './capabilities.ts';
import type { AgentContext } from './context.ts';
import { createIncomingSession, type Replaced } from './incoming-session.ts';
import { receiveReferral } from './referral.ts';
import { requireAcceptsSdp, requireReadableBody } from './session-description.ts';
import type { Handlers, Respond, UserAgentOptions } from './types.ts';

/** Methods that some RFC defines: these are answered 405, others 501 (RFC 3261 §21.5.2). */
const definedMethods = new Set(
  'INVITE ACK BYE CANCEL OPTIONS REGISTER PRACK SUBSCRIBE NOTIFY PUBLISH INFO REFER MESSAGE UPDATE'.split(
    ' ',
  ),
);

export interface Dispatcher {
  /** A new request outside of any dialog; the answer, whatever happens, goes out through its transaction. */
  dispatch(transaction: ServerTransaction, flow: Flow, isMerged: boolean): Promise<void>;
  cancel(transaction: ServerTransaction, cancelled: Cancelled | undefined): void;
}

/** The order of checks is that of RFC 3261 §8.2. */
export function createDispatcher(
  context: AgentContext,
  options: UserAgentOptions,
  { authenticate }: Pick<Authenticator, 'authenticate'>,
  subscriptions: Subscriptions,
): Dispatcher {
  const { handlers } = options;
  const limits: RegistrationLimits = {
    minExpiresSeconds: 60,
    maxExpiresSeconds: 3600,
    defaultExpiresSeconds: 3600,
    ...options.registration,
  };
  const behindNat = options.registration?.maxExpiresBehindNatSeconds ?? 120;
  const limitsBehindNat: RegistrationLimits = {
    ...limits,
    maxExpiresSeconds: Math.max(limits.minExpiresSeconds, Math.min(limits.maxExpiresSeconds, behindNat)),
  };
  /** What a CANCEL does to an INVITE that has not been answered. */
  const cancellations = new WeakMap<Cancelled, (reason: ReasonHeader | undefined) => void>();

  function respond(transaction: ServerTransaction, toTag: string): Respond {
    return (status, reason, headers, body) =>
      transaction.respond(createResponse(transaction.request, status, { reason, headers, body, toTag }));
  }

  async function route(
    transaction: ServerTransaction,
    flow: Flow,
    isMerged: boolean,
    toTag: string,
  ): Promise<void> {
    const { request } = transaction;
    const answer = respond(transaction, toTag);
    if (isMerged) throw new SipRefusal(482, 'Loop Detected');
    checkHead(context, request, handlers);
    if (request.method === 'OPTIONS') {
      await handlers.options?.(request, flow);
      answer(200, undefined, [
        ['allow', context.capabilities.allow],
        ['supported', context.capabilities.supported],
        ['accept', 'application/sdp'],
        ['accept-encoding', 'identity'],
      ]);
      return;
    }
    const { principal } = await authenticate(request, flow);
    if ((transaction.lastStatus ?? 0) >= 200) return; // Cancelled in the meantime.
    switch (request.method) {
      case 'REGISTER':
        await register(request, principal, flow, answer);
        return;
      case 'INVITE':
        await invite(transaction, principal, flow, toTag);
        return;
      case 'SUBSCRIBE':
        if (handlers.subscribe) {
          await handlers.subscribe(subscriptions.open(transaction, flow, principal, toTag));
          return;
        }
        break;
      case 'REFER':
        if (handlers.refer) {
          await handlers.refer(receiveReferral(context, transaction, flow, principal, toTag));
          return;
        }
        break;
      case 'MESSAGE':
        if (handlers.message) {
          const { from, to, contentType, body } = request;
          await handlers.message({
            request,
            principal,
            flow,
            from,
            to,
            contentType: contentType ?? '',
            body,
          });
          answer(202); // RFC 3428 §7
          return;
        }
    }
    if (await handlers.other?.({ request, principal, flow, respond: answer })) return;
    throw notHandled(context, request);
  }

  async function register(
    request: SipRequest,
    principal: unknown,
    flow: Flow,
    answer: Respond,
  ): Promise<void> {
    const aor = parseAor(request);
    const userAgent = request.headers.get('user-agent')?.slice(0, 256);
    const changes = parseRegistrationChanges(request, isForgotten(request, flow) ? limitsBehindNat : limits);
    const path = parsePath(request);
    const hasFlows = isOutbound(request, changes, path);
    const contacts = await handlers.register({
      aor,
      principal,
      changes,
      flow,
      callId: request.callId,
      cseq: request.cseq.number,
      ...(userAgent !== undefined && { userAgent }),
      ...(path.length > 0 && { path }),
      request,
    });
    const withGruus = supports(request, 'gruu');
    answer(200, undefined, [
      ...contacts.map((contact) => {
        const gruus = withGruus ? formatGruus(context.gruus, aor, contact) : '';
        return ['contact', formatContact(contact) + gruus] as const;
      }),
      ...path.map((value) => ['path', value] as const), // RFC 3327 §5.3
      ['supported', context.capabilities.registrarSupported],
      // RFC 5626 §6
      ...(hasFlows
        ? ([
            ['require', 'outbound'],
            ['flow-timer', String(flowTimer(flow))],
          ] as const)
        : []),
      ['date', new Date(context.clock.now()).toUTCString()],
    ]);
  }

  async function invite(
    transaction: ServerTransaction,
    principal: unknown,
    flow: Flow,
    toTag: string,
  ): Promise<void> {
    requireReadableBody(transaction.request);
    requireAcceptsSdp(transaction.request);
    const replaced = findReplaced(transaction.request);
    const incoming = createIncomingSession(context, transaction, flow, principal, toTag, replaced);
    cancellations.set(transaction, (reason) => incoming.receiveCancel(reason));
    try {
      await handlers.invite(incoming);
    } catch (error) {
      if (incoming.state !== 'early') throw error;
      const refusal = asRefusal(error);
      incoming.reject(refusal.status, refusal.message, refusal.headers);
    }
  }

  /** RFC 3891 §3: the session that this INVITE is to take the place of. */
  function findReplaced(request: SipRequest): Replaced {
    const lines = request.headers.all('replaces');
    if (lines.length === 0) return {};
    if (lines.length > 1) throw new SipRefusal(400, 'More than one Replaces');
    const named = parseReplaces(lines[0]!);
    const { callId, toTag, fromTag, isEarlyOnly } = named;
    const session = context.findDialog(callId, toTag, fromTag)?.session;
    if (!session && options.foreignReplaces) return { foreignReplaces: named };
    // An early dialog may be replaced by whom we are calling only.
    if (!session || (session.state === 'early' && session.direction === 'incoming')) {
      throw new SipRefusal(481, 'Call/Transaction Does Not Exist');
    }
    if (session.state === 'ended') throw new SipRefusal(603, 'Decline');
    if (isEarlyOnly && session.state === 'confirmed') throw new SipRefusal(486, 'Busy Here');
    return { replaces: session };
  }

  function asRefusal(error: unknown): SipRefusal {
    if (error instanceof SipRefusal) return error;
    if (error instanceof ParseError) return new SipRefusal(error.status, error.message);
    context.log('error', 'A handler threw', {
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
    return new SipRefusal(500, 'Server Internal Error');
  }

  return {
    async dispatch(transaction, flow, isMerged) {
      const toTag = randomText(9);
      const answer = respond(transaction, toTag);
      if (transaction.request.method === 'INVITE') {
        cancellations.set(transaction, () => answer(487));
      }
      try {
        await route(transaction, flow, isMerged, toTag);
      } catch (error) {
        const refusal = asRefusal(error);
        answer(refusal.status, refusal.message, refusal.headers);
      }
    },
    cancel(transaction, cancelled) {
      const { request } = transaction;
      const answer = respond(transaction, randomText(9));
      if (!cancelled) {
        answer(481); // RFC 3261 §9.2
        return;
      }
      answer(200);
      if ((cancelled.lastStatus ?? 0) < 200) cancellations.get(cancelled)?.(request.reason);
    },
  };
}

/** What can be judged without knowing who asks. */
function checkHead(context: AgentContext, request: SipRequest, handlers: Handlers): void {
  const { method } = request;
  if (!isSipUri(request.uri)) throw new SipRefusal(416, 'Unsupported URI Scheme');
  const isKnown =
    method === 'INVITE' ||
    method === 'REGISTER' ||
    method === 'OPTIONS' ||
    (method === 'SUBSCRIBE' && handlers.subscribe) ||
    (method === 'REFER' && handlers.refer) ||
    (method === 'MESSAGE' && handlers.message);
  if (!isKnown && !handlers.other) throw notHandled(context, request);
  refuseUnsupported(request);
  // OPTIONS and REGISTER end here; what would go on to another leg must not (RFC 3261 §16.3).
  if (request.maxForwards === 0 && method !== 'OPTIONS' && method !== 'REGISTER') {
    throw new SipRefusal(483, 'Too Many Hops');
  }
}

function notHandled(context: AgentContext, request: SipRequest): SipRefusal {
  const { method } = request;
  if (method === 'SUBSCRIBE' || method === 'PUBLISH') {
    return new SipRefusal(489, 'Bad Event');
  }
  if (!definedMethods.has(method)) return new SipRefusal(501, 'Not Implemented');
  if (method === 'BYE') return new SipRefusal(481, 'Call/Transaction Does Not Exist');
  return new SipRefusal(405, 'Method Not Allowed', [['allow', context.capabilities.allow]]);
}

function formatContact(contact: RegisteredContact): string {
  const q = contact.q === undefined || contact.q === 1 ? '' : `;q=${contact.q}`;
  return `<${contact.uri}>${contact.params ?? ''}${q};expires=${contact.expiresSeconds}`;
}

/** RFC 5627 §5.3. */
function formatGruus(gruus: Gruus, aor: SipUri, contact: RegisteredContact): string {
  const { instanceId, callId } = contact;
  if (instanceId === undefined || callId === undefined) return '';
  const open = formatUri(gruus.publicFor(aor, instanceId));
  const hidden = formatUri(gruus.temporaryFor(aor, instanceId, callId));
  return `;pub-gruu="${open}";temp-gruu="${hidden}"`;
}
