import type { Clock } from '../clock.ts';
import type { SipRequest, SipResponse } from '../message/message.ts';
import { branchCookie } from '../message/typed-headers.ts';
import type { Flow } from '../transport/types.ts';
import { type AnsweredRequest, createAnsweredRequests } from './answered-requests.ts';
import { createInviteClientTransaction } from './invite-client.ts';
import { createInviteServerTransaction } from './invite-server.ts';
import { createNonInviteClientTransaction } from './non-invite-client.ts';
import { createNonInviteServerTransaction } from './non-invite-server.ts';
import {
  type ClientTransaction,
  type ClientTransactionEvents,
  defaultTimers,
  type ReceivingClientTransaction,
  type ReceivingServerTransaction,
  type Send,
  type ServerTransaction,
  type TimerValues,
  type TransactionContext,
} from './types.ts';

export interface TransactionLayerOptions {
  clock: Clock;
  send: Send;
  timers?: TimerValues;
  /** Unanswered server transactions at a time, in all (default 20 000) and from one address (10 000). */
  maxServerTransactions?: number;
  maxServerTransactionsPerPeer?: number;
  /**
   * Answered ones that still absorb retransmissions, for up to 64*T1. Beyond this the oldest is forgotten: its request,
   * should it come again, counts as new. Default 20 000 INVITEs, of about 10 kB each, and 60 000 others, of about 1 kB.
   */
  maxAnsweredTransactions?: number;
  /** Whether a new request is taken on at all; asked after retransmissions are recognised. */
  admits?(request: SipRequest): boolean;
}

export type Received =
  /** Dealt with here: a retransmission, or the ACK of a refusal. */
  | { readonly kind: 'absorbed' }
  /** An ACK that belongs to a 2xx: to the dialog. */
  | { readonly kind: 'ack' }
  /** No room for another transaction: answer 503 without one. */
  | { readonly kind: 'overload' }
  | { readonly kind: 'new'; readonly transaction: ServerTransaction; readonly isMerged: boolean };

/** An INVITE, or what is left of it: only one that has no final answer yet is a `ServerTransaction`. */
export type Cancelled = Pick<ServerTransaction, 'lastStatus'>;

export interface TransactionLayer {
  receiveRequest(request: SipRequest, flow: Flow): Received;
  /** False: no transaction of ours, to be dropped (RFC 3261 §18.1.2; RFC 6026 §8.9). */
  receiveResponse(response: SipResponse): boolean;
  /** The INVITE that a CANCEL is about (RFC 3261 §9.2). */
  findCancelled(cancel: SipRequest): Cancelled | undefined;
  /** Sends a request whose top Via names the branch. */
  request(request: SipRequest, flow: Flow, events: ClientTransactionEvents): ClientTransaction;
  /** Whether a server transaction has this branch: a request with it may be a retransmission. */
  hasBranch(branch: string): boolean;
  readonly size: { readonly server: number; readonly client: number };
  /** Terminates all without a word and clears their timers. */
  close(): void;
}

/** RFC 3261 §17.2.3; the second form is for RFC 2543 clients, whose branch says nothing. */
function serverKey(request: SipRequest, method: string): string {
  const via = request.topVia;
  const { branch } = via;
  if (branch?.startsWith(branchCookie) && branch.length > branchCookie.length) {
    return `${branch} ${via.host}:${via.port ?? ''} ${method}`;
  }
  const top = request.headers.list('via')[0] ?? '';
  return `2543 ${request.uriText} ${request.fromTag ?? ''} ${request.callId} ${request.cseq.number} ${top} ${method}`;
}

/** RFC 3261 §8.2.2.2: the same request by another way. */
function mergeKey(request: SipRequest): string | undefined {
  if (request.toTag !== undefined) return undefined;
  return `${request.fromTag ?? ''} ${request.callId} ${request.cseq.number} ${request.method}`;
}

