import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { energyAt, readWav, tone, wavOf } from '@liaison/rtp/testing';
import { type Baresip, startBaresip } from '@liaison/sip/testing';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { playedAt, startChromium, type TestBrowser } from '../testing/chromium.ts';
import { type Firefox, isFirefoxInstalled, openFirefox } from '../testing/firefox.ts';
import { until } from '../testing/program.ts';
import { type Member, type RunningSuite, startSuite } from '../testing/suite.ts';
import { leftOut, shown } from '../testing/telephone-rows.ts';

/** Debian's Firefox with Debian's Chromium, and with a telephone: what each hears is measured. */
const isInstalled = isFirefoxInstalled();
const firefoxHz = 880;
const chromiumHz = 660;
const telephoneHz = 440;
const row = {
  client: 'Firefox',
  debianPackage: 'firefox-esr',
  transport: 'own page',
  network: 'direct',
  sound: 'both ways',
} as const;
const withChromium = { ...row, codec: 'Opus', encryption: 'SRTP (DTLS)' } as const;

if (!isInstalled) {
  it('Firefox is not installed: calls with it were not tried', async () => {
    await leftOut();
    process.stderr.write('DID NOT RUN: calls with Firefox (install the Debian package firefox-esr)\n');
    expect(process.env.CI, 'in CI everything runs').toBeUndefined();
  });
}

describe.runIf(isInstalled)('Firefox', () => {
  let running: RunningSuite;
  let folder: string;
  let firefox: Firefox;
  let chromium: TestBrowser;
  let page: Page;
  let telephone: Baresip;
  let alice: Member;
  let bob: Member;
  let carol: Member;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'liaison-firefox-test-'));
    running = await startSuite({ web: true });
    const made = await running.organisation('harbour', [
      { name: 'Alice', extension: '4101' },
      { name: 'Bob', extension: '4102' },
      { name: 'Carol', extension: '4103' },
    ]);
    [alice, bob, carol] = made.members as [Member, Member, Member];
    firefox = await openFirefox({ microphoneHz: firefoxHz });
    chromium = await startChromium({ microphoneHz: chromiumHz });
    await firefox.signIn(alice, running.url);
    page = await (await chromium.context(bob, running.url)).newPage();
    await page.goto(`${running.url}/phone`);
    await page.getByText('Free', { exact: true }).first().waitFor();
    const { username, secret } = await running.telephone(carol);
    const audioSource = join(folder, 'tone.wav');
    await writeFile(audioSource, wavOf(tone(telephoneHz, 60)));
    telephone = await startBaresip({
      user: username,
      domain: made.domain,
      password: secret,
      server: { host: '127.0.0.1', port: running.sipPorts.udp },
      workDir: folder,
      audioSource,
      recordTo: folder,
      answerMode: 'auto',
    });
    await telephone.waitFor('REGISTER_OK');
  });
  afterEach(async () => {
    await until(() => running.suite.calls.exchange.running === 0, 'the call ends');
  });
  afterAll(async () => {
    await telephone?.stop();
    await chromium?.close();
    await firefox?.close();
    await running?.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function hearEachOther(): Promise<void> {
    await expect
      .poll(() => firefox.playedAt(chromiumHz), { timeout: 20_000, interval: 100 })
      .toBeGreaterThan(0.5);
    await expect
      .poll(() => playedAt(page, firefoxHz), { timeout: 20_000, interval: 100 })
      .toBeGreaterThan(0.5);
    expect(await firefox.playedAt(firefoxHz)).toBeLessThan(0.1);
  }

  /** The share of Firefox's tone in the last half second that the telephone heard. */
  async function heardByTelephone(): Promise<number> {
    const file = (await telephone.recordings()).filter((each) => each.endsWith('-dec.wav')).at(-1);
    if (file === undefined) return 0;
    const { samples, rate } = readWav(await readFile(file));
    return energyAt(firefoxHz, samples.subarray(Math.max(0, samples.length - rate / 2)), rate);
  }

  it('rings Chromium, which answers; both hear each other', async () => {
    await firefox.type('Whom to call', bob.extension);
    await page.getByRole('button', { name: 'Answer', exact: true }).first().click();
    await hearEachOther();
    await firefox.press('Hang up');
    await shown({ ...withChromium, also: ['calls Chromium'] });
  });

  it('is rung by Chromium and answers; both hear each other', async () => {
    await page.getByLabel('Whom to call').first().fill(alice.extension);
    await page.keyboard.press('Enter');
    await firefox.press('Answer');
    await hearEachOther();
    await page
      .getByRole('region', { name: 'Line' })
      .getByRole('button', { name: 'Hang up', exact: true })
      .click();
    await shown({ ...withChromium, also: ['is called by Chromium'] });
  });

  it('and a telephone hear each other', async () => {
    await firefox.type('Whom to call', carol.extension);
    await telephone.waitFor('CALL_ESTABLISHED', { deadlineMs: 20_000 });
    await expect
      .poll(() => firefox.playedAt(telephoneHz), { timeout: 20_000, interval: 100 })
      .toBeGreaterThan(0.5);
    await expect.poll(heardByTelephone, { timeout: 15_000, interval: 200 }).toBeGreaterThan(0.8);
    await firefox.press('Hang up');
    const encryption = 'SRTP (DTLS) ↔ none';
    await shown({ ...row, codec: 'PCMU', encryption, also: ['calls a telephone'] });
  });
});
