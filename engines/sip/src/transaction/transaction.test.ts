import { beforeEach, describe, expect, test } from 'vitest';
import { createManualClock, type ManualClock } from '../clock.ts';
import { SipRequest } from '../message/message.ts';
import { parseMessage } from '../message/parse.ts';
import { createResponse } from '../message/response.ts';
import type { Flow } from '../transport/types.ts';
import { createTransactionLayer, type Received, type TransactionLayer } from './layer.ts';
import type { ServerTransaction } from './types.ts';

const udp: Flow = {
  id: 'udp',
  protocol: 'udp',
  local: { address: '127.0.0.1', port: 5060 },
  remote: { address: '127.0.0.2', port: 5060 },
};
const tcp: Flow = { ...udp, id: 'tcp', protocol: 'tcp' };

let clock: ManualClock;
let layer: TransactionLayer;
/** Start lines with their time since the beginning, e.g. `500 INVITE`. */
let sent: string[];
let startMs: number;
let failSending: boolean;

function setUp(
  limits: {
    maxServerTransactions?: number;
    maxServerTransactionsPerPeer?: number;
    maxAnsweredTransactions?: number;
  } = {},
): void {
  clock = createManualClock();
  startMs = clock.now();
  sent = [];
  failSending = false;
  layer = createTransactionLayer({
    clock,
    ...limits,
    send(_flow, bytes, failed) {
      const message = parseMessage(bytes);
      sent.push(`${clock.now() - startMs} ${message.kind === 'request' ? message.method : message.status}`);
      if (failSending) failed(new Error('unreachable'));
    },
  });
}
beforeEach(() => setUp());

function request(
  method: string,
  extra: { branch?: string; toTag?: string; via?: string; cseq?: number } = {},
): SipRequest {
  const branch = extra.branch ?? 'z9hG4bKone';
  return new SipRequest(method, 'sip:marta@estuaria.example', [
    ['via', extra.via ?? `SIP/2.0/UDP 127.0.0.2:5060;branch=${branch}`],
    ['from', '<sip:tomás@estuaria.example>;tag=f'],
    ['to', `<sip:marta@estuaria.example>${extra.toTag ? `;tag=${extra.toTag}` : ''}`],
    ['call-id', 'call'],
    ['cseq', `${extra.cseq ?? 1} ${method}`],
  ]);
}

function receiveNew(message: SipRequest, flow = udp): ServerTransaction {
  const received = layer.receiveRequest(message, flow);
  if (received.kind !== 'new') throw new Error(`Not new: ${received.kind}`);
  return received.transaction;
}

const answer = (message: SipRequest, status: number) => createResponse(message, status, { toTag: 't' });

function sendRequest(message: SipRequest, flow = udp): string[] {
  const events: string[] = [];
  layer.request(message, flow, {
    response: (response) => void events.push(String(response.status)),
    failed: (failure) => void events.push(failure),
  });
  return events;
}

describe('INVITE client', () => {
  const invite = request('INVITE');

  test('timer A doubles without a limit, timer B gives up after 64*T1', () => {
    const events = sendRequest(invite);
    clock.advance(40_000);
    expect(sent).toEqual(['0', '500', '1500', '3500', '7500', '15500', '31500'].map((at) => `${at} INVITE`));
    expect(events).toEqual(['timeout']);
    expect(clock.pending).toBe(0);
    expect(layer.size.client).toBe(0);
  });

  test('over a stream nothing is repeated, but timer B still counts', () => {
    const events = sendRequest(invite, tcp);
    clock.advance(31_999);
    expect(events).toEqual([]);
    clock.advance(1);
    expect(sent).toEqual(['0 INVITE']);
    expect(events).toEqual(['timeout']);
  });

  test('a provisional response stops the retransmission and timer B', () => {
    const events = sendRequest(invite);
    clock.advance(600);
    layer.receiveResponse(answer(invite, 180));
    clock.advance(600_000);
    expect(sent).toEqual(['0 INVITE', '500 INVITE']);
    expect(events).toEqual(['180']);
    expect(layer.size.client).toBe(1);
  });

  test('a refusal is acknowledged each time it comes, told once, forgotten by timer D', () => {
    const events = sendRequest(invite);
    layer.receiveResponse(answer(invite, 486));
    layer.receiveResponse(answer(invite, 486));
    clock.advance(31_999);
    layer.receiveResponse(answer(invite, 486));
    expect(layer.size.client).toBe(1);
    clock.advance(1);
    expect(sent).toEqual(['0 INVITE', '0 ACK', '0 ACK', '31999 ACK']);
    expect(events).toEqual(['486']);
    expect(layer.size.client).toBe(0);
    expect(clock.pending).toBe(0);
  });

  test('over a stream a refusal ends it at once (timer D is 0)', () => {
    sendRequest(invite, tcp);
    layer.receiveResponse(answer(invite, 486));
    expect(sent).toEqual(['0 INVITE', '0 ACK']);
    expect(layer.size.client).toBe(0);
  });

  test('each 2xx goes up until timer M; no ACK is sent here (RFC 6026)', () => {
    const events = sendRequest(invite);
    layer.receiveResponse(answer(invite, 200));
    clock.advance(31_999);
    layer.receiveResponse(answer(invite, 200));
    layer.receiveResponse(answer(invite, 486));
    clock.advance(1);
    expect(layer.receiveResponse(answer(invite, 200))).toBe(false);
    expect(events).toEqual(['200', '200']);
    expect(sent).toEqual(['0 INVITE']);
    expect(clock.pending).toBe(0);
  });

  test('a transport error is told once and ends it', () => {
    failSending = true;
    const events = sendRequest(invite);
    expect(events).toEqual(['transport']);
    expect(clock.pending).toBe(0);
  });

  test('a response with two Via values, or of another branch or method, is not ours', () => {
    const events = sendRequest(invite);
    const astray = answer(invite, 200);
    astray.headers.append('via', 'SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKx');
    expect(layer.receiveResponse(astray)).toBe(false);
    expect(layer.receiveResponse(answer(request('INVITE', { branch: 'z9hG4bKother' }), 200))).toBe(false);
    expect(layer.receiveResponse(answer(request('CANCEL'), 200))).toBe(false);
    expect(events).toEqual([]);
  });
});

