import type { Page } from 'playwright-core';

/** What a page plays of a call, over the last moment. */
export interface PageSound {
  /** Share of the energy at the frequency that was asked about, 0 to 1, over a third of a second. */
  readonly share: number;
  /** How loud it is (root mean square), over two thirds of a second; 0 while it is muted. */
  readonly level: number;
  /** For how long this track was listened to, in milliseconds: what came before counts as silence. */
  readonly listenedMs: number;
}

/** So long a page must have been listened to before its `share` or its `level` says that something is not there. */
export const listenedForShareMs = 400;
export const listenedForLevelMs = 750;

/**
 * One look at what a page plays, which takes no time: each track is listened to from the first look at it on. Null while
 * there is nothing to play.
 */
export const soundOf = (page: Page, hz: number): Promise<PageSound | null> => page.evaluate(look, hz);

/** Runs in the page. */
async function look(hz: number): Promise<PageSound | null> {
  interface Ear {
    readonly share: AnalyserNode;
    readonly level: AnalyserNode;
    readonly source: MediaStreamAudioSourceNode;
    readonly since: number;
  }
  const page = globalThis as unknown as {
    testContext?: AudioContext;
    testEars?: WeakMap<MediaStreamTrack, Ear>;
  };
  const trackOf = ({ srcObject }: HTMLAudioElement): MediaStreamTrack | undefined =>
    srcObject instanceof MediaStream ? srcObject.getAudioTracks()[0] : undefined;

  const all = [...document.querySelectorAll('audio')];
  const calls = all.filter((each) => each.dataset.callSound !== undefined);
  const playing = (calls.length > 0 ? calls : all).filter(trackOf);
  // Of two calls the one that is not on hold.
  const element = playing.find((each) => !each.muted) ?? playing[0];
  const track = element && trackOf(element);
  if (!element || !track) return null;

  page.testContext ??= new AudioContext({ sampleRate: 48_000 });
  page.testEars ??= new WeakMap();
  const context = page.testContext;
  if (context.state !== 'running') await context.resume();
  let ear = page.testEars.get(track);
  if (!ear) {
    const source = new MediaStreamAudioSourceNode(context, { mediaStream: new MediaStream([track]) });
    ear = {
      source,
      share: new AnalyserNode(context, { fftSize: 16_384, smoothingTimeConstant: 0 }),
      level: new AnalyserNode(context, { fftSize: 32_768 }),
      since: context.currentTime,
    };
    source.connect(ear.share);
    source.connect(ear.level);
    page.testEars.set(track, ear);
  }

  const bins = new Float32Array(ear.share.frequencyBinCount);
  ear.share.getFloatFrequencyData(bins);
  const at = Math.round((hz * ear.share.fftSize) / context.sampleRate);
  let near = 0;
  let total = 0;
  for (let bin = 1; bin < bins.length; bin++) {
    const energy = 10 ** (bins[bin]! / 10);
    total += energy;
    // 25 Hz to either side: what evens out late packets stretches a tone.
    if (Math.abs(bin - at) <= 8) near += energy;
  }
  const samples = new Float32Array(ear.level.fftSize);
  ear.level.getFloatTimeDomainData(samples);
  const level = Math.sqrt(samples.reduce((sum, value) => sum + value * value, 0) / samples.length);
  return {
    share: total < 1e-9 ? 0 : near / total,
    level: element.muted ? 0 : level,
    listenedMs: (context.currentTime - ear.since) * 1000,
  };
}

/** How much of what a page plays now is at `hz` (0 to 1): as soon as there is enough to look at. */
export async function shareOf(page: Page, hz: number): Promise<number> {
  for (const end = Date.now() + 10_000; Date.now() < end; ) {
    const sound = await soundOf(page, hz);
    if (!sound) return 0;
    if (sound.listenedMs >= listenedForShareMs) return sound.share;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('what the page plays could not be listened to');
}
