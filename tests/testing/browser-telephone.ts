import { once } from 'node:events';
import { createRequire } from 'node:module';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { createServer } from 'node:tls';
import { createCertificate } from '@liaison/sip/testing';
import type { Browser, Page } from 'playwright-core';
import { build } from 'vite';
import type { Member } from './suite.ts';
import type { TelephoneLab } from './telephone-lab.ts';

/** JsSIP, as a third party's page would have it: one script that leaves `JsSIP` behind. */
async function jssipScript(): Promise<string> {
  const made = await build({
    configFile: false,
    logLevel: 'error',
    define: { 'process.env.NODE_ENV': '"production"' },
    build: {
      write: false,
      minify: false,
      lib: { entry: createRequire(import.meta.url).resolve('jssip'), formats: ['iife'], name: 'JsSIP' },
    },
  });
  const output = (Array.isArray(made) ? made : [made]).flatMap((each) =>
    'output' in each ? each.output : [],
  );
  const chunk = output.find((each) => each.type === 'chunk');
  if (chunk?.type !== 'chunk') throw new Error('JsSIP could not be put into one script');
  return chunk.code;
}

const pagePath = '/telephone.html';

/** HTTPS before the suite's web server, as an operator's proxy is, that has a page of JsSIP too. Its certificate is nobody's. */
export async function openSecureDoor(lab: TelephoneLab): Promise<{ origin: string; close(): Promise<void> }> {
  const { certificate, key } = createCertificate(['DNS:localhost']);
  const port = Number(new URL(lab.running.url).port);
  const sockets = new Set<Socket>();
  const page = `<!doctype html><audio autoplay></audio><script>${await jssipScript()}</script>`;
  const server = createServer({ cert: certificate, key }, (outer) => {
    sockets.add(outer);
    outer.on('error', () => outer.destroy());
    outer.once('close', () => sockets.delete(outer));
    outer.once('data', (first) => {
      if (first.toString('latin1').startsWith(`GET ${pagePath} `)) {
        const head = 'HTTP/1.1 200 OK\r\ncontent-type: text/html; charset=utf-8\r\nconnection: close\r\n\r\n';
        outer.end(head + page);
        return;
      }
      const inner = connect(port, '127.0.0.1');
      inner.on('error', () => outer.destroy());
      inner.once('close', () => outer.destroy());
      outer.once('close', () => inner.destroy());
      inner.write(first);
      outer.pipe(inner).pipe(outer);
    });
  });
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `https://localhost:${(server.address() as AddressInfo).port}`,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A page with nothing of ours in it: JsSIP, signed in with a telephone's account. */
export interface BrowserTelephone {
  readonly page: Page;
  call(target: string): Promise<void>;
  /** Waits until it rings, and answers. */
  answer(): Promise<void>;
  hold(): Promise<void>;
  resume(): Promise<void>;
  hangUp(): Promise<void>;
  /** What has happened so far, e.g. `registered`, `ringing`, `confirmed`, `ended Terminated`. */
  happened(): Promise<string[]>;
  close(): Promise<void>;
}

export async function openBrowserTelephone(
  lab: TelephoneLab,
  browser: Browser,
  origin: string,
  member: Member,
): Promise<BrowserTelephone> {
  const { username, secret } = await lab.running.telephone(member);
  const context = await browser.newContext({ ignoreHTTPSErrors: true, permissions: ['microphone'] });
  const page = await context.newPage();
  await page.goto(`${origin}${pagePath}`);
  await page.evaluate(startTelephone, { username, secret, domain: lab.domain });
  const happened = () => page.evaluate(() => (window as unknown as TelephoneWindow).telephone.happened);
  return {
    page,
    happened,
    call: (target) =>
      page.evaluate((to) => (window as unknown as TelephoneWindow).telephone.call(to), target),
    async answer() {
      await page.waitForFunction(() =>
        (window as unknown as TelephoneWindow).telephone.happened.includes('ringing'),
      );
      await page.evaluate(() => (window as unknown as TelephoneWindow).telephone.answer());
    },
    hold: () => page.evaluate(() => void (window as unknown as TelephoneWindow).telephone.session?.hold()),
    resume: () =>
      page.evaluate(() => void (window as unknown as TelephoneWindow).telephone.session?.unhold()),
    hangUp: () => page.evaluate(() => (window as unknown as TelephoneWindow).telephone.session?.terminate()),
    close: () => context.close(),
  };
}

interface JsSipSession {
  connection: RTCPeerConnection;
  answer(options: unknown): void;
  hold(): boolean;
  unhold(): boolean;
  terminate(): void;
  on(event: string, heard: (data: { cause?: string; peerconnection?: RTCPeerConnection }) => void): void;
}
interface TelephoneWindow {
  JsSIP: {
    UA: new (
      options: unknown,
    ) => {
      on(event: string, heard: (data: { session: JsSipSession; cause?: string }) => void): void;
      call(target: string, options: unknown): void;
      start(): void;
    };
    WebSocketInterface: new (url: string) => unknown;
  };
  telephone: {
    happened: string[];
    session: JsSipSession | undefined;
    call(target: string): void;
    answer(): void;
  };
}

/** Runs in the page. */
function startTelephone({
  username,
  secret,
  domain,
}: {
  username: string;
  secret: string;
  domain: string;
}): void {
  const here = window as unknown as TelephoneWindow;
  const sound = {
    // Nothing that takes a tone for noise.
    mediaConstraints: {
      audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false },
      video: false,
    },
    pcConfig: { iceServers: [] },
  };
  const agent = new here.JsSIP.UA({
    sockets: [new here.JsSIP.WebSocketInterface(`wss://${location.host}/sip`)],
    uri: `sip:${username}@${domain}`,
    password: secret,
    session_timers: false,
  });
  const telephone: TelephoneWindow['telephone'] = {
    happened: [],
    session: undefined,
    call: (target) => agent.call(target, sound),
    answer: () => telephone.session?.answer(sound),
  };
  here.telephone = telephone;
  const note = (what: string) => void telephone.happened.push(what);
  agent.on('registered', () => note('registered'));
  agent.on('registrationFailed', ({ cause }) => note(`registration failed: ${cause}`));
  agent.on('newRTCSession', ({ session }) => {
    telephone.session = session;
    note(session.connection ? 'calling' : 'ringing');
    const play = (connection: RTCPeerConnection | undefined) =>
      connection?.addEventListener('track', ({ streams, track }) => {
        const audio = document.querySelector('audio');
        if (audio) audio.srcObject = streams[0] ?? new MediaStream([track]);
      });
    play(session.connection);
    session.on('peerconnection', ({ peerconnection }) => play(peerconnection));
    session.on('confirmed', () => note('confirmed'));
    session.on('ended', ({ cause }) => note(`ended ${cause}`));
    session.on('failed', ({ cause }) => note(`failed ${cause}`));
  });
  agent.start();
}
