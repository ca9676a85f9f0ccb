import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import {
  buildRtp,
  createSrtpReceiver,
  createSrtpSender,
  isRtcp,
  parseRtp,
  type RtpPacket,
  type SrtpReceiver,
  srtpMaster,
} from '@liaison/rtp';
import { energyAt, tone } from '@liaison/rtp/testing';
import {
  type CodecName,
  type CryptoSuite,
  clockRateOf,
  cryptoMaterialBytes,
  readTelephone,
} from '@liaison/sdp';
import { createDecode, createEncode, FRAME_MS, sampleRateOf } from '../codec.ts';

/** A telephone of the test's own: RTP on a real socket, plain or protected, a tone in, what it hears kept. */
export interface TestTelephone {
  readonly port: number;
  readonly packets: RtpPacket[];
  readonly rtcp: Buffer[];
  offer(formats?: string): string;
  answer(offer: string, formats?: string): string;
  /** Sends a tone to where the relay listens, from now on. */
  play(codec: CodecName, hz: number, relaySdp: string): void;
  silence(): void;
  /** As it is, unprotected. */
  send(datagram: Buffer, relaySdp: string): void;
  /** Share of the energy at that frequency in the last half second it heard, or of these packets. */
  hears(hz: number, codec?: CodecName, among?: readonly RtpPacket[]): number;
  close(): void;
}

const PAYLOAD_TYPES: Record<CodecName, number> = { PCMU: 0, PCMA: 8, G722: 9, opus: 96 };

const RTPMAPS: Record<string, string> = {
  '0': 'PCMU/8000',
  '8': 'PCMA/8000',
  '9': 'G722/8000',
  '96': 'opus/48000/2',
  '101': 'telephone-event/8000',
  '102': 'telephone-event/48000',
  '120': 'opus/48000/2',
  '121': 'telephone-event/8000',
  '13': 'CN/8000',
  '18': 'G729/8000',
};

export interface TestTelephoneOptions {
  address?: string;
  /** Keys in its SDP, for RTP/SAVP, or (`avp`) RTP/AVP. */
  srtp?: { suite: CryptoSuite; avp?: boolean };
}

export async function openTelephone(options: TestTelephoneOptions = {}): Promise<TestTelephone> {
  const { address = '127.0.0.1', srtp } = options;
  const material = srtp && randomBytes(cryptoMaterialBytes(srtp.suite));
  const sender = srtp && material ? createSrtpSender(srtpMaster(srtp.suite, material)) : undefined;
  let receiver: SrtpReceiver | undefined;
  let tag = 1;
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, address, resolve));
  const { port } = socket.address();
  const packets: RtpPacket[] = [];
  const rtcp: Buffer[] = [];
  let timer: NodeJS.Timeout | undefined;
  socket.on('message', (datagram) => {
    if (isRtcp(datagram)) {
      rtcp.push(datagram);
      return;
    }
    const plain = srtp ? receiver?.unprotectRtp(datagram) : datagram;
    const packet = plain && parseRtp(plain);
    if (packet) packets.push(packet);
  });

  /** Learns the relay's key. */
  function learn(relaySdp: string) {
    const [theirs] = readTelephone(relaySdp).crypto.filter(({ suite }) => suite === srtp?.suite);
    if (!srtp || !theirs) return;
    tag = theirs.tag;
    receiver ??= createSrtpReceiver(srtpMaster(theirs.suite, theirs.material));
  }

  const describe = (formats: string) =>
    [
      'v=0',
      `o=test 1 1 IN IP4 ${address}`,
      's=-',
      `c=IN IP4 ${address}`,
      't=0 0',
      `m=audio ${port} ${srtp && !srtp.avp ? 'RTP/SAVP' : 'RTP/AVP'} ${formats}`,
      ...formats.split(' ').map((format) => `a=rtpmap:${format} ${RTPMAPS[format]}`),
      ...(srtp && material ? [`a=crypto:${tag} ${srtp.suite} inline:${material.toString('base64')}`] : []),
      'a=sendrecv',
      '',
    ].join('\r\n');

  function silence() {
    clearInterval(timer);
    timer = undefined;
  }

  return {
    port,
    packets,
    rtcp,
    offer: (formats = '0 8 101') => describe(formats),
    answer(offer, formats = '0 101') {
      learn(offer);
      return describe(formats);
    },
    play(codec, hz, relaySdp) {
      silence();
      const to = readTelephone(relaySdp);
      learn(relaySdp);
      // A whole number of periods of any multiple of 10 Hz: the end joins the beginning.
      const rate = sampleRateOf(codec);
      const frame = (rate * FRAME_MS) / 1000;
      const sound = tone(hz, 2, rate);
      const encode = createEncode(codec, rate);
      const payloadType = PAYLOAD_TYPES[codec];
      const ticks = (clockRateOf(codec) * FRAME_MS) / 1000;
      const began = performance.now();
      let sent = 0;
      timer = setInterval(() => {
        for (; sent * 20 < performance.now() - began; sent++) {
          const at = (sent * frame) % sound.length;
          const payload = encode(sound.subarray(at, at + frame));
          const plain = buildRtp({
            payloadType,
            sequence: sent,
            timestamp: sent * ticks,
            ssrc: port,
            payload,
          });
          socket.send(sender?.protectRtp(plain) ?? plain, to.port, to.address);
        }
      }, 5);
    },
    silence,
    send(datagram, relaySdp) {
      const to = readTelephone(relaySdp);
      socket.send(datagram, to.port, to.address);
    },
    hears(hz, codec = 'PCMU', among = packets) {
      const payloadType = PAYLOAD_TYPES[codec];
      const last = among.filter((packet) => packet.payloadType === payloadType).slice(-40);
      const rate = sampleRateOf(codec);
      const decode = createDecode(codec, rate);
      // The first of them tune the decoder in.
      const sound = last.map((packet) => [...decode(packet.payload)]).slice(15);
      return last.length < 40 ? 0 : energyAt(hz, Int16Array.from(sound.flat()), rate);
    },
    close() {
      silence();
      socket.close();
    },
  };
}

export async function until(
  holds: () => boolean | Promise<boolean>,
  what: string,
  deadlineMs = 30_000,
): Promise<void> {
  const end = Date.now() + deadlineMs;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`Not in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** A range of that many ports that nobody uses at this moment. */
export async function freeRange(count: number): Promise<{ min: number; max: number }> {
  for (;;) {
    const socket = createSocket('udp4');
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
    const { port } = socket.address();
    await new Promise<void>((resolve) => socket.close(resolve));
    const min = port + (port % 2);
    const max = min + count - 1;
    if (max <= 65_535 && (await allFree(min, max))) return { min, max };
  }
}

async function allFree(min: number, max: number): Promise<boolean> {
  for (let port = min; port <= max; port++) {
    const socket = createSocket('udp4');
    const isFree = await new Promise<boolean>((resolve) => {
      socket.once('error', () => resolve(false));
      socket.bind(port, '127.0.0.1', () => resolve(true));
    });
    socket.close();
    if (!isFree) return false;
  }
  return true;
}
