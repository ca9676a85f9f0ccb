import { watchFrames } from './frame-watch.ts';
import { stopStream } from './microphone.ts';

/** One person's camera sends at most this; pictures of 1280 by 720 are good with it. */
const mostBitsPerSecond = 1_500_000;

/**
 * What is seen in one call. Every round offers video from the start and sends nothing by it, so that a camera is switched
 * on and off without a new agreement: the sound never waits for a picture, and where video cannot be agreed there is
 * none.
 *
 * Whoever makes it closes it; that stops the camera too.
 */
export interface CallPictures {
  /** What this page shows; null while the camera is off. */
  readonly mine: MediaStream | null;
  /** What the other one shows; null as soon as nothing moves. */
  readonly theirs: MediaStream | null;
  /** The other side would take a picture of mine. */
  readonly agreed: boolean;
  /** Before the local description of a round: an offer gets video, an answer takes what is offered. */
  prepare(peer: RTCPeerConnection, role: 'offer' | 'answer', sound: MediaStream): void;
  /** This connection is the one that is heard and seen from now on. */
  see(peer: RTCPeerConnection | null): void;
  /** A connection is closed. */
  forget(peer: RTCPeerConnection): void;
  /** Shows this, or nothing; what was shown before is stopped, and its device free. */
  show(camera: MediaStream | null): void;
  close(): void;
}

export function createCallPictures(options: { changed: () => void }): CallPictures {
  const { changed } = options;
  const lanes = new Map<RTCPeerConnection, RTCRtpTransceiver>();
  let mine: MediaStream | null = null;
  let theirs: MediaStream | null = null;
  let seen: RTCPeerConnection | null = null;
  let stopWatching: (() => void) | null = null;
  let closed = false;

  const myTrack = (): MediaStreamTrack | null => mine?.getVideoTracks()[0] ?? null;

  const isAgreed = (): boolean => {
    const direction = (seen && lanes.get(seen))?.currentDirection;
    return direction === 'sendrecv' || direction === 'sendonly';
  };

  function put(lane: RTCRtpTransceiver): void {
    // Refused by a lane that was closed meanwhile, or that the other side has declined.
    lane.sender.replaceTrack(myTrack()).catch(() => {});
  }

  function watch(lane: RTCRtpTransceiver | undefined): void {
    stopWatching?.();
    stopWatching = null;
    theirs = null;
    if (!lane) return;
    stopWatching = watchFrames(lane.receiver, (moving) => {
      theirs = moving ? new MediaStream([lane.receiver.track]) : null;
      changed();
    });
  }

  function show(camera: MediaStream | null): void {
    if (mine === camera) return;
    if (mine) stopStream(mine);
    mine = camera;
    const track = myTrack();
    // Unplugged, or taken away in the browser's own settings.
    if (track)
      track.onended = () => {
        if (mine === camera) show(null);
      };
    for (const lane of lanes.values()) put(lane);
    if (!closed) changed();
  }

  return {
    get mine() {
      return mine;
    },
    get theirs() {
      return theirs;
    },
    get agreed() {
      return isAgreed();
    },
    prepare(peer, role, sound) {
      const lane =
        role === 'offer'
          ? // In the same stream as the voice: lips and words then arrive together.
            peer.addTransceiver('video', {
              direction: 'sendrecv',
              streams: [sound],
              sendEncodings: [{ maxBitrate: mostBitsPerSecond }],
            })
          : peer.getTransceivers().find(({ receiver }) => receiver.track.kind === 'video');
      // A page of an earlier version offers none.
      if (!lane) return;
      if (role === 'answer') {
        lane.direction = 'sendrecv';
        lane.sender.setStreams?.(sound);
      }
      preferCodecs(lane);
      lanes.set(peer, lane);
      if (mine) put(lane);
    },
    see(peer) {
      seen = peer;
      const lane = peer ? lanes.get(peer) : undefined;
      if (lane) bound(lane.sender);
      watch(lane);
      changed();
    },
    forget(peer) {
      lanes.delete(peer);
      if (seen !== peer) return;
      seen = null;
      watch(undefined);
    },
    show,
    close() {
      closed = true;
      watch(undefined);
      show(null);
      lanes.clear();
    },
  };
}

/** What browsers and video telephones both know, and what mends losses of it. */
function preferCodecs(lane: RTCRtpTransceiver): void {
  const known = RTCRtpReceiver.getCapabilities?.('video')?.codecs ?? [];
  const isWanted = ({ mimeType, sdpFmtpLine = '' }: { mimeType: string; sdpFmtpLine?: string }): boolean =>
    /^video\/(vp8|rtx)$/i.test(mimeType) ||
    (/^video\/h264$/i.test(mimeType) &&
      /packetization-mode=[01]/.test(sdpFmtpLine) &&
      /profile-level-id=42e0/i.test(sdpFmtpLine));
  const wanted = known.filter(isWanted);
  if (!wanted.some(({ mimeType }) => !/rtx/i.test(mimeType))) return;
  try {
    lane.setCodecPreferences(wanted);
  } catch {
    // Without it all that the browser knows is offered.
  }
}

/** Of an answer nothing could be said before; of an offer it is repeated. */
function bound(sender: RTCRtpSender): void {
  const parameters = sender.getParameters();
  const [encoding] = parameters.encodings;
  if (!encoding || encoding.maxBitrate === mostBitsPerSecond) return;
  encoding.maxBitrate = mostBitsPerSecond;
  // Refused by a lane that was closed meanwhile; without a bound of ours the browser finds its own.
  sender.setParameters(parameters).catch(() => {});
}
