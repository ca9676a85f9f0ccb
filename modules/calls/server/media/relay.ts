import { plainAddress } from '@liaison/rtp';
import {
  CODEC_NAMES,
  type Direction,
  knownCodecs,
  readBrowser,
  readTelephone,
  SdpError,
  type VideoKey,
} from '@liaison/sdp';
import type { MediaEnd } from './end.ts';
import { routeVideo } from './end-video.ts';
import { createHeaderWatch, type HeaderWatch } from './header-watch.ts';
import type {
  Agreed,
  CodecName,
  EndId,
  EndReport,
  EndState,
  EndStats,
  KeyPressed,
  OfferMatch,
  RelayReport,
  RelayStats,
  ServiceProgram,
  SrtpUse,
  WatchedPackets,
  WebrtcAnswer,
} from './media.ts';
import { MediaError } from './media-error.ts';
import { createRtpEnd, type RtpEnd, type RtpNetwork } from './rtp-end.ts';
import { createServiceEnd } from './service-end.ts';
import type { TranscoderBudget } from './transcoder.ts';
import { chooseVideo, levelReadBy, videoToAgree, videoToOffer } from './video-choice.ts';
import { createWebrtcEnd, type WebrtcEnd, type WebrtcNetwork } from './webrtc-end.ts';

/** Ends of one relay: a person's telephones that ring at once, with room to spare. */
const MAX_ENDS = 32;
/** Ends that left and are reported on when the relay closes. */
const MAX_REPORTS = 64;

export interface RelayOptions {
  name: string;
  rtp: RtpNetwork;
  webrtc: WebrtcNetwork;
  transcoders: TranscoderBudget;
  onEndState(end: EndId, state: EndState): void;
  onKey(end: EndId, press: KeyPressed): void;
  onPictureWanted(end: EndId): void;
  onError(error: unknown): void;
}

/** A relay inside the media process; what its methods promise is written in media.ts. */
export interface ProcessRelay {
  webrtcAnswer(id: EndId, offer: string, codecs?: readonly string[], match?: EndId): Promise<WebrtcAnswer>;
  webrtcOffer(
    id: EndId,
    codecs?: readonly string[],
    video?: readonly VideoKey[],
    readBy?: string,
  ): Promise<{ offer: string }>;
  webrtcAccept(id: EndId, answer: string): { codec: CodecName };
  rtpOffer(
    id: EndId,
    codecs?: readonly string[],
    srtp?: SrtpUse,
    video?: readonly VideoKey[],
    match?: OfferMatch,
    readBy?: string,
  ): Promise<{ offer: string }>;
  rtpAccept(id: EndId, answer: string, signalledFrom: string): Agreed;
  rtpRefused(id: EndId): void;
  rtpAnswer(
    id: EndId,
    offer: string,
    signalledFrom: string,
    codecs?: readonly string[],
  ): Promise<{ answer: string } & Agreed>;
  connect(x: EndId, y: EndId): { codec?: CodecName; renegotiate: EndId[] };
  hold(id: EndId, held: boolean): void;
  pressKey(id: EndId, key: string, durationMs: number): void;
  askForPicture(id: EndId): void;
  serve(id: EndId, program: ServiceProgram): Promise<void>;
  removeEnd(id: EndId): void;
  stats(): RelayStats;
  headers(): WatchedPackets;
  /** Reports on every end there was. */
  close(): RelayReport;
  /** Whether any of its ends has had a pipe of native code, a browser's or DTLS of a telephone. */
  hadPipe(): boolean;
}

