import { NoPortFreeError, openRtpSocket, type RtpSocket } from '@liaison/rtp';
import {
  answerDirection,
  type Direction,
  type LocalTelephoneVideo,
  offeredVideoFormats,
  type TelephoneVideo,
  type VideoFormat,
  type VideoKey,
} from '@liaison/sdp';
import { createEndKeys } from './end-keys.ts';
import type { EndVideo } from './end-video.ts';
import type { RtpNetwork } from './rtp-end.ts';
import { createVideoLane } from './video-lane.ts';

type OfferedVideo = Omit<LocalTelephoneVideo, 'format' | 'ssrc'> & { formats: readonly VideoFormat[] };

/**
 * The video of a telephone: a pair of ports of its own, opened when it is first agreed, latched and protected by the rules
 * of its sound. Whatever goes wrong with it leaves the sound as it is.
 */
export interface RtpVideo extends EndVideo {
  /** Answers an offer with this format of it; `undefined`: refuse the line, there is no port. */
  answer(
    offer: TelephoneVideo,
    format: VideoFormat,
    signalledFrom: string,
    wanted: Direction,
  ): Promise<LocalTelephoneVideo | undefined>;
  /** What we offer: these, or what is agreed already; `undefined`: nothing, or no port. */
  offer(
    keys: readonly VideoKey[],
    how: { direction: Direction; isProtected: boolean },
  ): Promise<OfferedVideo | undefined>;
  /** The answer to that; without one there is no video any more. */
  accept(answer: TelephoneVideo | undefined, signalledFrom: string): void;
  close(): void;
}

export function createRtpVideo(
  network: RtpNetwork,
  cname: string,
  onError: (error: unknown) => void,
): RtpVideo {
  const keys = createEndKeys();
  let socket: RtpSocket | undefined;
  let remote: TelephoneVideo | undefined;
  let offered: readonly VideoFormat[] = [];
  let closed = false;

  const lane = createVideoLane(
    {
      canPlay: () =>
        socket?.canSend() === true && remote?.direction !== 'sendonly' && remote?.direction !== 'inactive',
      send: (datagram) => socket?.send(datagram) ?? false,
      sendRtcp: (datagram) => void socket?.sendRtcp(datagram),
      onError,
    },
    cname,
  );

  async function open(): Promise<RtpSocket | undefined> {
    if (socket) return socket;
    try {
      const made = await openRtpSocket({
        ports: network.ports,
        bind: network.bind,
        onRtp: (datagram) => lane.receive(datagram),
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

  function end(): void {
    lane.agree(undefined);
    remote = undefined;
    socket?.close();
    socket = undefined;
  }

  function reach(video: TelephoneVideo, format: VideoFormat, from: string): void {
    remote = video;
    lane.agree(format);
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
    async answer(offer, format, signalledFrom, wanted) {
      const opened = await open();
      if (!opened) return undefined;
      const crypto = keys.answer(offer.crypto);
      reach(offer, format, signalledFrom);
      const direction = answerDirection(offer.direction, wanted);
      return { format, direction, ssrc: lane.ssrc, port: opened.port, crypto };
    },
    async offer(wanted, { direction, isProtected }) {
      const agreed = lane.format;
      const formats = agreed ? [agreed] : offeredVideoFormats(wanted);
      if (formats.length === 0) return undefined;
      const opened = await open();
      if (!opened) return undefined;
      offered = formats;
      return { formats, direction, port: opened.port, crypto: isProtected ? keys.offered() : [] };
    },
    accept(answer, signalledFrom) {
      // Its first is what it sends (RFC 3264 §6.1).
      const theirs = answer?.formats.find(({ key }) => offered.some((ours) => ours.key === key));
      if (!answer || !theirs) return end();
      keys.accept(answer.crypto);
      reach(answer, theirs, signalledFrom);
    },
    close() {
      closed = true;
      lane.close();
      end();
    },
  };
}
