import { NoPortFreeError, openRtpSocket, type RtpSocket } from '@liaison/rtp';
import {
  answerDirection,
  answeredFormat,
  type Direction,
  type LocalTelephoneVideo,
  offeredVideoFormats,
  type TelephoneVideo,
  VIDEO_KEYS,
  type VideoFormat,
  type VideoKey,
} from '@liaison/sdp';
import type { EndOptions } from './end.ts';
import { createEndKeys } from './end-keys.ts';
import type { EndVideo } from './end-video.ts';
import type { PacketPlace } from './media.ts';
import type { RtpNetwork } from './rtp-end.ts';
import type { ChosenVideo } from './video-choice.ts';
import { createVideoLane } from './video-lane.ts';

/** For what the usual ones are taken. */
const FURTHER_PAYLOAD_TYPES = [106, 107, 108, 109, 112, 113];

type OfferedVideo = Omit<LocalTelephoneVideo, 'format' | 'ssrc'> & { formats: readonly VideoFormat[] };

/**
 * The video of a telephone: a pair of ports of its own, opened when it is first agreed, latched and protected by the rules
 * of its sound. Whatever goes wrong with it leaves the sound as it is.
 */
export interface RtpVideo extends EndVideo {
  /** Answers an offer with this format of it; `undefined`: refuse the line, there is no port. */
  answer(
    offer: TelephoneVideo,
    chosen: ChosenVideo,
    signalledFrom: string,
    wanted: Direction,
  ): Promise<LocalTelephoneVideo | undefined>;
  /** What we offer: these, or without any what is agreed already; `undefined`: nothing, or no port. */
  offer(
    keys: readonly VideoKey[],
    how: { direction: Direction; isProtected: boolean; readBy?: string },
  ): Promise<OfferedVideo | undefined>;
  /** The answer to that; without one there is no video any more. */
  accept(answer: TelephoneVideo | undefined, signalledFrom: string): void;
  /** The whole offer was refused: what was agreed before stands. */
  refused(): void;
  /** Its offer, of which we take no video. */
  decline(offer: TelephoneVideo | undefined): void;
  /** Where its packets come from and go to. */
  place(): PacketPlace | undefined;
  close(): void;
}

