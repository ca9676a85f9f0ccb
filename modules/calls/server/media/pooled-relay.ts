import { isFields, MAX_SDP_CHARACTERS, type RelayRequest } from './ipc.ts';
import type {
  Agreed,
  AnswerOptions,
  CodecName,
  CodecOptions,
  EndId,
  EndState,
  KeyPressed,
  MediaLog,
  Relay,
  RelayReport,
  RelayStats,
  RtpOfferOptions,
  ServiceProgram,
  WatchedPackets,
  WebrtcAnswer,
} from './media.ts';
import type { MediaChild } from './media-child.ts';
import { MediaError } from './media-error.ts';

/** What the process answers is ours, but a version that differs must not be trusted blindly. */
function fields(value: unknown, ...names: string[]): Record<string, unknown> {
  if (isFields(value) && names.every((name) => name in value)) return value;
  throw new MediaError('internal', 'The media process gave an answer that does not read');
}

const preferred = (given?: CodecOptions) => (given?.codecs ? { codecs: [...given.codecs] } : {});

const gone = {
  closed: { code: 'closed', message: 'The relay is closed' },
  lost: { code: 'lost', message: 'The media process ended' },
  notOpen: { code: 'closed', message: 'The relay is not open' },
} as const;

/** A relay that lives in a process of the pool. Thousands stand at a time: of a class, so that each is a few fields. */
export class PooledRelay implements Relay {
  readonly id: string;
  readonly keepsOrder = true;
  readonly #pool: { readonly log: MediaLog; forget(): void };
  #child: MediaChild | undefined;
  /** Why nothing can be asked any more; an error is made for whoever asks, since each takes its stack down. */
  #gone: Pick<MediaError, 'code' | 'message'> | undefined;
  #lostHandlers: (() => void)[] | undefined;
  #stateHandlers: ((end: EndId, state: EndState) => void)[] | undefined;
  #keyHandlers: ((end: EndId, press: KeyPressed) => void)[] | undefined;
  #pictureHandlers: ((end: EndId) => void)[] | undefined;

  constructor(id: string, pool: { readonly log: MediaLog; forget(): void }) {
    this.id = id;
    this.#pool = pool;
  }

  begin(child: MediaChild): void {
    this.#child = child;
    // Not waited for: what is asked next goes in the same message, and is refused where there is no relay.
    child.ask(this.id, { op: 'create' }).catch((error: MediaError) => {
      if (this.#gone || error.code === 'lost') return;
      this.#gone = { code: error.code, message: error.message };
      this.#pool.forget();
    });
  }

  // ── what its process tells ──────────────────────────────────────────────────────────────────────────────────────

  #tell<Told extends unknown[]>(handlers: ((...told: Told) => void)[] | undefined, ...told: Told): void {
    for (const handler of handlers ?? []) {
      try {
        handler(...told);
      } catch (error) {
        this.#pool.log.error({ error: String(error) }, 'a handler of a relay failed');
      }
    }
  }

  lost(): void {
    this.#gone = gone.lost;
    this.#tell(this.#lostHandlers);
  }

  endState(end: EndId, state: EndState): void {
    this.#tell(this.#stateHandlers, end, state);
  }

  key(end: EndId, press: KeyPressed): void {
    this.#tell(this.#keyHandlers, end, press);
  }

  pictureWanted(end: EndId): void {
    this.#tell(this.#pictureHandlers, end);
  }

  onLost(handler: () => void): void {
    if (this.#gone?.code === 'lost') handler();
    else this.#lostHandlers = [...(this.#lostHandlers ?? []), handler];
  }

  onEndState(handler: (end: EndId, state: EndState) => void): void {
    this.#stateHandlers = [...(this.#stateHandlers ?? []), handler];
  }

  onKey(handler: (end: EndId, press: KeyPressed) => void): void {
    this.#keyHandlers = [...(this.#keyHandlers ?? []), handler];
  }

  onPictureWanted(handler: (end: EndId) => void): void {
    this.#pictureHandlers = [...(this.#pictureHandlers ?? []), handler];
  }

  // ── what it is asked ────────────────────────────────────────────────────────────────────────────────────────────

  #ask(request: RelayRequest): Promise<unknown> {
    if (this.#gone || !this.#child) {
      const { code, message } = this.#gone ?? gone.notOpen;
      return Promise.reject(new MediaError(code, message));
    }
    if ('sdp' in request && request.sdp.length > MAX_SDP_CHARACTERS)
      return Promise.reject(new MediaError('bad-sdp', 'The SDP is too large'));
    return this.#child.ask(this.id, request);
  }

