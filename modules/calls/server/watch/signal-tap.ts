import type { Core, Service } from '@liaison/core/floor';
import type { Live } from '@liaison/core/live';
import type { MessageObserver, ObservedMessage } from '@liaison/sip';
import { mediaAnswer, mediaRound } from '../../contract/index.ts';
import type { Captures } from './captures.ts';
import { type MessageHead, readHead } from './message-head.ts';
import { createNewest } from './newest.ts';
import { redactMessage, redactSdp } from './redact.ts';
import type { TraceEntry, TraceStore } from './trace-store.ts';

export interface TappedCall {
  readonly id: string;
  readonly orgId: string;
}

export interface TappedLeg {
  readonly personId: string;
  readonly deviceId?: string;
}

/** What the ladder of a call needs to know of a change; `Call` of the model is one. */
export interface TappedModel extends TappedCall {
  inspect(): { state: string; path: string | null; legs: readonly { role: string; kind: string }[] };
}

/** What a page asked of a call; `Order` of the exchange is one. */
export interface TappedOrder {
  readonly order: string;
  readonly personId?: string;
  readonly connectionId?: string;
  readonly sdp?: string;
  readonly round?: number;
  readonly state?: string;
  readonly held?: boolean;
}

/**
 * Hears what is said about calls in this process: SIP messages of the engine, signals of pages, changes of the model. It
 * keeps them for ladder diagrams (`trace-store.ts`) and running captures (`captures.ts`). Nothing here waits, throws or does
 * more than copy a message: what is kept is redacted and written later, in batches, and dropped when there is too much.
 */
export interface SignalTap extends Service {
  readonly observer: MessageObserver;
  /** Messages with this Call-ID belong to that call, those of the last seconds too. */
  follow(sipCallId: string, call: TappedCall, leg: TappedLeg): void;
  /** As `live`, with an ear for what is said to pages about their media. */
  overhear(live: Live): Live;
  started(call: TappedModel, dialled: string): void;
  changed(call: TappedModel): void;
  ended(call: TappedModel, reason: string): void;
  ordered(call: TappedCall, order: TappedOrder): void;
}

/** Messages of a Call-ID that no call has claimed yet: an INVITE is heard before its call is made. */
const maxUnclaimedIds = 1000;
const maxUnclaimedPerId = 12;
const unclaimedMs = 15_000;
/** At least; see `Newest`. */
const maxFollowed = 10_000;
const maxConnections = 10_000;

/** Only these begin, carry or end a call; others are of the ladder when their Call-ID is a call's. */
const ofCalls = new Set(['INVITE', 'ACK', 'CANCEL', 'BYE', 'PRACK', 'UPDATE']);

/** What signals about media have in common. */
interface Said {
  readonly callId?: string;
  readonly round?: number;
  readonly role?: string;
  readonly path?: string;
  readonly sdp?: string;
}

/** A message that no call has claimed yet. */
interface Held {
  readonly entry: Omit<TraceEntry, 'orgId' | 'callId' | 'lane'>;
  readonly head: MessageHead;
  readonly message: ObservedMessage;
  /** A capture has it already. */
  readonly isCaught: boolean;
}

