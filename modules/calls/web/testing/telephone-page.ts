import { type PageSound, type ProfileOptions, profileOf, soundOf } from '@liaison/tests/chromium';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import type { Actor, Stage } from './stage.ts';

export interface SignedInOptions extends Pick<ProfileOptions, 'scheme' | 'size' | 'serviceWorkers'> {
  /** Refuses the microphone. */
  readonly deaf?: boolean;
  /** Removes the other browser's candidates, as a network does that lets no UDP pass between two browsers. */
  readonly noDirectPath?: boolean;
}

/** A browser profile in which somebody is signed in; pages of it share storage and locks. */
export async function signIn(
  browser: Browser,
  actor: Actor,
  options: SignedInOptions = {},
): Promise<BrowserContext> {
  const context = await profileOf(browser, actor, {
    ...options,
    permissions: options.deaf ? [] : ['microphone'],
  });
  if (options.deaf) await context.addInitScript(refuseMicrophone);
  if (options.noDirectPath) await context.addInitScript(cutDirectPath);
  return context;
}

/* These two run in the page, so each is whole in itself. */
function refuseMicrophone(): void {
  navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', 'NotAllowedError'));
}
function cutDirectPath(): void {
  const { prototype } = RTCPeerConnection;
  const original: (description: RTCSessionDescriptionInit) => Promise<void> = prototype.setRemoteDescription;
  prototype.setRemoteDescription = function (
    this: RTCPeerConnection,
    description: RTCSessionDescriptionInit,
  ) {
    // Chromium's descriptions say so; the relay's do not.
    if (!description.sdp?.includes('ice-options:trickle')) return original.call(this, description);
    return original.call(this, {
      ...description,
      sdp: description.sdp.replace(/^a=candidate:.*\r\n/gm, ''),
    });
  };
}

/** The page's telephone as a person uses it. */
export interface TelephonePage {
  readonly page: Page;
  /** What went wrong in the page, the policy's refusals too. */
  readonly troubles: string[];
  line(): Promise<string | null>;
  /** Waits until the line is in this state. */
  until(state: string): Promise<void>;
  press(name: string | RegExp): Promise<void>;
  /** Rings by the dial field. */
  dial(text: string): Promise<void>;
  /** Waits until a person's card shows a state. */
  sees(name: string, state: string): Promise<void>;
  /** Follows an address inside the page, without a reload. */
  go(path: string): Promise<void>;
  /** The paths of the media rounds that the server opened for this page, in order, each once. */
  paths(): Promise<string[]>;
  /** One look at what is heard now; null before there is a call's sound. */
  hears(hz: number): Promise<PageSound | null>;
}

export async function openTelephonePage(
  context: BrowserContext,
  stage: Stage,
  path = '/phone',
): Promise<TelephonePage> {
  const page = await context.newPage();
  const troubles: string[] = [];
  page.on('pageerror', (error) => troubles.push(error.message));
  page.on('console', (message) => {
    // What is not there yet (a photograph) is said by the browser too.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      troubles.push(message.text());
  });
  const paths: string[] = [];
  page.on('websocket', (socket) => {
    socket.on('framereceived', ({ payload }) => {
      const path = /"name":"calls\.media".*"path":"(\w+)"/.exec(payload.toString())?.[1];
      if (path && paths.at(-1) !== path) paths.push(path);
    });
  });
  page.on('dialog', (dialog) => void dialog.accept().catch(() => {}));
  await page.goto(`${stage.url}${path}`);
  const line = page.locator('[data-line]');
  await line.waitFor({ state: 'attached' });
  return {
    page,
    troubles,
    line: () => line.getAttribute('data-state'),
    async until(state) {
      await page.waitForSelector(`[data-line][data-state="${state}"]`, {
        state: 'attached',
        timeout: 30_000,
      });
    },
    press: (name) => page.getByRole('button', { name }).first().click(),
    async dial(text) {
      const field = page.getByRole('combobox', {
        name: /^(Whom to call|Qui appeler|A quién llamar|A quem ligar)$/,
      });
      await field.fill(text);
      await page.getByRole('option').first().waitFor();
      await field.press('Enter');
    },
    async sees(name, state) {
      await page
        .locator('main button', { hasText: name })
        .locator(`[data-state="${state}"]`)
        .first()
        .waitFor({ state: 'attached', timeout: 30_000 });
    },
    async go(path) {
      await page.evaluate((to) => {
        history.pushState({}, '', to);
        dispatchEvent(new PopStateEvent('popstate'));
      }, path);
      await page.waitForURL(`**${path}`);
    },
    paths: async () => paths,
    hears: (hz) => soundOf(page, hz),
  };
}