export function createRelay(options: RelayOptions): ProcessRelay {
  const ends = new Map<EndId, MediaEnd>();
  const peers = new Map<EndId, EndId>();
  const held = new Set<EndId>();
  const reports: EndReport[] = [];
  let headerWatch: HeaderWatch | undefined;
  let closed = false;
  let hadPipe = false;

  const peerOf = (id: EndId): MediaEnd | undefined => ends.get(peers.get(id) ?? '');
  const videoOf = (peer: MediaEnd | undefined) => (peer ? peer.video : 'absent');
  const agreedVideo = ({ video }: MediaEnd): Pick<Agreed, 'video'> =>
    video?.lane.format ? { video: video.lane.format.key } : {};
  const direction = (id: EndId): Direction => (held.has(id) ? 'inactive' : 'sendrecv');

  /** Points every end at whom it speaks to now. An end that hears somebody else is told so. */
  function route() {
    for (const [id, end] of ends) {
      const peerId = peers.get(id);
      const target = peerId === undefined || held.has(id) || held.has(peerId) ? undefined : ends.get(peerId);
      routeVideo(end.video, target?.video);
      if (target === end.target) continue;
      end.target = target;
      target?.interrupt();
    }
  }

  function statsOf(id: EndId, end: MediaEnd): EndStats {
    const peer = peers.get(id);
    return { ...end.stats(), held: held.has(id), ...(peer === undefined ? {} : { peer }) };
  }

  /** Closes an end and keeps what is to be said of it: nothing, when it never carried sound. */
  function finish(id: EndId, end: MediaEnd, stats = statsOf(id, end)) {
    if (stats.received.packets + stats.sent.packets > 0) {
      reports.push({ end: id, durationMs: Math.round(end.ageMs()), ...stats });
      if (reports.length > MAX_REPORTS) reports.shift();
    }
    end.close();
  }

  function place(id: EndId, end: MediaEnd) {
    const before = ends.get(id);
    ends.set(id, end);
    route();
    if (before && before !== end) finish(id, before);
  }

  function isOpen(): void {
    if (closed) throw new MediaError('closed', 'The relay is closed');
  }

  function room(id: EndId) {
    isOpen();
    if (!ends.has(id) && ends.size >= MAX_ENDS)
      throw new MediaError('bad-request', `A relay has at most ${MAX_ENDS} ends`);
  }

  const endOptions = (id: EndId, self: () => MediaEnd | undefined) => ({
    onState(state: EndState) {
      // An end that was replaced has nothing to say any more.
      if (ends.get(id) === self()) options.onEndState(id, state);
    },
    onKey: (key: string, isTaken: boolean) => options.onKey(id, { key, isTaken }),
    onPictureWanted: () => options.onPictureWanted(id),
    saw(what: 'audio' | 'video', direction: 'in' | 'out', datagram: Buffer) {
      headerWatch?.saw(id, what, direction, datagram);
      if (headerWatch?.isOver) headerWatch = undefined;
    },
    onError: options.onError,
    onPipe() {
      hadPipe = true;
    },
    transcoders: options.transcoders,
  });

  /** A transcoder for each direction. */
  const canTranscode = () => options.transcoders.free >= 2;

  /** What an end speaks, or may come to speak. */
  const spokenBy = (end: MediaEnd | undefined): readonly CodecName[] =>
    end?.codec ? [end.codec] : (end?.offered ?? []);

  /** In order of preference, what may be answered: what the peer speaks, when that is known, before what is transcoded. */
  function allowed(peer: MediaEnd | undefined, preferred: readonly CodecName[]): CodecName[] {
    const spoken = spokenBy(peer);
    if (spoken.length === 0) return [...preferred];
    const shared = peer?.codec ? [peer.codec] : preferred.filter((name) => spoken.includes(name));
    return canTranscode() ? [...new Set([...shared, ...preferred])] : shared;
  }

  /** In order of preference, what may be offered to this end. */
  function offerable(id: EndId, codecs: readonly string[] | undefined): CodecName[] {
    const peer = peerOf(id);
    const current = ends.get(id)?.codec;
    const wanted = codecs
      ? knownCodecs(codecs)
      : current
        ? [current]
        : peer && peer.offered.length > 0
          ? canTranscode()
            ? [...new Set([...peer.offered, ...CODEC_NAMES])]
            : [...peer.offered]
          : [...CODEC_NAMES];
    // What the peer already sends comes first: then nothing has to be negotiated again.
    const first = peer?.codec;
    const names =
      first && wanted.includes(first) ? [first, ...wanted.filter((name) => name !== first)] : wanted;
    if (names.length === 0)
      throw new SdpError('no-common-codec', 'Nothing to offer: no codec of ours is wanted');
    return names;
  }

  /** The peer's before its own, for an end that talks already. */
  function matching(id: EndId): CodecName[] {
    const current = ends.get(id)?.codec;
    if (!current) return offerable(id, undefined);
    return [...new Set([...spokenBy(peerOf(id)), current])];
  }

  function webrtcEnd(id: EndId): WebrtcEnd {
    let made: WebrtcEnd | undefined;
    hadPipe = true;
    made = createWebrtcEnd(
      `${options.name}/${id}`,
      options.webrtc,
      endOptions(id, () => made),
    );
    return made;
  }

  async function rtpEnd(id: EndId): Promise<RtpEnd> {
    room(id);
    const existing = ends.get(id);
    if (existing?.kind === 'rtp') return existing as RtpEnd;
    let made: RtpEnd | undefined;
    made = await createRtpEnd(
      options.rtp,
      endOptions(id, () => made),
    );
    return made;
  }

  /** Keeps a new end only when what it was made for went well, and nobody closed the relay meanwhile. */
  function keeping<T>(id: EndId, end: MediaEnd, use: () => T): T {
    try {
      isOpen();
      const result = use();
      place(id, end);
      return result;
    } catch (error) {
      if (ends.get(id) !== end) end.close();
      throw error;
    }
  }

  async function keepingSoon<T>(id: EndId, end: MediaEnd, result: Promise<T>): Promise<T> {
    try {
      const settled = await result;
      return keeping(id, end, () => settled);
    } catch (error) {
      if (ends.get(id) !== end) end.close();
      throw error;
    }
  }

  return {
    async webrtcAnswer(id, sdp, codecs, match) {
      room(id);
      const offer = readBrowser(sdp);
      const own = offer.codecs.map((codec) => codec.name);
      const peer = match === undefined ? peerOf(id) : ends.get(match);
      const names = allowed(peer, codecs ? knownCodecs(codecs) : own);
      const ptimeMs = peer?.ptimeMs;
      // Pages offer video in every round, so one that has refused it with somebody else takes it now.
      const seen = chooseVideo(offer.video, videoOf(peer), peer?.kind === 'webrtc');
      const existing = ends.get(id);
      if (existing?.kind === 'webrtc' && (existing as WebrtcEnd).continues(offer))
        return await (existing as WebrtcEnd).answer(offer, names, ptimeMs, seen);
      const end = webrtcEnd(id);
      return await keepingSoon(id, end, end.answer(offer, names, ptimeMs, seen));
    },

    async webrtcOffer(id, codecs, video = [], readBy) {
      room(id);
      const names = offerable(id, codecs);
      const existing = ends.get(id);
      const end = existing?.kind === 'webrtc' ? (existing as WebrtcEnd) : webrtcEnd(id);
      const peer = peerOf(id);
      const agreed = end.video.lane.format?.key;
      const offer = end.offer(names, {
        direction: direction(id),
        ptimeMs: peer?.ptimeMs,
        video,
        ...(readBy === undefined ? {} : { readBy }),
        ...(agreed === undefined ? {} : levelReadBy(peer?.video, agreed)),
      });
      return { offer: await keepingSoon(id, end, offer) };
    },

    webrtcAccept(id, sdp) {
      isOpen();
      const end = ends.get(id);
      if (end?.kind !== 'webrtc') throw new MediaError('unknown-end', `No browser end "${id}"`);
      return { codec: (end as WebrtcEnd).accept(readBrowser(sdp), spokenBy(peerOf(id))) };
    },

    async rtpOffer(id, codecs, srtp = 'never', video = [], match, readBy) {
      if (match && ends.get(id)?.kind === 'webrtc')
        throw new MediaError('bad-request', 'A browser is offered as a browser');
      const peer = peerOf(id);
      const names = match && !codecs ? matching(id) : offerable(id, codecs);
      const end = await rtpEnd(id);
      const shown = match ? videoToOffer(end.video, peer?.video, match === 'wished') : video;
      const agreed = shown[0] ?? end.video.lane.format?.key;
      const offer = end.offer(names, {
        direction: direction(id),
        ptimeMs: peer?.ptimeMs,
        srtp,
        video: shown,
        ...(readBy === undefined ? {} : { readBy }),
        ...(agreed === undefined ? {} : levelReadBy(peer?.video, agreed)),
        comfortNoise: peer?.takesNoise ?? false,
      });
      return { offer: await keepingSoon(id, end, offer) };
    },

    rtpAccept(id, sdp, signalledFrom) {
      isOpen();
      const end = ends.get(id);
      if (end?.kind !== 'rtp') throw new MediaError('unknown-end', `No telephone end "${id}"`);
      const preferred = spokenBy(peerOf(id));
      const codec = (end as RtpEnd).accept(readTelephone(sdp), plainAddress(signalledFrom), preferred);
      return { codec, ...agreedVideo(end) };
    },

    rtpRefused(id) {
      const end = ends.get(id);
      if (end?.kind === 'rtp') (end as RtpEnd).refused();
    },

    async rtpAnswer(id, sdp, signalledFrom, codecs) {
      const offer = readTelephone(sdp);
      const peer = peerOf(id);
      const names = allowed(peer, codecs ? knownCodecs(codecs) : offer.codecs.map((codec) => codec.name));
      const end = await rtpEnd(id);
      const how = { direction: direction(id), ptimeMs: peer?.ptimeMs };
      const seen = chooseVideo(offer.video, videoOf(peer), true);
      const answered = end.answer(offer, plainAddress(signalledFrom), names, how, seen);
      return { ...(await keepingSoon(id, end, answered)), ...agreedVideo(end) };
    },

    connect(x, y) {
      isOpen();
      if (x === y) throw new MediaError('bad-request', 'An end is not connected to itself');
      const one = ends.get(x);
      const other = ends.get(y);
      const renegotiate: EndId[] = [];
      let codec = one?.codec ?? other?.codec;
      if (one?.codec && other?.codec && one.codec !== other.codec) {
        // One of them changes, if it can: a browser does that without ringing anybody. Meanwhile it is transcoded.
        const candidates: [EndId, MediaEnd, CodecName][] = [
          [x, one, other.codec],
          [y, other, one.codec],
        ];
        candidates.sort(([, a], [, b]) => Number(b.kind === 'webrtc') - Number(a.kind === 'webrtc'));
        const found = candidates.find(([, end, wanted]) => end.offered.includes(wanted));
        if (!found && !canTranscode())
          throw new MediaError('no-common-codec', `"${x}" and "${y}" share no codec`);
        if (found) renegotiate.push(found[0]);
        codec = found?.[2];
      } else if (one && other && !codec) {
        const both = one.offered.length > 0 && other.offered.length > 0;
        if (both && !canTranscode() && !one.offered.some((name) => other.offered.includes(name)))
          throw new MediaError('no-common-codec', `"${x}" and "${y}" share no codec`);
      }
      for (const id of [x, y]) {
        const before = peers.get(id);
        if (before !== undefined) peers.delete(before);
      }
      peers.set(x, y);
      peers.set(y, x);
      route();
      // A browser changes without ringing anybody, so what the telephone has agreed on comes first.
      const [first, second] = one?.kind === 'webrtc' ? [other, one] : [one, other];
      const unseen = videoToAgree(first?.video, second?.video);
      for (const [id, end] of [
        [x, one],
        [y, other],
      ] as const)
        if (end?.video && unseen.includes(end.video) && !renegotiate.includes(id)) renegotiate.push(id);
      return codec ? { codec, renegotiate } : { renegotiate };
    },

    hold(id, hold) {
      isOpen();
      if (hold) held.add(id);
      else held.delete(id);
      route();
    },

    pressKey(id, key, durationMs) {
      isOpen();
      const target = ends.get(id)?.target;
      // Held or alone: nobody is there to be told.
      if (target) options.onKey(id, { key, isTaken: target.pressKey(key, durationMs) });
    },

    askForPicture(id) {
      isOpen();
      // What this end sends goes to its target; what it sees comes from there.
      ends.get(id)?.video?.lane.target?.askForKeyFrame();
    },

    serve(id, program) {
      room(id);
      let made: ReturnType<typeof createServiceEnd> | undefined;
      made = createServiceEnd(
        program,
        endOptions(id, () => made),
      );
      place(id, made);
      return made.played;
    },

    removeEnd(id) {
      const end = ends.get(id);
      const stats = end && statsOf(id, end);
      ends.delete(id);
      held.delete(id);
      const peer = peers.get(id);
      peers.delete(id);
      if (peer !== undefined) peers.delete(peer);
      route();
      if (end) finish(id, end, stats);
    },

    stats() {
      return { ends: Object.fromEntries([...ends].map(([id, end]) => [id, statsOf(id, end)])) };
    },

    headers() {
      isOpen();
      headerWatch ??= createHeaderWatch();
      return headerWatch.take((id, what) => ends.get(id)?.placeOf?.(what));
    },

    close() {
      if (closed) return { ends: [] };
      closed = true;
      for (const [id, end] of ends) finish(id, end);
      ends.clear();
      peers.clear();
      held.clear();
      return { ends: reports };
    },

    hadPipe: () => hadPipe,
  };
}
