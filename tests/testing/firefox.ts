import { spawn } from 'node:child_process';
import { accessSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectBidi } from './bidi.ts';
import { until } from './program.ts';
import { cookiesOf } from './stage.ts';
import type { Member } from './suite.ts';

const program = process.env.FIREFOX_PATH ?? '/usr/bin/firefox-esr';

/** Debian's Firefox with one tab, driven over WebDriver BiDi. Whoever opens it closes it. */
export interface Firefox {
  /** Signs somebody in and opens the page of the telephone; resolves when it has its line. */
  signIn(member: Member, url: string): Promise<void>;
  /** Runs there and answers what it returns; JSON goes in and out. A promise is awaited. */
  evaluate<A extends unknown[], R>(run: (...given: A) => R | Promise<R>, ...given: A): Promise<R>;
  /** Clicks the button with exactly that accessible name, once it is there. */
  press(name: string): Promise<void>;
  /** Types into the field whose label or name begins so, and ends with Enter. */
  type(label: string, text: string): Promise<void>;
  /** How much of what the page plays is at `hz`, 0 to 1; takes a good second. */
  playedAt(hz: number): Promise<number>;
  close(): Promise<void>;
}

export function isFirefoxInstalled(): boolean {
  try {
    accessSync(program);
    return true;
  } catch {
    return false;
  }
}

/** What its microphone hears is a tone of `microphoneHz`; it asks nobody for anything. */
const preferences = (microphoneHz: number): Record<string, string | number | boolean> => ({
  'media.navigator.streams.fake': true,
  'media.navigator.audio.fake_frequency': microphoneHz,
  'media.navigator.permission.disabled': true,
  'permissions.default.microphone': 1,
  'permissions.default.desktop-notification': 1,
  'media.autoplay.default': 0,
  'media.autoplay.blocking_policy': 0,
  // The suite of a test has no other address than the loopback's.
  'media.peerconnection.ice.loopback': true,
  'media.peerconnection.ice.obfuscate_host_addresses': false,
  // A steady tone is noise to it.
  'media.getusermedia.audio.processing.platform.enabled': false,
  'media.getusermedia.audio.processing.noise.enabled': false,
  'media.getusermedia.audio.processing.aec.enabled': false,
  'media.getusermedia.audio.processing.agc.enabled': false,
  'browser.shell.checkDefaultBrowser': false,
  'browser.startup.page': 0,
  'browser.aboutwelcome.enabled': false,
  'datareporting.policy.dataSubmissionEnabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'app.normandy.enabled': false,
  'extensions.update.enabled': false,
  'intl.locale.requested': 'en-GB',
  'intl.accept_languages': 'en-GB, en',
});

