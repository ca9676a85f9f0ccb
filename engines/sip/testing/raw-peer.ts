import { createSocket } from 'node:dgram';
import { type SipMessage, SipRequest } from '../src/message/message.ts';
import { parseMessage } from '../src/message/parse.ts';
import { createResponse } from '../src/message/response.ts';
import { serialise } from '../src/message/serialise.ts';
import { poll } from './poll.ts';

/** Somebody at the other end of a UDP socket who does exactly what a test says, and nothing by itself. */
export interface RawPeer {
  readonly port: number;
  readonly received: SipMessage[];
  /** The next message not yet taken of that method, or with that status (and CSeq method). */
  next(what: string | number): Promise<SipMessage>;
  nextRequest(method: string): Promise<SipRequest>;
  /** How many of these came so far, taken or not. */
  count(what: string | number): number;
  /** Sends a request to the agent's port; headers that are given replace those that are made up. */
  request(method: string, parts: RawRequest): SipRequest;
  answer(
    request: SipRequest,
    status: number,
    parts?: { toTag?: string; sdp?: string; headers?: [string, string][] },
  ): void;
  send(message: SipMessage): void;
  close(): Promise<void>;
}

export interface RawRequest {
  callId?: string;
  cseq?: number;
  branch?: string;
  fromTag?: string;
  toTag?: string;
  /** Instead of the agent's address. */
  to?: string;
  sdp?: string;
  /** A body of type text/plain. */
  body?: string;
  uri?: string;
  headers?: [string, string][];
}

export async function startRawPeer(agentPort: number): Promise<RawPeer> {
  const socket = createSocket('udp4');
  const received: SipMessage[] = [];
  const taken = new Set<SipMessage>();
  socket.on('message', (bytes) => received.push(parseMessage(bytes)));
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const { port } = socket.address();
  const contact = `<sip:peer@127.0.0.1:${port}>`;

  const matches = (message: SipMessage, what: string | number) =>
    message.kind === 'request' ? message.method === what : message.status === what;

  const send = (message: SipMessage) => socket.send(serialise(message), agentPort, '127.0.0.1');

  const peer: RawPeer = {
    port,
    received,
    async next(what) {
      const found = await poll(`${what} at the peer`, () =>
        received.find((message) => !taken.has(message) && matches(message, what)),
      );
      taken.add(found);
      return found;
    },
    async nextRequest(method) {
      return (await peer.next(method)) as SipRequest;
    },
    count: (what) => received.filter((message) => matches(message, what)).length,
    request(method, parts) {
      const request = new SipRequest(
        method,
        parts.uri ?? `sip:agent@127.0.0.1:${agentPort}`,
        [
          ['via', `SIP/2.0/UDP 127.0.0.1:${port};rport;branch=${parts.branch ?? `z9hG4bK${Math.random()}`}`],
          ['from', `<sip:peer@estuaria.example>;tag=${parts.fromTag ?? 'peer'}`],
          ['to', `${parts.to ?? '<sip:agent@estuaria.example>'}${parts.toTag ? `;tag=${parts.toTag}` : ''}`],
          ['call-id', parts.callId ?? 'raw-call'],
          ['cseq', `${parts.cseq ?? 1} ${method}`],
          ['contact', contact],
          ...(parts.sdp === undefined ? [] : [['content-type', 'application/sdp'] as const]),
          ...(parts.body === undefined ? [] : [['content-type', 'text/plain'] as const]),
          ...(parts.headers ?? []),
        ],
        parts.sdp ?? parts.body ?? '',
      );
      send(request);
      return request;
    },
    answer(request, status, parts = {}) {
      send(
        createResponse(request, status, {
          toTag: parts.toTag ?? 'peer',
          headers: [
            ['contact', contact],
            ...(parts.sdp === undefined ? [] : [['content-type', 'application/sdp'] as const]),
            ...(parts.headers ?? []),
          ],
          body: parts.sdp,
        }),
      );
    },
    send,
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
  return peer;
}
