import { openChromium } from '@liaison/tests/chromium';
import { expectAccessible } from '@liaison/ui/testing/expect';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type MirrorTelephone, openMirrorTelephone } from '../testing/mirror-telephone.ts';
import { type Actor, openStage, type Stage } from '../testing/stage.ts';
import { openTelephonePage, signIn } from '../testing/telephone-page.ts';

/** The pages of the telephone in the administration, with ten thousand telephones and one call that runs. */
const pictures = process.env.LIAISON_TEST_PICTURES;
const many = 10_000;

let stage: Stage;
let ines: Actor;
let njeri: Actor;
let claire: Actor;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let telephone: MirrorTelephone;

beforeAll(async () => {
  stage = await openStage();
  [ines, njeri, claire] = stage.actors as [Actor, Actor, Actor];
  await stage.sql(
    `insert into people.device (id, org_id, person_id, kind, name, username, ha1_md5, ha1_sha256)
     select gen_random_uuid(), $1, $2, 'sip', 'Desk ' || n, 'desk-' || n, '', '' from generate_series(1, $3) n`,
    [ines.orgId, njeri.id, many],
  );
  await stage.sql(
    `insert into calls.registration (org_id, device_id, person_id, uri, process_id, call_id, cseq, q, params, user_agent,
       flow, expires_at, registered_at)
     select d.org_id, d.id, d.person_id, 'sip:njeri@10.0.0.7:5060', p.id, 'call-' || d.name, 1, 1, '',
       case when d.name = 'Desk 4711' then 'Harbourphone 9' else 'Tidephone 3.1' end,
       jsonb_build_object('id', d.id, 'protocol', 'udp', 'remote', jsonb_build_object('address', '192.0.2.7', 'port', 5060),
         'local', jsonb_build_object('address', '127.0.0.1', 'port', 5060)),
       now() + interval '1 hour', now() - split_part(d.name, ' ', 2)::int * interval '1 second'
     from people.device d, (select id from core.process limit 1) p where d.name like 'Desk %'`,
  );
  browser = await openChromium({ microphoneHz: 440 });
  context = await signIn(browser, ines);
  page = await context.newPage();
  page.setDefaultTimeout(30_000);
}, 180_000);

afterAll(async () => {
  await browser?.close();
  await telephone?.close();
  await stage?.close();
});

/** The page at both widths and in both colours: without a fault, and where asked for as a picture. */
async function everyLook(name: string): Promise<void> {
  for (const [width, height, colorScheme] of [
    [1440, 900, 'light'],
    [390, 844, 'dark'],
  ] as const) {
    await page.setViewportSize({ width, height });
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    if (pictures) await page.screenshot({ path: `${pictures}/${name}-${width}-${colorScheme}.png` });
    await expectAccessible(page, `${name} at ${width}, ${colorScheme}`);
    const overflow = await page.evaluate<number>(
      'document.documentElement.scrollWidth - document.documentElement.clientWidth',
    );
    expect(overflow, `${name} at ${width}`).toBe(0);
  }
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.emulateMedia({ colorScheme: 'light' });
}

test('ten thousand telephones are listed, scrolled through, found, and one is dropped', async () => {
  await page.goto(`${stage.url}/admin/telephones`);
  const table = page.getByRole('table', { name: 'Telephones' });
  await table.getByText(/^Desk 1 /).waitFor();
  await page.getByText('10,000 registered now').waitFor();
  expect(await table.getByRole('row').count()).toBeLessThan(500);
  await everyLook('telephones');
  // To the end in one leap: only what is there is asked for and drawn.
  await page.evaluate(`(() => {
    const body = document.querySelector('section[aria-label="Telephones"]');
    body.scrollTop = body.scrollHeight;
  })()`);
  await table.getByText(/^Desk 10000 /).waitFor();
  expect(await table.getByRole('row').count()).toBeLessThan(700);

  await page.getByRole('textbox', { name: 'Person, address or model' }).fill('harbour');
  await page.getByText('1 registered now').waitFor();
  await table.getByRole('button', { name: /Desk 4711: details/ }).click();
  const dialog = page.getByRole('dialog', { name: 'A telephone of Njeri Wambuto' });
  await dialog.getByText('Yes: it calls itself 10.0.0.7:5060').waitFor();
  if (pictures) await page.screenshot({ path: `${pictures}/telephone-dialog.png` });
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Drop registration' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Drop registration' }).click();
  await page.getByText('No telephone like that is registered.').waitFor();
}, 120_000);

test('a call that runs is seen, its ladder opened, a capture started, and the call ended', async () => {
  const mine = await openTelephonePage(context, stage);
  telephone = await openMirrorTelephone(stage, claire);
  await mine.sees('Claire Aubrieux', 'free');
  await mine.dial('Claire');
  await mine.until('call');

  await page.bringToFront();
  await page.goto(`${stage.url}/admin/calls`);
  const list = page.getByRole('list', { name: 'Calls' });
  await list.getByText('talking', { exact: true }).waitFor();
  await list.getByText('by relay', { exact: true }).waitFor();
  await everyLook('calls');
  await list.getByRole('link', { name: /^Ladder of the call from Inês/ }).click();
  await page.getByRole('button', { name: /was (called|dialled)/ }).waitFor();
  await everyLook('ladder');
  await page.getByRole('button', { name: /rings somebody$/ }).click();
  const line = page.getByRole('dialog', { name: 'rings somebody' });
  await line.getByText('start', { exact: true }).waitFor();
  await line.getByRole('button', { name: 'Close' }).click();
  await page.getByRole('button', { name: 'List', exact: true }).click();
  await page
    .getByRole('list', { name: 'List' })
    .getByText(/was (called|dialled)/)
    .waitFor();
  await expectAccessible(page);

  await page.getByRole('button', { name: 'Capture…' }).click();
  const capture = page.getByRole('dialog', { name: 'Capture signalling' });
  await capture.getByLabel('For how long').selectOption('5');
  await capture.getByRole('checkbox', { name: /^Also the headers of the packets/ }).check();
  if (pictures) await page.screenshot({ path: `${pictures}/capture-dialog.png` });
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await page.getByText('The capture runs.').waitFor();

  await page.goto(`${stage.url}/admin/captures`);
  await page.getByText('runs until').waitFor();
  await page.getByText(/ · [1-9][\d,]* packets? · /).waitFor();
  await everyLook('captures');
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: /^Download the capture/ }).click(),
  ]);
  expect(file.suggestedFilename()).toMatch(/\.pcapng$/);
  await page.getByRole('button', { name: 'End now' }).click();
  await expect.poll(() => page.getByText('runs until').count(), { timeout: 20_000 }).toBe(0);

  await page.goto(`${stage.url}/admin/calls`);
  await list.getByRole('button', { name: /^End the call from Inês/ }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'End the call' }).click();
  await page.getByText('Nobody is in a call.').waitFor();
}, 180_000);