describe('non-INVITE client', () => {
  const bye = request('BYE');

  test('timer E doubles up to T2, timer F gives up after 64*T1', () => {
    const events = sendRequest(bye);
    clock.advance(40_000);
    const times = [0, 500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500];
    expect(sent).toEqual(times.map((at) => `${at} BYE`));
    expect(events).toEqual(['timeout']);
    expect(clock.pending).toBe(0);
  });

  test('after a provisional response it is repeated every T2', () => {
    const events = sendRequest(bye);
    clock.advance(100);
    layer.receiveResponse(answer(bye, 100));
    clock.advance(9_000);
    expect(sent).toEqual(['0 BYE', '500 BYE', '4500 BYE', '8500 BYE']);
    clock.advance(30_000);
    expect(events).toEqual(['100', 'timeout']);
  });

  test('a final response is told once; timer K absorbs its repetitions', () => {
    const events = sendRequest(bye);
    layer.receiveResponse(answer(bye, 200));
    layer.receiveResponse(answer(bye, 200));
    clock.advance(4_999);
    expect(layer.receiveResponse(answer(bye, 200))).toBe(true);
    clock.advance(1);
    expect(layer.receiveResponse(answer(bye, 200))).toBe(false);
    expect(events).toEqual(['200']);
    expect(sent).toEqual(['0 BYE']);
    expect(clock.pending).toBe(0);
  });

  test('over a stream a final response ends it at once', () => {
    sendRequest(bye, tcp);
    layer.receiveResponse(answer(bye, 200));
    expect(layer.size.client).toBe(0);
    expect(clock.pending).toBe(0);
  });
});