export function createRtpVideo(
  network: RtpNetwork,
  cname: string,
  { onError, onPictureWanted, saw }: Pick<EndOptions, 'onError' | 'onPictureWanted' | 'saw'>,
): RtpVideo {
  const keys = createEndKeys();
  let socket: RtpSocket | undefined;
  let remote: TelephoneVideo | undefined;
  let offered: readonly VideoFormat[] = [];
  /** What it was offered and did not take, or did not offer beside others. */
  const unknown = new Set<VideoKey>();
  /** RFC 3264 §8.3.2: in one session a payload type stays what it was. */
  const named = new Map<number, VideoKey>();
  let closed = false;

  const lane = createVideoLane(
    {
      canPlay: () =>
        socket?.canSend() === true && remote?.direction !== 'sendonly' && remote?.direction !== 'inactive',
      send(datagram) {
        saw?.('video', 'out', datagram);
        return socket?.send(datagram) ?? false;
      },
      sendRtcp: (datagram) => void socket?.sendRtcp(datagram),
      onError,
      ...(onPictureWanted ? { onPictureWanted } : {}),
    },
    cname,
  );

  async function open(): Promise<RtpSocket | undefined> {
    if (socket) return socket;
    try {
      const made = await openRtpSocket({
        ...network,
        onRtp(datagram) {
          saw?.('video', 'in', datagram);
          lane.receive(datagram);
        },
        onRtcp: (datagram) => lane.receiveRtcp(datagram),
      });
      // Another description may have opened one, or the call be over, meanwhile.
      if (closed || socket) made.close();
      else socket = made;
    } catch (error) {
      // Ports are for sound first.
      if (!(error instanceof NoPortFreeError)) throw error;
    }
    return closed ? undefined : socket;
  }

  function learn(of: readonly VideoKey[], known: readonly VideoFormat[]): void {
    for (const key of of) {
      if (known.some((format) => format.key === key)) unknown.delete(key);
      else unknown.add(key);
    }
  }

  const isFree = (payloadType: number, key: VideoKey): boolean => (named.get(payloadType) ?? key) === key;

  /** These keys on payload types that mean nothing else yet. */
  function formatsOf(wanted: readonly VideoKey[], readBy: string | undefined): VideoFormat[] {
    return offeredVideoFormats(wanted, readBy).map((format) => {
      const { key, payloadType } = format;
      if (lane.format?.key === key) return answeredFormat(lane.format, readBy);
      if (isFree(payloadType, key)) return format;
      const other = FURTHER_PAYLOAD_TYPES.find((each) => isFree(each, key) && !named.has(each));
      return { ...format, payloadType: other ?? payloadType };
    });
  }

  function end(): void {
    lane.agree(undefined);
    remote = undefined;
    socket?.close();
    socket = undefined;
  }

  function reach(video: TelephoneVideo, format: VideoFormat, from: string): void {
    remote = video;
    lane.agree(format);
    for (const { payloadType, key } of video.formats) named.set(payloadType, key);
    const { address, port, rtcp, rtcpMux } = video;
    const rtcpAddress = rtcp?.address ?? address;
    socket?.expect({
      rtp: address === undefined ? undefined : { address, port },
      ...(rtcp && rtcpAddress !== undefined ? { rtcp: { address: rtcpAddress, port: rtcp.port } } : {}),
      rtcpMux,
      allowed: [from],
      payloadTypes: new Set([format.payloadType]),
      ...(keys.pair ? { srtp: keys.pair } : {}),
    });
  }

  return {
    lane,
    mayTake: (key) => !unknown.has(key),
    async answer(offer, { format, readBy }, signalledFrom, wanted) {
      learn(VIDEO_KEYS, offer.formats);
      const opened = await open();
      if (!opened) return undefined;
      const crypto = keys.answer(offer.crypto);
      reach(offer, format, signalledFrom);
      const direction = answerDirection(offer.direction, wanted);
      const answered = answeredFormat(format, readBy);
      return { format: answered, direction, ssrc: lane.ssrc, port: opened.port, crypto };
    },
    async offer(wanted, { direction, isProtected, readBy }) {
      const agreed = lane.format;
      const formats = formatsOf(wanted.length > 0 ? wanted : agreed ? [agreed.key] : [], readBy);
      offered = [];
      if (formats.length === 0) return undefined;
      const opened = await open();
      if (!opened) return undefined;
      offered = formats;
      for (const { payloadType, key } of formats) named.set(payloadType, key);
      return { formats, direction, port: opened.port, crypto: isProtected ? keys.offered() : [] };
    },
    accept(answer, signalledFrom) {
      learn(
        offered.map(({ key }) => key),
        answer?.formats ?? [],
      );
      // Its first is what it sends (RFC 3264 §6.1).
      const theirs = answer?.formats.find(({ key }) => offered.some((ours) => ours.key === key));
      if (!answer || !theirs) return end();
      keys.accept(answer.crypto);
      reach(answer, theirs, signalledFrom);
    },
    refused() {
      learn(
        offered.map(({ key }) => key).filter((key) => key !== lane.format?.key),
        [],
      );
      if (!lane.format) end();
    },
    decline(offer) {
      if (offer) learn(VIDEO_KEYS, offer.formats);
      end();
    },
    place() {
      const { address, port } = remote ?? {};
      if (!socket || address === undefined || port === undefined) return undefined;
      return { local: { address: network.advertise, port: socket.port }, remote: { address, port } };
    },
    close() {
      closed = true;
      lane.close();
      end();
    },
  };
}