export async function openFirefox({ microphoneHz }: { microphoneHz: number }): Promise<Firefox> {
  const folder = await mkdtemp(join(tmpdir(), 'liaison-firefox-'));
  const lines = Object.entries(preferences(microphoneHz)).map(
    ([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});`,
  );
  await writeFile(join(folder, 'user.js'), `${lines.join('\n')}\n`);
  const child = spawn(
    program,
    ['--headless', '--no-remote', '--profile', folder, '--remote-debugging-port', '0', 'about:blank'],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, HOME: folder, MOZ_CRASHREPORTER_DISABLE: '1' },
    },
  );
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-20_000);
  });
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  async function end() {
    child.kill('SIGTERM');
    const cut = setTimeout(() => child.kill('SIGKILL'), 5000);
    await exited;
    clearTimeout(cut);
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }

  try {
    const address = await until(
      () => /WebDriver BiDi listening on (ws:\/\/\S+)/.exec(said)?.[1],
      'Firefox listens',
      60_000,
    );
    const bidi = await connectBidi(address);
    await bidi.send('session.new', { capabilities: {} });
    const tree = (await bidi.send('browsingContext.getTree', {})) as { contexts: { context: string }[] };
    const context = tree.contexts[0]?.context ?? '';
    const navigate = (url: string) =>
      bidi.send('browsingContext.navigate', { context, url, wait: 'complete' });

    async function evaluate<A extends unknown[], R>(
      run: (...given: A) => R | Promise<R>,
      ...given: A
    ): Promise<R> {
      const answer = (await bidi.send('script.evaluate', {
        expression: `(async () => JSON.stringify((await (${run})(...${JSON.stringify(given)})) ?? null))()`,
        target: { context },
        awaitPromise: true,
        userActivation: true,
      })) as { type: string; result?: { value?: string }; exceptionDetails?: { text: string } };
      if (answer.type !== 'success') throw new Error(`in Firefox: ${answer.exceptionDetails?.text}`);
      return JSON.parse(answer.result?.value ?? 'null') as R;
    }
    const keys = (text: string) =>
      bidi.send('input.performActions', {
        context,
        actions: [
          {
            type: 'key',
            id: 'keyboard',
            actions: [...text].flatMap((value) => [
              { type: 'keyDown', value },
              { type: 'keyUp', value },
            ]),
          },
        ],
      });

    return {
      evaluate,
      async signIn(member, url) {
        for (const { name, value } of cookiesOf(member, url))
          await bidi.send('storage.setCookie', {
            cookie: {
              name,
              value: { type: 'string', value },
              domain: new URL(url).hostname,
              path: '/',
              httpOnly: true,
              sameSite: 'lax',
            },
          });
        await navigate(`${url}/phone`);
        await until(
          () =>
            evaluate(() => [...document.querySelectorAll('*')].some((each) => each.textContent === 'Free')),
          'her page has its line',
          30_000,
        );
      },
      async press(name) {
        await until(
          () =>
            evaluate((wanted) => {
              const button = [...document.querySelectorAll('button')].find(
                (each) => (each.getAttribute('aria-label') ?? each.textContent).trim() === wanted,
              );
              button?.click();
              return button !== undefined;
            }, name),
          `a button ${name}`,
          30_000,
        );
      },
      async type(label, text) {
        await until(
          () =>
            evaluate((wanted) => {
              const field = [...document.querySelectorAll('input')].find((each) =>
                (each.getAttribute('aria-label') ?? each.labels?.[0]?.textContent ?? '').startsWith(wanted),
              );
              field?.focus();
              return field !== undefined;
            }, label),
          `a field ${label}`,
        );
        await keys(`${text}\uE006`); // WebDriver's Enter
      },
      playedAt: (hz) => evaluate(shareOf, hz),
      async close() {
        bidi.close();
        await end();
      },
    };
  } catch (error) {
    await end();
    throw new Error(`${error instanceof Error ? error.message : error}; Firefox said: ${said.slice(-1500)}`);
  }
}

/**
 * Runs in the page: the best share that `hz` has of a fifth of a second of what its audio element plays. Recorded and decoded,
 * because Firefox runs no AudioContext on a machine without a sound card.
 */
async function shareOf(hz: number): Promise<number> {
  const audio = [...document.querySelectorAll('audio')].find((each) => each.srcObject && !each.muted);
  if (!audio) return 0;
  const recorder = new MediaRecorder(audio.srcObject as MediaStream);
  const parts: Blob[] = [];
  recorder.ondataavailable = ({ data }) => parts.push(data);
  const stopped = new Promise((resolve) => {
    recorder.onstop = resolve;
  });
  recorder.start();
  await new Promise((resolve) => setTimeout(resolve, 1200));
  recorder.stop();
  await stopped;
  const recorded = await new Blob(parts).arrayBuffer();
  if (recorded.byteLength === 0) return 0;
  const rate = 48_000;
  const decoded = await new OfflineAudioContext(1, rate, rate).decodeAudioData(recorded);
  const samples = decoded.getChannelData(0);
  const window = rate / 5;
  const coefficient = 2 * Math.cos((2 * Math.PI * hz) / rate);
  let best = 0;
  for (let from = 0; from + window <= samples.length; from += window / 4) {
    let [before, beforeThat, total] = [0, 0, 0];
    for (let at = from; at < from + window; at++) {
      const sample = samples[at] ?? 0;
      const now = sample + coefficient * before - beforeThat;
      beforeThat = before;
      before = now;
      total += sample * sample;
    }
    const power = before * before + beforeThat * beforeThat - coefficient * before * beforeThat;
    if (total / window > 1e-4) best = Math.max(best, (2 * power) / (window * total));
  }
  return best;
}