describe('INVITE server', () => {
  const invite = request('INVITE');

  test('100 goes out by itself after 200 ms, unless something else did', () => {
    receiveNew(invite);
    clock.advance(1_000);
    expect(sent).toEqual(['200 100']);
    setUp();
    receiveNew(invite).respond(answer(invite, 180));
    clock.advance(1_000);
    expect(sent).toEqual(['0 180']);
  });

  test('a retransmitted INVITE gets the last provisional response', () => {
    const transaction = receiveNew(invite);
    transaction.respond(answer(invite, 180));
    expect(layer.receiveRequest(invite, udp).kind).toBe('absorbed');
    expect(sent).toEqual(['0 180', '0 180']);
  });

  test('a refusal is repeated by timer G until the ACK, which timer I absorbs', () => {
    const transaction = receiveNew(invite);
    transaction.respond(answer(invite, 486));
    clock.advance(8_000);
    expect(sent).toEqual(['0 486', '500 486', '1500 486', '3500 486', '7500 486']);
    layer.receiveRequest(invite, udp);
    expect(sent.at(-1)).toBe('8000 486');
    const ack = request('ACK', { toTag: 't' });
    expect(layer.receiveRequest(ack, udp).kind).toBe('absorbed');
    clock.advance(4_999);
    expect(layer.receiveRequest(ack, udp).kind).toBe('absorbed');
    expect(layer.receiveRequest(invite, udp).kind).toBe('absorbed');
    expect(sent).toHaveLength(6);
    clock.advance(1);
    expect(layer.size.server).toBe(0);
    expect(clock.pending).toBe(0);
  });

  test('once nobody waits for the ACK of a 2xx, what comes again is absorbed for another 64*T1, and nothing repeated', () => {
    const transaction = receiveNew(invite);
    transaction.settle();
    expect(clock.pending).toBe(1); // There is no final answer yet: 100 is still to come.
    transaction.respond(answer(invite, 200));
    clock.advance(20_000);
    transaction.settle();
    transaction.respond(answer(invite, 200));
    const ack = request('ACK');
    clock.advance(31_999);
    expect(layer.receiveRequest(invite, udp).kind).toBe('absorbed');
    expect(layer.receiveRequest(ack, udp).kind).toBe('absorbed');
    expect(layer.receiveRequest(request('INVITE', { branch: 'z9hG4bKtwo' }), udp)).toMatchObject({
      kind: 'new',
      isMerged: true,
    });
    expect(layer.findCancelled(request('CANCEL'))).toMatchObject({ lastStatus: 200 });
    expect(sent.filter((each) => each.endsWith(' 200'))).toEqual(['0 200']);
    layer.close();
    expect(layer.size.server).toBe(0);
    expect(clock.pending).toBe(0);
    setUp();
    const second = receiveNew(invite);
    second.respond(answer(invite, 200));
    second.settle();
    clock.advance(32_000);
    expect(layer.size.server).toBe(0);
    expect(clock.pending).toBe(0);
    expect(layer.receiveRequest(invite, udp).kind).toBe('new');
  });

  test('without an ACK timer H gives up and says so', () => {
    const transaction = receiveNew(invite);
    let failure: string | undefined;
    transaction.failed = (why) => {
      failure = why;
    };
    transaction.respond(answer(invite, 486));
    clock.advance(32_000);
    expect(failure).toBe('timeout');
    expect(layer.size.server).toBe(0);
    expect(clock.pending).toBe(0);
  });

  test('over a stream a refusal is sent once and the ACK ends it at once', () => {
    receiveNew(invite, tcp).respond(answer(invite, 486));
    clock.advance(10_000);
    expect(sent).toEqual(['0 486']);
    layer.receiveRequest(request('ACK', { toTag: 't' }), tcp);
    expect(layer.size.server).toBe(0);
    expect(clock.pending).toBe(0);
  });

  test('after a 2xx repeated INVITEs are absorbed until timer L, and the ACK is the dialog’s', () => {
    const transaction = receiveNew(invite);
    transaction.respond(answer(invite, 200));
    transaction.respond(answer(invite, 200)); // its retransmission is the user's
    transaction.respond(answer(invite, 486)); // too late
    expect(layer.receiveRequest(invite, udp).kind).toBe('absorbed');
    expect(layer.receiveRequest(request('ACK', { branch: 'z9hG4bKack', toTag: 't' }), udp).kind).toBe('ack');
    expect(sent).toEqual(['0 200', '0 200']);
    clock.advance(32_000);
    expect(layer.size.server).toBe(0);
    expect(clock.pending).toBe(0);
  });

  test('an ACK for a 2xx that repeats the branch is handed up', () => {
    const transaction = receiveNew(invite);
    let acks = 0;
    transaction.acknowledged = () => acks++;
    transaction.respond(answer(invite, 200));
    layer.receiveRequest(request('ACK', { toTag: 't' }), udp);
    expect(acks).toBe(1);
  });

  test('RFC 2543 clients without a branch are matched too', () => {
    const via = 'SIP/2.0/UDP 127.0.0.2:5060';
    const old = request('INVITE', { via });
    receiveNew(old).respond(answer(old, 486));
    expect(layer.receiveRequest(request('INVITE', { via }), udp).kind).toBe('absorbed');
    expect(layer.receiveRequest(request('ACK', { via, toTag: 't' }), udp).kind).toBe('absorbed');
    expect(layer.receiveRequest(request('INVITE', { via, cseq: 2 }), udp).kind).toBe('new');
  });
});

