import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { energyAt, readWav, tone, wavOf } from '@liaison/rtp/testing';
import { type Baresip, startBaresip } from '@liaison/sip/testing';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { shareOf, startChromium, type TestBrowser } from '../testing/chromium.ts';
import { type Member, type RunningSuite, startSuite } from '../testing/suite.ts';

/** A page and a desk telephone (Debian's baresip) through the relay: what each hears is measured. */
const pageHz = 660;
const telephoneHz = 440;
let running: RunningSuite;
let browser: TestBrowser;
let folder: string;
let telephone: Baresip;
let alice: Member;
let bob: Member;
let page: Page;
let domain: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'liaison-e2e-'));
  running = await startSuite({ web: true });
  browser = await startChromium({ microphoneHz: pageHz });
  const made = await running.organisation('harbour', [
    { name: 'Alice', extension: '4101' },
    { name: 'Bob', extension: '4102' },
  ]);
  domain = made.domain;
  [alice, bob] = made.members as [Member, Member];
  const { username, secret } = await running.telephone(bob);
  const audioSource = join(folder, 'tone.wav');
  await writeFile(audioSource, wavOf(tone(telephoneHz, 30)));
  telephone = await startBaresip({
    user: username,
    domain,
    password: secret,
    server: { host: '127.0.0.1', port: running.sipPorts.udp },
    workDir: folder,
    audioSource,
    recordTo: folder,
  });
  await telephone.waitFor('REGISTER_OK');
  page = await (await browser.context(alice, running.url)).newPage();
  await page.goto(`${running.url}/phone`);
  // Her own state in the bar says that the page has its line.
  await page.getByText('Free', { exact: true }).first().waitFor();
});
afterAll(async () => {
  await telephone?.stop();
  await browser?.close();
  await running?.close();
  await rm(folder, { recursive: true, force: true });
});

let earlier: readonly string[] = [];
beforeEach(async () => {
  earlier = await telephone.recordings();
});

/** In the last second of the newest recording of this test. */
async function heardByTelephone(hz: number): Promise<number> {
  const file = (await telephone.recordings())
    .filter((each) => each.endsWith('-dec.wav') && !earlier.includes(each))
    .at(-1);
  if (file === undefined) return 0;
  const { samples, rate } = readWav(await readFile(file));
  return energyAt(hz, samples.subarray(Math.max(0, samples.length - rate)), rate);
}
const line = () => page.getByRole('region', { name: 'Line' });

async function soundBothWays(): Promise<void> {
  await expect
    .poll(() => shareOf(page, telephoneHz), { timeout: 30_000, interval: 100 })
    .toBeGreaterThan(0.5);
  expect(await shareOf(page, pageHz)).toBeLessThan(0.1);
  await expect.poll(() => heardByTelephone(pageHz), { timeout: 30_000, interval: 100 }).toBeGreaterThan(0.5);
  expect(await heardByTelephone(telephoneHz)).toBeLessThan(0.1);
}

it('a page rings a telephone by extension; both hear each other; a page change drops nothing', async () => {
  await page
    .getByRole('combobox', { name: 'Whom to call' })
    .or(page.getByLabel('Whom to call'))
    .first()
    .fill(bob.extension);
  await page.keyboard.press('Enter');
  await telephone.waitFor('CALL_INCOMING');
  await telephone.accept();
  await soundBothWays();
  // Somewhere else in the suite, and back: the line keeps its seat and the call its sound.
  await page.getByRole('link', { name: 'Chat' }).first().click();
  await page.waitForURL(/\/chat/);
  await soundBothWays();
  await line().getByRole('button', { name: 'Hang up' }).waitFor();
  await line().getByRole('button', { name: 'Hang up' }).click();
  await telephone.waitFor('CALL_CLOSED');
});