  async webrtcAnswer(end: EndId, sdp: string, given?: AnswerOptions): Promise<WebrtcAnswer> {
    const match = given?.with === undefined ? {} : { with: given.with };
    const result = fields(
      await this.#ask({ op: 'webrtc-answer', end, sdp, ...preferred(given), ...match }),
      'answer',
      'codec',
    );
    return result as unknown as WebrtcAnswer;
  }

  async webrtcOffer(
    end: EndId,
    given?: CodecOptions & Pick<RtpOfferOptions, 'video' | 'readBy'>,
  ): Promise<{ offer: string }> {
    const video = given?.video ? { video: [...given.video] } : {};
    const asked = await this.#ask({
      op: 'webrtc-offer',
      end,
      ...preferred(given),
      ...video,
      ...(given?.readBy ? { readBy: given.readBy } : {}),
    });
    return fields(asked, 'offer') as { offer: string };
  }

  async webrtcAccept(end: EndId, sdp: string): Promise<{ codec: CodecName }> {
    return fields(await this.#ask({ op: 'webrtc-accept', end, sdp }), 'codec') as { codec: CodecName };
  }

  async rtpOffer(end: EndId, given?: RtpOfferOptions): Promise<{ offer: string }> {
    const asked = await this.#ask({
      op: 'rtp-offer',
      end,
      ...preferred(given),
      ...(given?.srtp ? { srtp: given.srtp } : {}),
      ...(given?.video ? { video: [...given.video] } : {}),
      ...(given?.match ? { match: given.match } : {}),
      ...(given?.readBy ? { readBy: given.readBy } : {}),
    });
    return fields(asked, 'offer') as { offer: string };
  }

  async rtpAccept(end: EndId, sdp: string, from: string): Promise<Agreed> {
    return fields(await this.#ask({ op: 'rtp-accept', end, sdp, from }), 'codec') as unknown as Agreed;
  }

  async rtpRefused(end: EndId): Promise<void> {
    await this.#ask({ op: 'rtp-refused', end });
  }

  async rtpAnswer(
    end: EndId,
    sdp: string,
    from: string,
    given?: CodecOptions,
  ): Promise<{ answer: string } & Agreed> {
    const asked = await this.#ask({ op: 'rtp-answer', end, sdp, from, ...preferred(given) });
    return fields(asked, 'answer', 'codec') as unknown as { answer: string } & Agreed;
  }

  async connect(x: EndId, y: EndId): Promise<{ codec?: CodecName; renegotiate: EndId[] }> {
    const result = fields(await this.#ask({ op: 'connect', end: x, to: y }), 'renegotiate');
    return result as { codec?: CodecName; renegotiate: EndId[] };
  }

  async hold(end: EndId, held: boolean): Promise<void> {
    await this.#ask({ op: 'hold', end, held });
  }

  async pressKey(end: EndId, key: string, durationMs: number): Promise<void> {
    await this.#ask({ op: 'press-key', end, key, durationMs });
  }

  async askForPicture(end: EndId): Promise<void> {
    await this.#ask({ op: 'ask-for-picture', end });
  }

  async serve(end: EndId, program: ServiceProgram): Promise<void> {
    await this.#ask({ op: 'serve', end, program });
  }

  async removeEnd(end: EndId): Promise<void> {
    await this.#ask({ op: 'remove-end', end });
  }

  async stats(): Promise<RelayStats> {
    return fields(await this.#ask({ op: 'stats' }), 'ends') as unknown as RelayStats;
  }

  async headers(): Promise<WatchedPackets> {
    const asked = await this.#ask({ op: 'headers' });
    return fields(asked, 'packets', 'places', 'missed') as unknown as WatchedPackets;
  }

  async close(): Promise<RelayReport> {
    if (this.#gone || !this.#child) return { ends: [] };
    this.#gone = gone.closed;
    this.#pool.forget();
    try {
      return fields(await this.#child.ask(this.id, { op: 'close' }), 'ends') as unknown as RelayReport;
    } catch (error) {
      if (error instanceof MediaError && error.code === 'lost') return { ends: [] };
      throw error;
    }
  }
}
