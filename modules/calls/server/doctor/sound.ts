import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import {
  buildRtp,
  buildTelephoneEvent,
  decodeG711,
  encodeG711,
  eventOfKey,
  isRtcp,
  parseRtp,
  parseTelephoneEvent,
} from '@liaison/rtp';

const rate = 8000;
const frameSamples = 160;
const eventType = 101;
/** A tone that the echo's own greeting (660 Hz) is not taken for. */
const toneHz = 1020;
/** Of the energy of half a second, the share at the tone from which it counts as heard. */
const heardShare = 0.6;

/** The doctor's ear and mouth: one RTP socket that says a tone and measures what comes back. */
export interface DoctorSound {
  readonly offer: string;
  /** Packets that came so far. */
  readonly packets: number;
  /** Says the tone there until `silence`. */
  say(to: { address: string; port: number }): void;
  /** Whether the tone came back within this time, or before there is no more use in waiting. */
  hearsItself(withinMs: number, isOver?: () => boolean): Promise<boolean>;
  /** Whether packets still come: the echo's greeting ends by itself, its echo does not. */
  goesOn(withinMs: number): Promise<boolean>;
  /** Presses a key (RFC 4733) and waits for it to come back. */
  pressKey(key: string, withinMs: number): Promise<boolean>;
  silence(): void;
  close(): void;
}

export async function openSound(address: string): Promise<DoctorSound> {
  const socket: Socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(0, address, resolve);
  });
  socket.on('error', () => {});
  const { port } = socket.address();
  let packets = 0;
  let heard: number[] = [];
  let keys = new Set<number>();
  let timer: NodeJS.Timeout | undefined;
  let target: { address: string; port: number } | undefined;
  let sequence = 1;
  let timestamp = 0;
  const ssrc = (port << 8) + 77;

  socket.on('message', (datagram) => {
    if (isRtcp(datagram)) return;
    const packet = parseRtp(datagram);
    if (!packet) return;
    packets += 1;
    if (packet.payloadType === eventType) {
      const event = parseTelephoneEvent(packet.payload);
      if (event) keys.add(event.event);
      return;
    }
    if (packet.payloadType !== 0) return;
    heard.push(...decodeG711('PCMU', packet.payload));
    if (heard.length > rate) heard = heard.slice(-rate);
  });

  function send(payload: Buffer, payloadType: number, marker: boolean, at: number): void {
    if (!target) return;
    sequence = (sequence + 1) & 0xffff;
    const packet = buildRtp({ payloadType, marker, sequence, timestamp: at, ssrc, payload });
    socket.send(packet, target.port, target.address, () => {});
  }

  function say(to: { address: string; port: number }): void {
    target = to;
    clearInterval(timer);
    const began = performance.now();
    let frames = 0;
    timer = setInterval(() => {
      for (; frames * 20 < performance.now() - began; frames++) {
        const samples = Int16Array.from({ length: frameSamples }, (_, at) =>
          Math.round(9000 * Math.sin((2 * Math.PI * toneHz * (frames * frameSamples + at)) / rate)),
        );
        timestamp = (timestamp + frameSamples) >>> 0;
        send(encodeG711('PCMU', samples), 0, frames === 0, timestamp);
      }
    }, 10);
  }

  async function until(holds: () => boolean, withinMs: number): Promise<boolean> {
    const end = Date.now() + withinMs;
    while (!holds()) {
      if (Date.now() > end) return false;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return true;
  }

  return {
    get packets() {
      return packets;
    },
    offer: [
      'v=0',
      `o=doctor 1 1 IN ${isIPv6(address) ? 'IP6' : 'IP4'} ${address}`,
      's=-',
      `c=IN ${isIPv6(address) ? 'IP6' : 'IP4'} ${address}`,
      't=0 0',
      `m=audio ${port} RTP/AVP 0 ${eventType}`,
      'a=rtpmap:0 PCMU/8000',
      `a=rtpmap:${eventType} telephone-event/8000`,
      `a=fmtp:${eventType} 0-15`,
      'a=sendrecv',
      '',
    ].join('\r\n'),
    say,
    async hearsItself(withinMs, isOver = () => false) {
      heard = [];
      const isHeard = () => heard.length >= rate / 2 && energyShare(heard.slice(-rate / 2)) > heardShare;
      await until(() => isHeard() || isOver(), withinMs);
      return isHeard();
    },
    goesOn(withinMs) {
      const before = packets;
      // A packet on its way when this is asked does not make a stream.
      return until(() => packets > before + 5, withinMs);
    },
    async pressKey(key, withinMs) {
      const event = eventOfKey(key);
      if (event === undefined || !target) return false;
      const back = target;
      clearInterval(timer);
      keys = new Set();
      const at = (timestamp + frameSamples) >>> 0;
      // RFC 4733 §2.5.1.4: the last packet of an event is sent three times.
      for (const [step, end] of [false, false, false, true, true, true].entries()) {
        const payload = buildTelephoneEvent({
          event,
          end,
          volume: 10,
          duration: frameSamples * Math.min(step + 1, 4),
        });
        send(payload, eventType, step === 0, at);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      timestamp = (at + frameSamples * 6) >>> 0;
      const came = await until(() => keys.has(event), withinMs);
      say(back);
      return came;
    },
    silence() {
      clearInterval(timer);
      timer = undefined;
    },
    close() {
      clearInterval(timer);
      socket.close();
    },
  };
}

/** The share of the energy that lies at the tone (Goertzel), 0 to 1. */
function energyShare(samples: readonly number[]): number {
  const coefficient = 2 * Math.cos((2 * Math.PI * toneHz) / rate);
  let [before, beforeThat, total] = [0, 0, 0];
  for (const sample of samples) {
    const now = sample + coefficient * before - beforeThat;
    beforeThat = before;
    before = now;
    total += sample * sample;
  }
  if (total === 0) return 0;
  const power = before * before + beforeThat * beforeThat - coefficient * before * beforeThat;
  return (2 * power) / (samples.length * total);
}