it('keys pressed on the page reach the telephone, by mouse and by keyboard, and its keys are heard on the page', async () => {
  const from = telephone.events.length;
  await page.goto(`${running.url}/phone`);
  await page.getByLabel('Whom to call').first().fill(bob.extension);
  await page.keyboard.press('Enter');
  await telephone.waitFor('CALL_INCOMING', { from });
  await telephone.accept();
  await soundBothWays();

  await line().getByRole('button', { name: 'Keypad and sound' }).click();
  const panel = page.getByRole('region', { name: 'Keypad and sound' });
  // The panel has the focus: nobody has to click before typing.
  await panel.waitFor();
  await page.keyboard.type('42');
  for (const key of ['Star', '7']) await panel.getByRole('button', { name: key, exact: true }).click();
  await page.keyboard.type('0#');
  // One event starts each key (RFC 4733 §2.5.1.2), and its last packet, sent three times, is still one key.
  const keys = () =>
    telephone.events
      .slice(from)
      .filter(({ type }) => type === 'CALL_DTMF_START')
      .map(({ param }) => param)
      .join('');
  await expect.poll(keys, { timeout: 15_000 }).toBe('42*70#');
  await panel.getByText('42*70#').waitFor();

  // 5 is 770 Hz with 1336 Hz (ITU-T Q.23). The browser makes the tone of an event that it receives.
  expect(await shareOf(page, 1336)).toBeLessThan(0.02);
  let most = 0;
  for (let again = 0; again < 6 && most < 0.1; again += 1) {
    await telephone.dtmf('5555');
    for (const end = Date.now() + 1500; Date.now() < end && most < 0.1; )
      most = Math.max(most, await shareOf(page, 1336));
  }
  expect(most).toBeGreaterThan(0.1);
  await line().getByRole('button', { name: 'Hang up' }).click();
  await telephone.waitFor('CALL_CLOSED', { from });
});

it('a telephone rings a page, which answers; the telephone hangs up', async () => {
  await page.goto(`${running.url}/phone`);
  await page.getByRole('region', { name: 'Line' }).waitFor({ state: 'attached' });
  const from = telephone.events.length;
  await expect
    .poll(async () => (await running.suite.reach.statesOf(alice.orgId, [alice.id])).get(alice.id)?.state, {
      timeout: 30_000,
    })
    .toBe('free');
  await telephone.dial(`sip:${alice.extension}@${domain}`);
  await page.getByRole('button', { name: 'Answer', exact: true }).first().click();
  await telephone.waitFor('CALL_ESTABLISHED', { from });
  await soundBothWays();
  await telephone.hangup();
  await line()
    .getByText(/hung up after/)
    .first()
    .waitFor();
});

it('everything of a person rings; the page that answers stops the telephone, and pages hear each other directly', async () => {
  const bobsPage = await (await browser.context(bob, running.url)).newPage();
  await bobsPage.goto(`${running.url}/phone`);
  const stateOf = async (member: Member) =>
    (await running.suite.reach.statesOf(member.orgId, [member.id])).get(member.id);
  await expect.poll(async () => (await stateOf(bob))?.page, { timeout: 30_000 }).toBe(true);
  await expect.poll(async () => (await stateOf(bob))?.state, { timeout: 30_000 }).toBe('free');
  const from = telephone.events.length;
  await page.goto(`${running.url}/phone`);
  await page.getByLabel('Whom to call').first().fill(bob.extension);
  await page.keyboard.press('Enter');
  await telephone.waitFor('CALL_INCOMING', { from });
  await bobsPage.getByRole('button', { name: 'Answer', exact: true }).first().click();
  await telephone.waitFor('CALL_CLOSED', { from });
  for (const each of [page, bobsPage]) {
    await expect.poll(() => shareOf(each, pageHz), { timeout: 30_000, interval: 100 }).toBeGreaterThan(0.5);
  }
  await bobsPage.getByRole('region', { name: 'Line' }).getByRole('button', { name: 'Hang up' }).click();
  await line()
    .getByText(/hung up after/)
    .first()
    .waitFor();
  await bobsPage.close();
});

it('no page broke the content security policy or threw', () => {
  expect(browser.complaints).toEqual([]);
});
