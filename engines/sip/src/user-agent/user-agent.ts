import { randomBytes } from 'node:crypto';
import { createRealClock, createScopedClock } from '../clock.ts';
import type { Dialog } from '../dialog/dialog.ts';
import { createSubscriptions } from '../events/subscriptions.ts';
import { trustedHeaders } from '../message/identity.ts';
import type { SipMessage, SipRequest } from '../message/message.ts';
import type { ParseError } from '../message/parse-error.ts';
import { createResponse } from '../message/response.ts';
import { serialise } from '../message/serialise.ts';
import { branchCookie } from '../message/typed-headers.ts';
import { formatUri, type SipUri } from '../message/uri.ts';
import { createOverloadControl } from '../overload/overload-control.ts';
import { createQuickRefusal } from '../overload/quick-refusal.ts';
import { createRecentRefusals } from '../overload/recent-refusals.ts';
import { randomText } from '../random-text.ts';
import { createGruus } from '../registrar/gruu.ts';
import { createTransactionLayer } from '../transaction/layer.ts';
import { defaultTimers } from '../transaction/types.ts';
import { createTransportLayer } from '../transport/layer.ts';
import type { Flow } from '../transport/types.ts';
import { responseFlow } from '../transport/via.ts';
import { createAuthenticator } from './authenticator.ts';
import { createCapabilities } from './capabilities.ts';
import type { AgentContext, DialogUser } from './context.ts';
import { createDispatcher } from './dispatch.ts';
import { createOutgoingSession } from './outgoing-session.ts';
import { sendRequest } from './send-request.ts';
import type { BoundPorts, InviteSession, UserAgent, UserAgentOptions } from './types.ts';

/** How long `stop` waits for the other sides to say good-bye. */
const farewellMs = 500;

/**
 * A SIP user agent: registrar and both ends of calls, over the transports given. It opens nothing before `start`, and
 * `stop` closes all that it has opened.
 */
