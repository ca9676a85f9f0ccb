import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { energyAt } from '@liaison/rtp/testing';
import { type BrowserContext, chromium, type Page } from 'playwright-core';

/** A page that can be one end of a call: a tone is its microphone, and what it hears can be measured. */
const PAGE = `<!doctype html><meta charset="utf-8"><title>call</title><body><script>
const context = new AudioContext({ sampleRate: 48000 });
async function gathered(pc) {
  await pc.setLocalDescription();
  if (pc.iceGatheringState !== 'complete')
    await new Promise((done) => { pc.onicegatheringstatechange = () => pc.iceGatheringState === 'complete' && done(); });
  return pc.localDescription.sdp;
}
window.offer = async ({ hz, codecs, video }) => {
  await context.resume();
  window.pc?.close();
  const pc = window.pc = new RTCPeerConnection();
  const oscillator = new OscillatorNode(context, { frequency: hz });
  const microphone = new MediaStreamAudioDestinationNode(context);
  oscillator.connect(new GainNode(context, { gain: 0.5 })).connect(microphone);
  oscillator.start();
  window.sender = pc.addTrack(microphone.stream.getAudioTracks()[0], microphone.stream);
  if (video) pc.addTransceiver('video');
  if (codecs) {
    const all = RTCRtpReceiver.getCapabilities('audio').codecs;
    pc.getTransceivers()[0].setCodecPreferences(codecs.flatMap((name) => all.filter((c) => c.mimeType.toLowerCase() === 'audio/' + name.toLowerCase())));
  }
  pc.ontrack = ({ track }) => {
    const stream = new MediaStream([track]);
    const element = new Audio();
    element.srcObject = stream; element.muted = true; element.play();
    window.element = element;
    window.analyser = new AnalyserNode(context, { fftSize: 32768 });
    new MediaStreamAudioSourceNode(context, { mediaStream: stream }).connect(window.analyser);
  };
  return gathered(pc);
};
window.again = (restart) => {
  if (restart) window.pc.restartIce();
  return gathered(window.pc);
};
window.accept = (sdp) => window.pc.setRemoteDescription({ type: 'answer', sdp });
window.heard = () => {
  if (!window.analyser) return [];
  const samples = new Float32Array(window.analyser.fftSize);
  window.analyser.getFloatTimeDomainData(samples);
  return Array.from(samples);
};
window.report = async () => {
  const out = { state: window.pc.connectionState };
  for (const entry of (await window.pc.getStats()).values()) {
    if (entry.type === 'inbound-rtp') Object.assign(out, { received: entry.packetsReceived, lost: entry.packetsLost, concealed: entry.concealedSamples });
    if (entry.type === 'outbound-rtp') out.sent = entry.packetsSent;
    if (entry.type === 'remote-inbound-rtp') out.roundTrip = entry.roundTripTime;
  }
  return out;
};
window.dial = (keys, ms, gap) => { window.sender.dtmf.insertDTMF(keys, ms, gap); };
</script></body>`;

export interface PageReport {
  state: string;
  received?: number;
  lost?: number;
  concealed?: number;
  sent?: number;
  roundTrip?: number;
}

export interface CallPage {
  page: Page;
  /** A new peer connection whose microphone is a tone; gives the whole offer. */
  offer(options: { hz: number; codecs?: string[]; video?: boolean }): Promise<string>;
  /** Offers again on the same peer connection; with new ICE credentials after a change of network. */
  offerAgain(restartIce?: boolean): Promise<string>;
  accept(answer: string): Promise<void>;
  /** Share of the energy at that frequency in the last 0.7 s it heard, 0 to 1. */
  hears(hz: number): Promise<number>;
  report(): Promise<PageReport>;
  dial(keys: string, durationMs: number, gapMs: number): Promise<void>;
}

export interface TestBrowser {
  open(): Promise<CallPage>;
  close(): Promise<void>;
}

/** Debian's chromium, headless, as root too. `close()` ends it. */
export async function openBrowser(): Promise<TestBrowser> {
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html').end(PAGE);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--autoplay-policy=no-user-gesture-required',
      '--allow-loopback-in-peer-connection',
    ],
  });
  const context: BrowserContext = await browser.newContext();

  return {
    async open() {
      const page = await context.newPage();
      await page.goto(`http://127.0.0.1:${port}/`);
      const call = <T>(name: string, ...args: unknown[]) =>
        page.evaluate(
          ([method, given]) =>
            (globalThis as unknown as Record<string, (...all: unknown[]) => unknown>)[method]?.(...given),
          [name, args] as const,
        ) as Promise<T>;
      return {
        page,
        offer: (options) => call('offer', options),
        offerAgain: (restartIce = false) => call('again', restartIce),
        accept: (answer) => call('accept', answer),
        hears: async (hz) => energyAt(hz, Float32Array.from(await call<number[]>('heard')), 48000),
        report: () => call('report'),
        dial: (keys, durationMs, gapMs) => call('dial', keys, durationMs, gapMs),
      };
    },
    async close() {
      await browser.close();
      server.close();
    },
  };
}