export function createTransactionLayer(options: TransactionLayerOptions): TransactionLayer {
  const context: TransactionContext = {
    clock: options.clock,
    send: options.send,
    timers: options.timers ?? defaultTimers,
  };
  const maxServer = options.maxServerTransactions ?? 20_000;
  const maxPerPeer = options.maxServerTransactionsPerPeer ?? 10_000;
  const servers = new Map<string, ReceivingServerTransaction>();
  const clients = new Map<string, ReceivingClientTransaction>();
  const byMergeKey = new Map<string, Pick<ServerTransaction, 'lastStatus'>>();
  const perPeer = new Map<string, number>();
  const maxAnswered = options.maxAnsweredTransactions ?? 20_000;
  const answered = new Set<ReceivingServerTransaction>();
  const answeredRequests = createAnsweredRequests({
    clock: options.clock,
    keepMs: 64 * context.timers.t1, // timer J
    max: options.maxAnsweredTransactions ?? 60_000,
    forgotten(request) {
      countBranch(request.branch, -1);
      unmerge(request.mergeKey, request);
    },
  });
  let unanswered = 0;
  /** How many server transactions have a branch: an INVITE shares its with its CANCEL. */
  const branches = new Map<string, number>();

  function countBranch(branch: string | undefined, by: 1 | -1): void {
    if (branch === undefined) return;
    const count = (branches.get(branch) ?? 0) + by;
    if (count === 0) branches.delete(branch);
    else branches.set(branch, count);
  }

  function unmerge(key: string | undefined, by: Pick<ServerTransaction, 'lastStatus'>): void {
    if (key !== undefined && byMergeKey.get(key) === by) byMergeKey.delete(key);
  }

  function countPeer(address: string, by: 1 | -1): void {
    const count = (perPeer.get(address) ?? 0) + by;
    if (count === 0) perPeer.delete(address);
    else perPeer.set(address, count);
  }

  function open(request: SipRequest, flow: Flow, key: string): Received {
    const { address } = flow.remote;
    if (options.admits && !options.admits(request)) return { kind: 'overload' };
    if (unanswered >= maxServer || (perPeer.get(address) ?? 0) >= maxPerPeer) return { kind: 'overload' };
    const merge = mergeKey(request);
    const sibling = merge === undefined ? undefined : byMergeKey.get(merge);
    // A sibling already refused is a client that tries again without a new CSeq: let it.
    const isMerged = sibling !== undefined && (sibling.lastStatus ?? 0) < 300;
    const leave = () => {
      unanswered--;
      countPeer(address, -1);
    };
    const { branch } = request.topVia;
    let rest: AnsweredRequest | undefined;
    const create =
      request.method === 'INVITE' ? createInviteServerTransaction : createNonInviteServerTransaction;
    const transaction: ReceivingServerTransaction = create(context, request, flow, {
      answered() {
        leave();
        answered.add(transaction);
        if (answered.size > maxAnswered) answered.values().next().value?.terminate();
      },
      completed(bytes, lastStatus) {
        leave();
        servers.delete(key);
        rest = { key, branch, mergeKey: merge, flow, bytes, lastStatus };
        if (merge !== undefined && byMergeKey.get(merge) === transaction) byMergeKey.set(merge, rest);
        answeredRequests.add(rest);
      },
      settled(lastStatus) {
        servers.delete(key);
        answered.delete(transaction);
        rest = { key, branch, mergeKey: merge, flow, bytes: undefined, lastStatus };
        if (merge !== undefined && byMergeKey.get(merge) === transaction) byMergeKey.set(merge, rest);
        answeredRequests.add(rest);
      },
      terminated() {
        if (rest) {
          answeredRequests.forget(rest);
          return;
        }
        servers.delete(key);
        countBranch(branch, -1);
        if (!answered.delete(transaction)) leave();
        unmerge(merge, transaction);
      },
    });
    servers.set(key, transaction);
    countBranch(branch, 1);
    unanswered++;
    countPeer(address, 1);
    if (merge !== undefined && !isMerged) byMergeKey.set(merge, transaction);
    return { kind: 'new', transaction, isMerged };
  }

  return {
    receiveRequest(request, flow) {
      const isAck = request.method === 'ACK';
      const key = serverKey(request, isAck ? 'INVITE' : request.method);
      const known = servers.get(key);
      if (known) {
        known.receive(request);
        return { kind: 'absorbed' };
      }
      const again = answeredRequests.find(key);
      if (again) {
        if (again.bytes && !isAck)
          context.send(again.flow, again.bytes, () => answeredRequests.forget(again));
        return { kind: 'absorbed' };
      }
      return isAck ? { kind: 'ack' } : open(request, flow, key);
    },
    receiveResponse(response) {
      // RFC 3261 §8.1.3.3: a response with more than one Via went astray.
      if (response.vias.length !== 1) return false;
      const client = clients.get(`${response.topVia.branch} ${response.cseq.method}`);
      client?.receive(response);
      return client !== undefined;
    },
    findCancelled(cancel) {
      const key = serverKey(cancel, 'INVITE');
      return servers.get(key) ?? answeredRequests.find(key);
    },
    request(request, flow, events) {
      const key = `${request.topVia.branch} ${request.method}`;
      const create =
        request.method === 'INVITE' ? createInviteClientTransaction : createNonInviteClientTransaction;
      const transaction = create(context, request, flow, events, () => clients.delete(key));
      clients.set(key, transaction);
      return transaction;
    },
    hasBranch: (branch) => branches.has(branch),
    get size() {
      return { server: servers.size + answeredRequests.size, client: clients.size };
    },
    close() {
      for (const transaction of [...servers.values(), ...clients.values()]) transaction.terminate();
      answeredRequests.close();
    },
  };
}
