import { createSocket } from 'node:dgram';
import { buildRtp, parseRtp } from '@liaison/rtp';
import type { InviteOptions, InviteSession, SipRequest } from '@liaison/sip';
import { startTelephoneAgent } from '@liaison/sip/testing';
import type { Member, RunningSuite } from './suite.ts';
import { poll } from './world.ts';

/** A telephone of our own SIP engine, with a socket for its sound: quick to make, and nothing that rings aloud. */
export interface OwnTelephone {
  readonly member: Member;
  /** RTP packets that came, whose payload is full of that byte. */
  heard(byte: number): number;
  /** Calls; resolves once it talks, with the call's way to be heard and to end. */
  call(to: string, offer?: string, more?: Partial<InviteOptions>): Promise<OwnCall>;
  /** A description of its own, good as it is. */
  description(): string;
  /** What it answers calls with; default its own good description. */
  answers: () => string;
  readonly calls: InviteSession[];
  /** What each of these came with. */
  readonly invites: SipRequest[];
  close(): Promise<void>;
}

export interface OwnCall {
  readonly session: InviteSession;
  /** Where its sound goes, as it was last told; the port after it takes reports. */
  readonly relayPort: number;
  /** Says packets full of that byte to where the answer is. */
  say(byte: number, packets?: number): void;
  hangUp(): Promise<void>;
}

/** The telephone refused, or was refused. */
export class CallRefused extends Error {
  readonly status: number;
  constructor(status: number) {
    super(`Refused with ${status}`);
    this.status = status;
  }
}

/** Registered over UDP; answers every call at once. */
export async function openOwnTelephone(
  running: RunningSuite,
  domain: string,
  member: Member,
): Promise<OwnTelephone> {
  const { username, secret } = await running.telephone(member);
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const { port } = socket.address();
  const heard = new Map<number, number>();
  socket.on('message', (datagram) => {
    const packet = parseRtp(datagram);
    const byte = packet?.payload[0];
    if (byte === undefined || packet?.payload.length !== 160) return;
    heard.set(byte, (heard.get(byte) ?? 0) + 1);
  });
  const description = () =>
    [
      'v=0',
      'o=- 1 1 IN IP4 127.0.0.1',
      's=-',
      'c=IN IP4 127.0.0.1',
      't=0 0',
      `m=audio ${port} RTP/AVP 0`,
      'a=rtpmap:0 PCMU/8000',
      'a=sendrecv',
      '',
    ].join('\r\n');
  const calls: InviteSession[] = [];
  const invites: SipRequest[] = [];
  const line = await startTelephoneAgent({
    userAgent: 'own telephone',
    domain,
    port: running.sipPorts.udp,
    username,
    secret,
    invited(session) {
      calls.push(session);
      if (session.request) invites.push(session.request);
      session.on = { reinvited: async () => description() };
      session.ring();
      void session.accept(telephone.answers()).catch(() => {});
    },
  });
  await line.register();

  const telephone: OwnTelephone = {
    member,
    heard: (byte) => heard.get(byte) ?? 0,
    description,
    answers: description,
    calls,
    invites,
    async call(to, offer = description(), more = {}) {
      let answer: string | undefined;
      let refused: number | undefined;
      let ended = false;
      const session = line.invite(to, offer, more);
      let relayPort = 0;
      const follow = (sdp: string): void => {
        relayPort = Number(/m=audio (\d+)/.exec(sdp)?.[1]);
      };
      session.on = {
        accepted(sdp) {
          answer = sdp;
          follow(sdp);
        },
        rejected(status) {
          refused = status;
        },
        ended() {
          ended = true;
        },
        async reinvited(sdp) {
          follow(sdp);
          return description();
        },
      };
      await poll('the end of the ringing', async () =>
        answer !== undefined || refused !== undefined || ended ? true : undefined,
      );
      if (answer === undefined) throw new CallRefused(refused ?? 487);
      let sequence = 0;
      return {
        session,
        get relayPort() {
          return relayPort;
        },
        say(byte, packets = 1) {
          for (let count = 0; count < packets; count++) {
            sequence += 1;
            const payload = Buffer.alloc(160, byte);
            const rtp = { payloadType: 0, sequence, timestamp: sequence * 160, ssrc: port, payload };
            socket.send(buildRtp(rtp), relayPort, '127.0.0.1');
          }
        },
        hangUp: () => session.bye(),
      };
    },
    async close() {
      await line.agent.stop();
      socket.close();
    },
  };
  return telephone;
}
