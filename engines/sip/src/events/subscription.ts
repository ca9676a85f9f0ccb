import { randomUUID } from 'node:crypto';
import type { TimerHandle } from '../clock.ts';
import { createServerDialog } from '../dialog/dialog.ts';
import { createResponse, reasonPhrase } from '../message/response.ts';
import { isSipUri, type SipUri } from '../message/uri.ts';
import { SipRefusal } from '../refusal.ts';
import type { ServerTransaction } from '../transaction/types.ts';
import type { Flow } from '../transport/types.ts';
import { type AgentContext, type DialogUser, guard } from '../user-agent/context.ts';
import { exchange } from '../user-agent/exchange.ts';
import { parseEvent, sameEvent } from './event-header.ts';
import { createNotifier } from './notifier.ts';
import type { IncomingSubscription, NotifyBody, SubscriptionEvents } from './types.ts';

/*
 * A subscription, on the notifier's side (RFC 6665 §4.2).
 *
 * undecided  SUBSCRIBE is unanswered. accept → active or pending; reject → ended.
 * pending    200 was sent; NOTIFY says so and nothing more. accept → active.
 * active     NOTIFY with the state: at once, at each change, at each refresh.
 * ended      by SUBSCRIBE with Expires: 0, by its time, by us, or because a NOTIFY failed. Told once.
 */

const limits = { minSeconds: 60, maxSeconds: 3600, defaultSeconds: 3600 } as const;
/** A decision that takes longer is no longer waited for. */
const undecidedMs = 30_000;