export function createUserAgent(options: UserAgentOptions): UserAgent {
  const clock = createScopedClock(options.clock ?? createRealClock());
  const timers = options.timers ?? defaultTimers;
  const log = options.log ?? (() => {});
  const sessions = new Map<string, InviteSession>();
  const abandons = new Map<string, () => void>();
  const dialogUsers = new Map<string, DialogUser>();
  let isStopping = false;

  const transports = createTransportLayer(
    {
      transports: options.transports,
      advertise: options.advertise,
      limits: { idleMs: idleMs(options), ...options.limits },
      observer: options.observer && ((message) => survive(() => options.observer?.(message))),
      resolver: options.resolver,
      now: clock.now,
    },
    {
      glanced,
      received: (message, flow) => survive(() => receive(message, flow)),
      malformed: (error, flow) => survive(() => refuseMalformed(error, flow)),
      closed(flow) {
        survive(() => options.handlers.flowClosed?.(flow));
      },
      noted: (message, fields, level = 'debug') => log(level, message, fields),
    },
  );
  const overload =
    options.overload &&
    createOverloadControl({
      clock,
      probe: transports.probe,
      countLost: (tell) => void transports.lost().then(tell, () => {}),
      ...options.overload,
    });
  const transactions = createTransactionLayer({
    clock,
    timers,
    send: transports.send,
    ...(overload && {
      admits: (request: SipRequest) => !isRefusable(request) || overload.admits(goesFirst(request)),
    }),
    ...(options.limits?.transactions !== undefined && { maxServerTransactions: options.limits.transactions }),
    ...(options.limits?.transactionsPerPeer !== undefined && {
      maxServerTransactionsPerPeer: options.limits.transactionsPerPeer,
    }),
  });

  /** The same for all: a stateless answer has the same tag when it is given again (RFC 3261 §8.2.7). */
  const refusalTag = newTag();
  /** Of the datagram that was looked at last and let through: looking at a challenge's answer costs, so it is done once. */
  let glancedBranch = '';
  let glancedGoesFirst = false;

  /** While not everything is taken on, most of it is refused before it is parsed. */
  function glanced(bytes: Buffer, address: string, port: number): Buffer | null | undefined {
    if (!overload?.isLimited) return undefined;
    if (!quick.looksAt(bytes)) return quick.acknowledges(bytes) ? null : undefined;
    if (transactions.hasBranch(quick.branch)) return undefined;
    // Departs from RFC 3261 §8.2.7: a copy that was in the queue already when the first was answered is not answered again.
    if (refusals.has(quick.branch, address, port)) return null;
    if (overload.refuses(quick.goesFirst)) {
      refusals.add(quick.branch, address, port);
      return quick.refusal(address, port, overload.retryAfterSeconds());
    }
    glancedBranch = quick.branch;
    glancedGoesFirst = quick.goesFirst;
    return undefined;
  }

  /** Who has been challenged, and whoever takes over a call that runs (RFC 3891). */
  function goesFirst({ headers, topVia }: SipRequest): boolean {
    if (topVia.branch !== undefined && topVia.branch === glancedBranch) return glancedGoesFirst;
    return headers.has('replaces') || headers.all('authorization').some(authenticator.wasChallenged);
  }

  /** Nothing that comes from a wire may end the process. */
  function survive(action: () => void): void {
    try {
      action();
    } catch (error) {
      log('error', 'A message could not be handled', {
        error: error instanceof Error ? error.stack : String(error),
      });
    }
  }

  const nonceSecret = options.nonceSecret ?? randomBytes(32);
  const gruus = createGruus(nonceSecret);
  const authenticator = createAuthenticator({ ...options, nonceSecret }, clock, transports.vouch);
  const refusals = createRecentRefusals(clock.now);
  const quick = createQuickRefusal({ tag: refusalTag, wasChallenged: authenticator.wasChallenged });

  const context: AgentContext = {
    clock,
    timers,
    log,
    capabilities: createCapabilities(options.handlers, options.eventPackages ?? []),
    gruus,
    sessionTimers: options.sessionTimers ?? {},
    reliableProvisionals: options.reliableProvisionals ?? 'with-sdp',
    request(request, flow, events) {
      addVia(request, flow);
      request.headers.set('user-agent', options.userAgent);
      return transactions.request(request, flow, events);
    },
    sendAck(ack, flow) {
      // The ACK that answers a retransmitted 2xx is the same one, Via included.
      addVia(ack, flow);
      transports.send(flow, serialise(ack), (error) => log('info', 'ACK not sent', { error: error.message }));
    },
    isFlowOpen: transports.isOpen,
    trusts,
    async openFlow(flow, nextHop, bytes) {
      return flow && transports.isOpen(flow) ? flow : transports.openTo(nextHop, bytes);
    },
    avoid: transports.avoid,
    contact(flow, user) {
      const params = new Map<string, string | null>();
      // RFC 7118 §5: the parameter is `ws`, secure or not.
      if (flow.protocol !== 'udp') params.set('transport', flow.protocol === 'wss' ? 'ws' : flow.protocol);
      const uri: SipUri = {
        scheme: 'sip',
        ...(user !== undefined && { user }),
        ...transports.sentBy(flow),
        params,
      };
      return `<${formatUri(uri)}>`;
    },
    addDialog(dialog, user) {
      dialogUsers.set(dialogKey(dialog.callId, dialog.localTag, dialog.remoteTag), user);
    },
    removeDialog(dialog: Dialog) {
      dialogUsers.delete(dialogKey(dialog.callId, dialog.localTag, dialog.remoteTag));
    },
    findDialog: (callId, localTag, remoteTag) => dialogUsers.get(dialogKey(callId, localTag, remoteTag)),
    addSession: (session, abandon) => {
      sessions.set(session.id, session);
      abandons.set(session.id, abandon);
    },
    removeSession: (session) => {
      sessions.delete(session.id);
      abandons.delete(session.id);
    },
  };
  const subscriptions = createSubscriptions(context, options.eventPackages ?? [], options.limits);
  const dispatcher = createDispatcher(context, options, authenticator, subscriptions);

  function addVia(request: SipRequest, flow: Flow): void {
    if (request.headers.has('via')) return;
    const { host, port } = transports.sentBy(flow);
    const branch = `${branchCookie}${randomText(12)}`;
    // RFC 3581 §3: always ask for the source port, so that we are reached through a NAT of our own.
    request.headers.prepend(
      'via',
      `SIP/2.0/${flow.protocol.toUpperCase()} ${host}${port === undefined ? '' : `:${port}`};rport;branch=${branch}`,
    );
  }

  function trusts(flow: Flow): boolean {
    return options.trusts?.(flow) ?? false;
  }

  function receive(message: SipMessage, flow: Flow): void {
    if (!trusts(flow))
      for (const name of trustedHeaders) if (message.headers.has(name)) message.headers.delete(name);
    if (message.kind === 'response') {
      if (!transactions.receiveResponse(message))
        log('debug', 'A response to nothing', { status: message.status });
      return;
    }
    const received = transactions.receiveRequest(message, responseFlow(message, flow));
    switch (received.kind) {
      case 'absorbed':
        return;
      case 'ack':
        findDialogUser(message)?.receiveAck(message);
        return;
      case 'overload':
        respondStateless(message, flow, 503, [
          ['retry-after', String(overload?.retryAfterSeconds() ?? 5)], // RFC 3261 §21.5.4
        ]);
        return;
      case 'new':
        if (overload && isRefusable(message)) overload.admitted(received.transaction, message.callId);
        receiveNew(received.transaction, flow, received.isMerged);
    }
  }

  function receiveNew(
    transaction: Parameters<typeof dispatcher.dispatch>[0],
    flow: Flow,
    isMerged: boolean,
  ): void {
    const { request } = transaction;
    if (request.method === 'CANCEL') {
      dispatcher.cancel(transaction, transactions.findCancelled(request));
      return;
    }
    if (isStopping) {
      transaction.respond(createResponse(request, 503, { toTag: newTag() }));
      return;
    }
    if (request.toTag === undefined) {
      void dispatcher.dispatch(transaction, flow, isMerged);
      return;
    }
    const user = findDialogUser(request);
    if (user) user.receiveRequest(transaction, flow);
    else transaction.respond(createResponse(request, 481)); // RFC 3261 §12.2.2
  }

  function findDialogUser(request: SipRequest): DialogUser | undefined {
    return dialogUsers.get(dialogKey(request.callId, request.toTag ?? '', request.fromTag ?? ''));
  }

  function refuseMalformed(error: ParseError, flow: Flow): void {
    log('debug', 'A message does not follow the grammar', {
      error: error.message,
      peer: flow.remote.address,
    });
    if (error.request) respondStateless(error.request, flow, error.status, [], error.message);
  }

  function respondStateless(
    request: SipRequest,
    flow: Flow,
    status: number,
    headers: readonly (readonly [string, string])[] = [],
    reason?: string,
  ): void {
    const response = createResponse(request, status, { headers, reason, toTag: refusalTag });
    transports.send(responseFlow(request, flow), serialise(response), () => {});
  }

  async function sayGoodbye(): Promise<void> {
    const farewells = [...sessions.values()].map(async (session) => {
      if (session.state === 'early' && session.direction === 'incoming') session.reject(503);
      else await session.bye();
    });
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, farewellMs);
    });
    await Promise.race([Promise.allSettled([...farewells, subscriptions.stop()]), limit]);
    clearTimeout(timer);
  }

  return {
    async start() {
      await transports.start();
      const ports: BoundPorts = {};
      for (const protocol of ['udp', 'tcp', 'tls', 'ws', 'wss'] as const) {
        const port = transports.port(protocol);
        if (port !== undefined) ports[`${protocol}Port`] = port;
      }
      return ports;
    },
    async stop() {
      isStopping = true;
      if (sessions.size + subscriptions.size > 0) await sayGoodbye();
      for (const abandon of [...abandons.values()]) abandon();
      overload?.stop();
      transactions.close();
      clock.clearAll();
      await transports.stop();
    },
    invite: (invitation) => createOutgoingSession(context, invitation),
    request: (parts) => sendRequest(context, parts),
    isFlowOpen: transports.isOpen,
    sessions,
    get load() {
      return overload?.load;
    },
    get receiveQueue() {
      return transports.receiveQueue;
    },
    dropped: transports.dropped,
    acceptUpgrade(upgradeRequest, socket, head, remote) {
      const webSocket = transports.webSocket('encrypted' in upgradeRequest.socket);
      if (!webSocket || isStopping) socket.destroy();
      else webSocket.acceptUpgrade(upgradeRequest, socket, head, remote);
    },
    setCertificate: transports.setCertificate,
    resolveGruu: gruus.resolve,
  };
}

/** Longer than any registration, so that a telephone that keeps its connection open by registering keeps it. */
function idleMs(options: UserAgentOptions): number {
  return ((options.registration?.maxExpiresSeconds ?? 3600) + 300) * 1000;
}

/** What overload control may refuse: what would begin something. */
const refusable = new Set(['INVITE', 'REGISTER', 'SUBSCRIBE']);

function isRefusable(request: SipRequest): boolean {
  return refusable.has(request.method) && request.toTag === undefined;
}

function dialogKey(callId: string, localTag: string, remoteTag: string): string {
  return `${callId} ${localTag} ${remoteTag}`;
}

function newTag(): string {
  return randomText(9);
}