export function createSignalTap(options: {
  core: Pick<Core, 'log'>;
  store: TraceStore;
  captures: Captures;
}): SignalTap {
  const { store, captures } = options;
  const log = options.core.log.child({ part: 'calls' });
  const followed = createNewest<{ call: TappedCall; lane: string; leg: TappedLeg }>(maxFollowed);
  const unclaimed = new Map<string, { sinceMs: number; held: Held[] }>();
  /** Whose page a connection is. */
  const connections = createNewest<string>(maxConnections);
  const calls = createNewest<{ orgId: string; said: string }>(maxFollowed);
  let sweeper: NodeJS.Timeout | undefined;

  function observe(message: Parameters<MessageObserver>[0]): void {
    const head = readHead(message.bytes);
    if (!head) return;
    const known = followed.get(head.callId);
    const isCaught = captures.observe(message, head, known && { callId: known.call.id, ...known.leg });
    if (!known && !ofCalls.has(head.method)) return;
    const bytes = Buffer.from(message.bytes);
    const { remote, protocol } = message.flow;
    const entry: Held['entry'] = {
      at: new Date(message.timeMs),
      kind: 'sip',
      direction: message.direction,
      title: head.title,
      protocol,
      peer: `${remote.address}:${remote.port}`,
      body: () => redactMessage(bytes),
    };
    if (known) {
      store.add({ ...entry, orgId: known.call.orgId, callId: known.call.id, lane: known.lane });
      return;
    }
    const held = { entry, head, message: { ...message, bytes }, isCaught };
    const before = unclaimed.get(head.callId);
    if (before) {
      if (before.held.length < maxUnclaimedPerId) before.held.push(held);
    } else {
      unclaimed.set(head.callId, { sinceMs: message.timeMs, held: [held] });
      if (unclaimed.size > maxUnclaimedIds) unclaimed.delete(unclaimed.keys().next().value!);
    }
  }

  function page(
    call: TappedCall,
    personId: string | undefined,
    direction: 'in' | 'out',
    title: string,
    sdp?: string,
  ): void {
    store.add({
      orgId: call.orgId,
      callId: call.id,
      at: new Date(),
      kind: 'page',
      direction,
      lane: personId ? `page:${personId}` : 'page:',
      title,
      ...(sdp === undefined ? {} : { body: () => redactSdp(sdp) }),
    });
  }

  function model(call: TappedCall, title: string): void {
    store.add({
      orgId: call.orgId,
      callId: call.id,
      at: new Date(),
      kind: 'model',
      direction: 'none',
      lane: 'server',
      title,
    });
  }

  /** An ear must never disturb what it listens to. */
  const quietly =
    <Args extends unknown[]>(work: (...args: Args) => void) =>
    (...args: Args): void => {
      try {
        work(...args);
      } catch (error) {
        log.warn({ err: error }, 'signalling could not be traced');
      }
    };

  const said = quietly((connectionId: string, name: string, data: Said) => {
    const call = data.callId === undefined ? undefined : calls.get(data.callId);
    if (!call || data.callId === undefined) return;
    const title =
      name === mediaRound.name
        ? `media round ${data.round}: ${data.role} wanted, ${data.path}`
        : name === mediaAnswer.name
          ? `media round ${data.round}: answer`
          : null;
    if (title === null) return;
    page({ id: data.callId, orgId: call.orgId }, connections.get(connectionId), 'out', title, data.sdp);
  });

  const describe = (call: TappedModel): string => {
    const { state, path, legs } = call.inspect();
    return [
      state,
      ...(path ? [`media ${path}`] : []),
      legs.map((leg) => `${leg.role} ${leg.kind}`).join(', '),
    ].join(' · ');
  };

  return {
    name: 'calls.signal-tap',
    async start() {
      captures.start();
      sweeper = setInterval(() => {
        const before = Date.now() - unclaimedMs;
        for (const [id, { sinceMs }] of unclaimed) {
          if (sinceMs > before) break;
          unclaimed.delete(id);
        }
      }, unclaimedMs);
      sweeper.unref();
    },
    async stop() {
      clearInterval(sweeper);
      await captures.stop();
      await store.stop();
    },
    observer: quietly(observe),
    follow: quietly((sipCallId, call, leg) => {
      const lane = `telephone:${leg.personId}:${leg.deviceId ?? ''}`;
      // Nothing else of the call, which would stay for as long as thousands of others are remembered, nor the message that names it.
      const { id, orgId } = call;
      followed.set(Buffer.from(sipCallId).toString(), { call: { id, orgId }, lane, leg });
      for (const { entry, head, message, isCaught } of unclaimed.get(sipCallId)?.held ?? []) {
        store.add({ ...entry, orgId: call.orgId, callId: call.id, lane });
        if (!isCaught) captures.observe(message, head, { callId: call.id, ...leg });
      }
      unclaimed.delete(sipCallId);
    }),
    overhear(live) {
      const signal: Live['signal'] = (target, definition, data) => {
        live.signal(target, definition, data);
        if ('connectionId' in target) said(target.connectionId, definition.name, data as Said);
      };
      return Object.assign(Object.create(live) as Live, { signal });
    },
    started: quietly((call, dialled) => {
      calls.set(call.id, { orgId: call.orgId, said: '' });
      // Pages dial people by their ids, which nobody reads.
      model(
        call,
        /^[0-9a-f-]{36}$/.test(dialled) ? 'dialled (a person)' : `dialled ${dialled.slice(0, 100)}`,
      );
    }),
    changed: quietly((call) => {
      const known = calls.get(call.id);
      const title = describe(call);
      if (!known || known.said === title) return;
      known.said = title;
      model(call, title);
    }),
    ended: quietly((call, reason) => {
      model(call, `ended: ${reason}`);
    }),
    ordered: quietly((call, order) => {
      if (order.personId === undefined) return;
      if (order.order === 'view' || order.order === 'inspect') return;
      if (order.connectionId !== undefined) connections.set(order.connectionId, order.personId);
      const about =
        order.order === 'describe'
          ? `media round ${order.round}: description`
          : order.order === 'media'
            ? `media round ${order.round}: ${order.state}`
            : order.order === 'hold'
              ? `hold ${order.held ? 'on' : 'off'}`
              : order.order;
      page(call, order.personId, 'in', about, order.sdp);
    }),
  };
}
