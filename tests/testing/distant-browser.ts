import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, connect as openTcp, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { openChromium, profileOf } from './chromium.ts';
import type { Home } from './networks.ts';
import { cookiesOf } from './stage.ts';
import type { Member } from './suite.ts';

/** Debian's Chromium at the place of a home's device. */
export interface DistantBrowser {
  /** A page of somebody who is signed in, at the suite under `http://localhost`, which makes it a secure context. */
  page(member: Member, url: string): Promise<DistantPage>;
  close(): Promise<void>;
}

export interface DistantPage {
  readonly page: Page;
  /** Loads the page of the telephone anew and waits for its line. */
  open(): Promise<void>;
  dial(whom: string): Promise<void>;
  /** Peer connections that are made from now on use TURN servers only, or everything again. */
  relayOnly(only: boolean): Promise<void>;
  /** How the newest peer connection reaches the other side; undefined while it does not. */
  path(): Promise<MediaPath | undefined>;
}

/** The selected pair, in the words of the WebRTC statistics. */
export interface MediaPath {
  /** `host`, `srflx`, `prflx` or `relay` of this side. */
  readonly type: string;
  readonly protocol: string;
  /** How it reaches its TURN server: `udp`, `tcp` or `tls`. */
  readonly relayProtocol: string | undefined;
  readonly remotePort: number;
  /** Where the other side sees this one; not told for every type. */
  readonly seenAt: string | undefined;
}

/** Whoever opens it closes it, before its network. */
export async function openDistantBrowser(
  home: Home,
  serverAddress: string,
  microphoneHz: number,
  /** Of servers whose certificate it trusts, as `publicKeyPin` of a TURN server. */
  trusts: readonly string[] = [],
): Promise<DistantBrowser> {
  const folder = await mkdtemp(join(tmpdir(), 'liaison-distant-'));
  const executable = join(folder, 'chromium');
  await writeFile(
    executable,
    `#!/bin/sh\nexec ${home.enter.join(' ')} ${process.env.CHROMIUM_PATH ?? '/usr/bin/chromium'} "$@"\n`,
  );
  await chmod(executable, 0o755);
  let browser: Browser;
  try {
    browser = await openChromium({
      executable,
      microphoneHz,
      flags: [
        '--autoplay-policy=no-user-gesture-required',
        `--host-resolver-rules=MAP localhost ${serverAddress}`,
        ...(trusts.length > 0 ? [`--ignore-certificate-errors-spki-list=${trusts.join()}`] : []),
      ],
    });
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  return {
    async page(member, url) {
      const context = await profileOf(
        browser,
        { cookies: cookiesOf(member, url) },
        { permissions: ['microphone', 'notifications'] },
      );
      await context.addInitScript(watchPeers);
      const page = await context.newPage();
      const said: string[] = [];
      page.on('console', (message) => {
        if (message.type() === 'error') said.push(message.text());
      });
      async function open() {
        await page.goto(`${url}/phone`);
        // Her own state in the bar says that the page has its line.
        await page.getByText('Free', { exact: true }).first().waitFor();
      }
      await open();
      return {
        page,
        open,
        async dial(whom) {
          const field = page.getByLabel('Whom to call').first();
          try {
            await field.fill(whom);
          } catch (error) {
            const shown = await page.getByRole('main').ariaSnapshot();
            throw new Error(`the page said: ${said.join('\n')}\nand shows: ${shown}`, { cause: error });
          }
          await page.keyboard.press('Enter');
        },
        relayOnly: (only) =>
          page.evaluate((wanted) => {
            (globalThis as unknown as Watched).relayOnly = wanted;
          }, only),
        path: () => page.evaluate(selectedPath),
      };
    },
    async close() {
      await browser.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

interface Watched {
  relayOnly?: boolean;
  newestPeer?: RTCPeerConnection;
  RTCPeerConnection: typeof RTCPeerConnection;
}

/** Runs in the page, before its own code. */
function watchPeers(): void {
  const watched = globalThis as unknown as Watched;
  watched.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(configuration?: RTCConfiguration) {
      super({ ...configuration, iceTransportPolicy: watched.relayOnly ? 'relay' : 'all' });
      watched.newestPeer = this;
    }
  };
}

/** Runs in the page. */
async function selectedPath(): Promise<MediaPath | undefined> {
  const peer = (globalThis as unknown as Watched).newestPeer;
  if (peer?.connectionState !== 'connected') return undefined;
  const all = await peer.getStats();
  for (const entry of all.values()) {
    if (entry.type !== 'transport' || !entry.selectedCandidatePairId) continue;
    const pair = all.get(entry.selectedCandidatePairId);
    const mine = all.get(pair.localCandidateId);
    const theirs = all.get(pair.remoteCandidateId);
    return {
      type: mine.candidateType,
      protocol: mine.protocol,
      relayProtocol: mine.relayProtocol,
      remotePort: theirs.port,
      seenAt: mine.address,
    };
  }
  return undefined;
}

/** Lets homes reach a TCP port of this machine's loopback under the suite's address. Whoever opens it closes it. */
export async function openToHomes(serverAddress: string, port: number): Promise<{ close(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((outer) => {
    const inner = openTcp(port, '127.0.0.1');
    for (const [from, to] of [
      [outer, inner],
      [inner, outer],
    ] as const) {
      sockets.add(from);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
      from.pipe(to);
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, serverAddress, () => resolve());
  });
  return {
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
