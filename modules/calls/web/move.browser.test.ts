import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { energyAt, loudness, readWav, tone, wavOf } from '@liaison/rtp/testing';
import { type Baresip, startBaresip } from '@liaison/sip/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  type CallStage,
  heard,
  hearEachOther,
  inesHz,
  njeriHz,
  openCallStage,
  until,
} from './testing/call-stage.ts';
import type { Actor } from './testing/stage.ts';
import type { TelephonePage } from './testing/telephone-page.ts';

/** A running call goes from the desk telephone to the browser and back, while the other one talks on. */
const deskHz = 1320;

let stage: CallStage;
let folder: string;
let desk: Baresip | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'liaison-move-'));
  stage = await openCallStage();
}, 180_000);
afterAll(async () => {
  await desk?.stop();
  await stage?.close();
  await rm(folder, { recursive: true, force: true });
});

async function telephoneOf(actor: Actor): Promise<Baresip> {
  const { username, secret } = await stage.telephone(actor);
  const audioSource = join(folder, 'tone.wav');
  await writeFile(audioSource, wavOf(tone(deskHz, 30)));
  const made = await startBaresip({
    user: username,
    domain: stage.domain,
    password: secret,
    server: { host: '127.0.0.1', port: stage.sipPorts.udp },
    workDir: join(folder, 'desk'),
    audioSource,
    recordTo: folder,
  });
  await made.waitFor('REGISTER_OK', { deadlineMs: 20_000 });
  return made;
}

/** The best share of a tone in half a second that the telephone heard, in its newest recording. */
async function deskHears(phone: Baresip, hz: number): Promise<boolean> {
  for (const file of (await phone.recordings()).filter((each) => each.endsWith('-dec.wav'))) {
    const { samples, rate } = readWav(await readFile(file));
    for (let at = 0; at + rate / 2 <= samples.length; at += rate / 4) {
      const part = samples.subarray(at, at + rate / 2);
      if (loudness(part) > 0.01 && energyAt(hz, part, rate) > 0.3) return true;
    }
  }
  return false;
}

const press = (page: TelephonePage, name: string | RegExp): Promise<void> =>
  page.page
    .getByRole('button', { name, exact: typeof name === 'string' })
    .first()
    .click();

test('brought to the browser, sent to the telephone', async () => {
  const { ines, njeri } = stage;
  desk = await telephoneOf(ines);
  const [b, a] = (await stage.pages([njeri, ines])) as [TelephonePage, TelephonePage];
  await desk.dial(`sip:${njeri.extension}@${stage.domain}`);
  await b.until('ringing-in');
  await press(b, 'Answer');
  await b.until('call');
  await until(() => heard(b, deskHz), 'Njeri hears the desk telephone');
  await a.page.getByText('On your telephone').first().waitFor();

  await press(a, 'Bring the call here');
  await hearEachOther([b, njeriHz], [a, inesHz]);
  await desk.waitFor('CALL_CLOSED', { deadlineMs: 20_000 });
  await expect.poll(() => b.line()).toBe('call');
  await a.until('call');

  const from = desk.events.length;
  await a.page.keyboard.press('Control+Shift+F');
  await press(a, /^Send to /);
  await desk.waitFor('CALL_INCOMING', { from, deadlineMs: 20_000 });
  await a.page.getByText('Rings on your telephone').first().waitFor();
  await until(() => heard(b, inesHz), 'Njeri still hears the browser');
  await expect.poll(() => b.line()).toBe('call');
  await desk.accept();
  await until(() => heard(b, deskHz), 'Njeri hears the desk telephone again');
  await until(() => deskHears(desk!, njeriHz), 'and is heard there');
  await a.page.getByText('On your telephone').first().waitFor();
  await expect.poll(() => b.line()).toBe('call');
  await desk.hangup();
  await b.until('ended');
  await stage.endTest();
}, 180_000);
