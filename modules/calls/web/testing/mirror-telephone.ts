import { createSocket } from 'node:dgram';
import { parseRtp } from '@liaison/rtp';
import { readTelephone } from '@liaison/sdp';
import { type InviteSession, SipRefusal } from '@liaison/sip';
import { startTelephoneAgent } from '@liaison/sip/testing';
import type { Actor, Stage } from './stage.ts';

/**
 * A telephone that knows H.264 and no other video, and has a mirror instead of a camera: it shows whatever it sees. It
 * answers every call, by sound; pictures must be asked for.
 */
export interface MirrorTelephone {
  /** Refuses new descriptions with this status; 0: takes them. */
  refusing: number;
  /** It asks its person about new descriptions, who takes so long. */
  asking: Promise<unknown>;
  /** The offers with video that came, as they came. */
  readonly offers: readonly string[];
  /** RTP packets of video that came. */
  readonly seen: number;
  hangUp(): Promise<void>;
  close(): Promise<void>;
}

export async function openMirrorTelephone(stage: Stage, actor: Actor): Promise<MirrorTelephone> {
  const { username, secret } = await stage.telephone(actor);
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const { port } = socket.address();
  let seen = 0;
  socket.on('message', (datagram, { port: from, address }) => {
    // Sound comes to a port that nobody listens to, reports are not read.
    if (!parseRtp(datagram) || (datagram[1]! & 0x7f) < 96) return;
    seen += 1;
    socket.send(datagram, from, address);
  });
  /** One socket for all: what is said there as sound is thrown away. */
  const describe = (offer: string): string => {
    const video = readTelephone(offer).video?.formats.find(({ key }) => key === 'H264/1');
    return [
      'v=0',
      'o=- 1 1 IN IP4 127.0.0.1',
      's=-',
      'c=IN IP4 127.0.0.1',
      't=0 0',
      `m=audio ${port} RTP/AVP 0`,
      ...(video
        ? [
            `m=video ${port} RTP/AVP ${video.payloadType}`,
            `a=rtpmap:${video.payloadType} H264/90000`,
            `a=fmtp:${video.payloadType} profile-level-id=42e01f;packetization-mode=1`,
            `a=rtcp-fb:${video.payloadType} nack pli`,
          ]
        : offer.includes('m=video')
          ? ['m=video 0 RTP/AVP 96']
          : []),
      '',
    ].join('\r\n');
  };
  const offers: string[] = [];
  let session: InviteSession | undefined;
  const line = await startTelephoneAgent({
    userAgent: 'mirror',
    domain: stage.domain,
    port: stage.sipPorts.udp,
    username,
    secret,
    invited(asked) {
      session = asked;
      asked.on = {
        async reinvited(offer) {
          await telephone.asking;
          if (telephone.refusing !== 0) throw new SipRefusal(telephone.refusing, 'No');
          offers.push(offer);
          return describe(offer);
        },
      };
      void asked.accept(describe(asked.remoteOffer ?? '')).catch(() => {});
    },
  });
  await line.register();
  const telephone: MirrorTelephone = {
    refusing: 0,
    asking: Promise.resolve(),
    offers,
    get seen() {
      return seen;
    },
    async hangUp() {
      await session?.bye();
    },
    async close() {
      await line.agent.stop();
      socket.close();
    },
  };
  return telephone;
}