describe('non-INVITE server', () => {
  const options = request('OPTIONS');

  test('absorbs, then repeats the last answer, until timer J', () => {
    const transaction = receiveNew(options);
    layer.receiveRequest(options, udp);
    expect(sent).toEqual([]);
    transaction.respond(answer(options, 100));
    layer.receiveRequest(options, udp);
    transaction.respond(answer(options, 200));
    transaction.respond(answer(options, 500));
    clock.advance(31_999);
    layer.receiveRequest(options, udp);
    expect(sent).toEqual(['0 100', '0 100', '0 200', '31999 200']);
    clock.advance(1);
    expect(layer.receiveRequest(options, udp).kind).toBe('new');
  });

  test('those that are answered share a timer, and each absorbs for its own time', () => {
    const messages = [1, 2, 3].map((cseq) => request('OPTIONS', { branch: `z9hG4bK${cseq}`, cseq }));
    for (const message of messages) {
      receiveNew(message).respond(answer(message, 200));
      clock.advance(1000);
    }
    expect(clock.pending).toBe(1);
    clock.advance(29_000);
    const kinds = () => messages.map((message) => layer.receiveRequest(message, udp).kind);
    expect(layer.hasBranch('z9hG4bK1')).toBe(false);
    expect(layer.size.server).toBe(2);
    expect(kinds()).toEqual(['new', 'absorbed', 'absorbed']);
    clock.advance(3000);
    expect(layer.size.server).toBe(1);
    expect(layer.hasBranch('z9hG4bK3')).toBe(false);
    layer.close();
    expect(clock.pending).toBe(0);
  });

  test('the same request by another way is merged with one that is answered, not with one refused', () => {
    const [first, refused] = [request('OPTIONS'), request('OPTIONS', { branch: 'z9hG4bK4', cseq: 2 })];
    receiveNew(first).respond(answer(first, 200));
    receiveNew(refused).respond(answer(refused, 401));
    const again = (cseq: number) =>
      layer.receiveRequest(request('OPTIONS', { branch: 'z9hG4bK5', cseq }), udp);
    expect(again(1)).toMatchObject({ kind: 'new', isMerged: true });
    setUp();
    receiveNew(refused).respond(answer(refused, 401));
    expect(again(2)).toMatchObject({ kind: 'new', isMerged: false });
  });

  test('over a stream it ends with the answer', () => {
    receiveNew(options, tcp).respond(answer(options, 200));
    expect(layer.size.server).toBe(0);
    expect(clock.pending).toBe(0);
  });
});

describe('the layer', () => {
  const kindOf = (received: Received) =>
    received.kind === 'new' && received.isMerged ? 'merged' : received.kind;

  test('the same request by another way is merged (RFC 3261 §8.2.2.2)', () => {
    expect(kindOf(layer.receiveRequest(request('INVITE'), udp))).toBe('new');
    expect(kindOf(layer.receiveRequest(request('INVITE', { branch: 'z9hG4bKtwo' }), udp))).toBe('merged');
  });

  test('a request tried again after a refusal without a new CSeq is let in', () => {
    const first = request('REGISTER');
    receiveNew(first).respond(answer(first, 401));
    expect(kindOf(layer.receiveRequest(request('REGISTER', { branch: 'z9hG4bKtwo' }), udp))).toBe('new');
  });

  test('CANCEL finds its INVITE by branch and sent-by', () => {
    const transaction = receiveNew(request('INVITE'));
    expect(layer.findCancelled(request('CANCEL'))).toBe(transaction);
    expect(layer.findCancelled(request('CANCEL', { branch: 'z9hG4bKother' }))).toBeUndefined();
    const elsewhere = request('CANCEL', { via: 'SIP/2.0/UDP 127.0.0.3:5060;branch=z9hG4bKone' });
    expect(layer.findCancelled(elsewhere)).toBeUndefined();
  });

  test('holds no more than its bounds, in all and from one address', () => {
    setUp({ maxServerTransactions: 3, maxServerTransactionsPerPeer: 2 });
    const elsewhere: Flow = { ...udp, id: 'udp2', remote: { address: '127.0.0.9', port: 5060 } };
    const open = (cseq: number, flow: Flow) =>
      layer.receiveRequest(request('OPTIONS', { branch: `z9hG4bK${cseq}`, cseq }), flow).kind;
    expect([open(1, udp), open(2, udp), open(3, udp)]).toEqual(['new', 'new', 'overload']);
    expect([open(4, elsewhere), open(5, elsewhere)]).toEqual(['new', 'overload']);
    layer.close();
    expect(layer.size.server).toBe(0);
    expect(open(6, udp)).toBe('new');
  });

  test('answered requests do not count, and the oldest of too many is forgotten', () => {
    setUp({ maxServerTransactions: 1, maxAnsweredTransactions: 2 });
    const messages = [1, 2, 3].map((cseq) => request('OPTIONS', { branch: `z9hG4bK${cseq}`, cseq }));
    for (const message of messages) receiveNew(message).respond(answer(message, 200));
    expect(layer.size.server).toBe(2);
    expect(layer.receiveRequest(messages[1]!, udp).kind).toBe('absorbed');
    expect(layer.receiveRequest(messages[0]!, udp).kind).toBe('new');
  });

  test('close leaves no timer', () => {
    receiveNew(request('INVITE'));
    sendRequest(request('INVITE', { branch: 'z9hG4bKours' }));
    sendRequest(request('BYE', { branch: 'z9hG4bKours' }));
    layer.close();
    expect(clock.pending).toBe(0);
  });
});