export function createIncomingSubscription(
  context: AgentContext,
  transaction: ServerTransaction,
  openedOver: Flow,
  principal: unknown,
  localTag: string,
  closed: () => void,
): IncomingSubscription & { settled(): Promise<void> } {
  const { request } = transaction;
  const { clock } = context;
  const event = parseEvent(request);
  const dialog = createServerDialog(request, localTag);
  const contact = context.contact(openedOver, isSipUri(request.uri) ? request.uri.user : undefined);
  let flow = openedOver;
  let state: IncomingSubscription['state'] = 'undecided';
  let on: SubscriptionEvents = {};
  let current: () => NotifyBody | undefined = () => undefined;
  let seconds = expiresOf(transaction);
  let endsAtMs = 0;
  let expiry: TimerHandle = clock.setTimer(() => reject(500), undecidedMs);

  const notifier = createNotifier(
    event.text,
    async (method, headers, body) => {
      flow = await context.openFlow(flow, dialog.nextHop);
      return exchange(
        context,
        flow,
        (extra) =>
          dialog.createRequest(method, { headers: [['contact', contact], ...headers, ...extra], body }),
        undefined,
      );
    },
    () => end('unreachable'),
  );

  function notify(): void {
    notifier.notify(() => {
      const left = Math.max(0, Math.ceil((endsAtMs - clock.now()) / 1000));
      return {
        state: `${state === 'pending' ? 'pending' : 'active'};expires=${left}`,
        body: state === 'pending' ? undefined : current(),
      };
    });
  }

  /** The last NOTIFY, with the state as it is now where that still means something. */
  function notifyEnd(terminated: string, withState: boolean): void {
    const body = withState && state === 'active' ? current : () => undefined;
    notifier.notify(() => ({ state: `terminated;reason=${terminated}`, body: body() }));
  }

  function end(why: Parameters<NonNullable<SubscriptionEvents['ended']>>[0]): void {
    if (state === 'ended') return;
    state = 'ended';
    clock.clearTimer(expiry);
    closed();
    void notifier.settled().then(() => context.removeDialog(dialog));
    guard(context, () => on.ended?.(why));
  }

  function confirm(to: ServerTransaction): void {
    to.respond(
      createResponse(to.request, 200, {
        toTag: localTag,
        headers: [
          ...to.request.headers.all('record-route').map((route) => ['record-route', route] as const),
          ['contact', contact],
          ['expires', String(seconds)],
        ],
      }),
    );
    clock.clearTimer(expiry);
    endsAtMs = clock.now() + seconds * 1000;
    if (seconds === 0) return;
    expiry = clock.setTimer(() => {
      notifyEnd('timeout', true);
      end('expired');
    }, seconds * 1000);
  }

  function reject(status: number, reason = reasonPhrase(status)): void {
    if (state !== 'undecided') return;
    state = 'ended';
    clock.clearTimer(expiry);
    closed();
    context.removeDialog(dialog);
    transaction.respond(createResponse(request, status, { reason, toTag: localTag }));
  }

  function refresh(again: ServerTransaction): void {
    if (state === 'undecided') {
      again.respond(createResponse(again.request, 500, { toTag: localTag, headers: [['retry-after', '5']] }));
      return;
    }
    // RFC 6665 §4.5.1: another event or id in this dialog is another subscription, of which there are none.
    if (!sameEvent(event, parseEvent(again.request)))
      throw new SipRefusal(481, 'Subscription Does Not Exist');
    seconds = expiresOf(again);
    dialog.refreshTarget(again.request);
    confirm(again);
    if (seconds === 0) {
      notifyEnd('timeout', true); // RFC 6665 §4.2.1.4
      end('unsubscribed');
      return;
    }
    guard(context, () => on.refreshed?.(seconds));
    notify();
  }

  const user: DialogUser = {
    receiveRequest(received, over) {
      if (over.id !== flow.id && over.protocol !== 'udp') flow = over;
      const answer = (status: number, reason?: string, headers?: readonly (readonly [string, string])[]) =>
        received.respond(createResponse(received.request, status, { reason, headers, toTag: localTag }));
      try {
        if (!dialog.receive(received.request)) answer(500, 'CSeq Out Of Order');
        else if (state === 'ended') answer(481);
        else if (received.request.method === 'SUBSCRIBE') refresh(received);
        else answer(405, undefined, [['allow', 'SUBSCRIBE, NOTIFY']]);
      } catch (error) {
        if (error instanceof SipRefusal) answer(error.status, error.message, error.headers);
        else throw error;
      }
    },
    receiveAck() {},
  };
  context.addDialog(dialog, user);

  return {
    id: randomUUID(),
    event: event.package,
    resource: request.uri as SipUri,
    subscriber: request.from,
    principal,
    get flow() {
      return flow;
    },
    request,
    accepts: request.headers.has('accept')
      ? request.headers.list('accept').map((type) => type.replace(/;.*$/s, '').trim().toLowerCase())
      : [],
    get state() {
      return state;
    },
    get on() {
      return on;
    },
    set on(events) {
      on = events;
    },
    accept(currentState, { isPending = false } = {}) {
      if (state === 'ended' || state === 'active') return;
      current = currentState;
      const wasUndecided = state === 'undecided';
      state = isPending ? 'pending' : 'active';
      if (wasUndecided) {
        dialog.confirm();
        confirm(transaction);
      }
      if (seconds === 0) {
        // RFC 6665 §4.4.3: a question, answered once.
        notifyEnd('timeout', true);
        end('unsubscribed');
      } else notify();
    },
    reject,
    changed() {
      if (state === 'active') notify();
    },
    terminate(reason, retryAfterSeconds) {
      if (state === 'ended') return;
      if (state === 'undecided') {
        reject(reason === 'noresource' ? 404 : 403);
        return;
      }
      notifyEnd(
        retryAfterSeconds === undefined ? reason : `${reason};retry-after=${retryAfterSeconds}`,
        false,
      );
      end('terminated');
    },
    settled: notifier.settled,
  };
}

/** RFC 6665 §4.2.1.1: what was asked for or less; too little is refused. */
function expiresOf({ request }: ServerTransaction): number {
  const wished = request.expires ?? limits.defaultSeconds;
  if (wished > 0 && wished < limits.minSeconds) {
    throw new SipRefusal(423, 'Interval Too Brief', [['min-expires', String(limits.minSeconds)]]);
  }
  return Math.min(wished, limits.maxSeconds);
}
