import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createOffice, type Office, password } from './testing/office.ts';
import { type RunningServer, startServer } from './testing/running-server.ts';
import { totp } from './testing/totp.ts';

const executablePath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';

let server: RunningServer;
let browser: Browser;
let office: Office;
let owner: Page;
/** Njeri's page, a member's. */
let njeri: Page;
const troubles: string[] = [];

beforeAll(async () => {
  server = await startServer();
  browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  office = await createOffice(server, browser, troubles);
  owner = office.owner;
  njeri = await office.open('/people', await office.join('Njeri Wambuto'));
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
});

test('stuck work is tried again, or given up after a question, and the log says so', async () => {
  await owner.goto(`${server.url}/admin/parked`);
  await owner.getByText('Nothing is stuck.').waitFor();
  await server.database(
    `insert into core.reaction_cursor (reaction, stream_id, org_id, seq, tries, parked_at, error)
     select reaction, s.id, s.id, 0, 10, now(), 'no room on the disk'
     from core.space s, unnest(array['people.cut-revoked-session', 'people.end-sessions-of-suspended']) as reaction
     where s.kind = 'organisation'`,
  );
  await owner.reload();
  const list = owner.getByRole('list', { name: 'Stuck work' });
  await expect.poll(() => list.getByRole('listitem').count(), { timeout: 60_000 }).toBe(2);
  await list.getByText('no room on the disk').first().waitFor();
  await list
    .getByText(/Tried 10 times/)
    .first()
    .waitFor();
  await list
    .getByRole('button', { name: /^Try .* again$/ })
    .first()
    .click();
  await expect.poll(() => list.getByRole('listitem').count(), { timeout: 60_000 }).toBe(1);
  await list.getByRole('button', { name: /^Give .* up$/ }).click();
  const question = owner.getByRole('alertdialog');
  await question.getByText(/is never done/).waitFor();
  await question.getByRole('button', { name: 'Give up' }).click();
  await owner.getByText('Nothing is stuck.').waitFor();
  await owner.goto(`${server.url}/admin/log`);
  await owner.getByRole('cell', { name: 'Stuck work given up' }).waitFor();
  await owner.getByRole('cell', { name: 'Stuck work tried again' }).waitFor();
});

test('an address of the settings or the administration that no page has says so, beside the list of those there are', async () => {
  for (const [path, list, verb] of [
    ['/settings/nonsense', 'Settings', 'All settings'],
    ['/settings/profile/nonsense', 'Settings', 'All settings'],
    ['/settings/notifications/nonsense', 'Settings', 'All settings'],
    ['/admin/nonsense', 'Manage', 'To “Manage”'],
    ['/admin/telephones/nonsense', 'Manage', 'To “Manage”'],
  ] as const) {
    await owner.goto(server.url + path);
    await owner.getByRole('heading', { name: 'There is no page here.' }).waitFor();
    await owner.getByRole('complementary', { name: list }).waitFor();
    await owner.getByRole('link', { name: verb }).waitFor();
  }
  await owner.getByRole('link', { name: 'To “Manage”' }).click();
  await owner.waitForURL(/\/admin\/people$/);
  await owner.goto(`${server.url}/settings/notifications`);
  await owner.getByRole('heading', { level: 1, name: 'Notifications' }).waitFor();
  expect(await owner.getByText('There is no page here.').count()).toBe(0);
});

test('the list of administration pages is a page on telephones only', async () => {
  await owner.goto(`${server.url}/admin/menu`);
  await owner.waitForURL(/\/admin\/people$/);
  await owner.setViewportSize({ width: 390, height: 844 });
  await owner.goto(`${server.url}/admin/menu`);
  await owner.getByRole('link', { name: 'Stuck work' }).waitFor();
  expect(new URL(owner.url()).pathname).toBe('/admin/menu');
  await owner.setViewportSize({ width: 1440, height: 900 });
});

test('the list of settings marks the page that is open: where the list stands alone, none', async () => {
  await owner.goto(`${server.url}/settings`);
  const marked = owner.getByRole('group', { name: 'Settings' }).locator('[aria-current]');
  await owner.getByRole('heading', { level: 1, name: 'Profile' }).waitFor();
  await expect.poll(() => marked.allTextContents()).toEqual(['Profile']);
  await owner.setViewportSize({ width: 390, height: 844 });
  await owner.getByRole('link', { name: 'Appearance' }).waitFor();
  await expect.poll(() => marked.count()).toBe(0);
  await owner.setViewportSize({ width: 1440, height: 900 });
});

test('a member makes a team beside the directory, manages it, and may not where managers alone do', async () => {
  await njeri.goto(`${server.url}/people`);
  await njeri.getByRole('link', { name: 'Teams and groups' }).click();
  await njeri.getByRole('button', { name: 'New team' }).first().click();
  const dialog = njeri.getByRole('dialog', { name: 'New team' });
  await dialog.getByLabel('Name').fill('Soundings');
  await dialog.getByRole('button', { name: 'Create' }).click();
  await njeri.waitForURL(/\/people\/teams\/[0-9a-f-]{36}$/);
  await njeri.getByRole('button', { name: 'Rename' }).waitFor();
  await njeri.getByRole('link', { name: /Soundings/ }).waitFor();

  await owner.goto(`${server.url}/admin/organisation`);
  await owner.getByLabel('Every member may make teams').uncheck();
  await owner.getByRole('button', { name: 'Save' }).click();
  await owner.getByText('Saved.').waitFor();
  await njeri.goto(`${server.url}/people/teams`);
  await njeri.getByRole('link', { name: /Soundings/ }).waitFor();
  await expect
    .poll(() => njeri.getByRole('button', { name: 'New team' }).count(), { timeout: 60_000 })
    .toBe(0);
});

test('a photo is cut to the part that is wanted', async () => {
  await njeri.goto(`${server.url}/settings/profile`);
  await njeri.getByRole('button', { name: 'Choose a photo' }).waitFor();
  // Wide, red at the left and blue at the right, so that what was kept can be told by its colour.
  const picture = await njeri.evaluate<string>(`(() => {
    const canvas = document.createElement('canvas');
    canvas.width = 800; canvas.height = 400;
    const context = canvas.getContext('2d');
    context.fillStyle = '#c00'; context.fillRect(0, 0, 400, 400);
    context.fillStyle = '#00c'; context.fillRect(400, 0, 400, 400);
    return canvas.toDataURL('image/png').split(',')[1];
  })()`);
  await njeri.locator('input[type=file]').setInputFiles({
    name: 'me.png',
    mimeType: 'image/png',
    buffer: Buffer.from(picture, 'base64'),
  });
  const dialog = njeri.getByRole('dialog', { name: 'Which part is you?' });
  const canvas = dialog.locator('canvas');
  const use = dialog.getByRole('button', { name: 'Use this' });
  // Waits for the picture to be read.
  await expect.poll(() => use.isEnabled(), { timeout: 60_000 }).toBe(true);
  await canvas.focus();
  // The picture goes right, so that its left part is what is seen.
  for (let step = 0; step < 30; step++) await canvas.press('ArrowRight');
  await use.click();
  await njeri.getByRole('button', { name: 'Change the photo' }).waitFor();
  const kept = await njeri.evaluate<{ width: number; height: number; right: number[] }>(`(async () => {
    const { person } = await (await fetch('/api/v1/session')).json();
    const image = await createImageBitmap(await (await fetch('/api/v1/people/' + person.id + '/photo')).blob());
    const canvas = new OffscreenCanvas(image.width, image.height);
    const context = canvas.getContext('2d');
    context.drawImage(image, 0, 0);
    const at = context.getImageData(image.width - 4, image.height / 2, 1, 1).data;
    return { width: image.width, height: image.height, right: [...at] };
  })()`);
  expect(kept.width).toBe(kept.height);
  expect(kept.right[0]).toBeGreaterThan(150);
  expect(kept.right[2]).toBeLessThan(80);
});

test('several people are suspended at once, and let in again', async () => {
  for (const name of ['Kofi Asare-Menka', 'Hoa Trần-Leclerc']) {
    await (await office.join(name)).close();
  }
  await owner.goto(`${server.url}/admin/people`);
  const select = async (): Promise<void> => {
    for (const name of ['Kofi Asare-Menka', 'Hoa Trần-Leclerc']) {
      await owner
        .getByRole('row', { name: new RegExp(name) })
        .getByRole('checkbox')
        .check();
    }
  };
  await select();
  await owner.getByRole('button', { name: 'Suspend', exact: true }).click();
  const question = owner.getByRole('dialog', { name: 'Suspend 2 people?' });
  await question.getByRole('button', { name: 'Suspend' }).click();
  // Closed it has let go of who was selected.
  await question.waitFor({ state: 'detached' });
  await expect.poll(() => owner.getByRole('row', { name: /Suspended/ }).count(), { timeout: 60_000 }).toBe(2);
  await select();
  await owner.getByRole('button', { name: 'End suspension' }).click();
  await owner.getByRole('dialog').getByRole('button', { name: 'End suspension' }).click();
  await owner.getByRole('dialog').waitFor({ state: 'detached' });
  await expect.poll(() => owner.getByRole('row', { name: /Suspended/ }).count(), { timeout: 60_000 }).toBe(0);
});

test('who forgot the password gets a link, and chooses a new one', async () => {
  await office.administer('Kofi Asare-Menka');
  await owner.getByRole('button', { name: 'Link for a new password' }).click();
  const link = await owner
    .getByRole('dialog')
    .getByText(/\/join#/)
    .textContent();
  const page = await office.open(link ?? '');
  await page.getByRole('heading', { name: 'Choose a new password.' }).waitFor();
  const next = 'seven buoys at the harbour mouth';
  await page.getByLabel('Password', { exact: true }).fill(next);
  await page.getByRole('button', { name: 'Set the password and sign in' }).click();
  await page.waitForURL((url) => url.pathname !== '/join');
  await page.context().close();
  const again = await office.open('/sign-in');
  await office.signIn(again, 'kofi.asare.menka@estuaria.example', password);
  await again.getByText(/Address and password do not go together/).waitFor();
  await office.signIn(again, 'kofi.asare.menka@estuaria.example', next);
  await again.waitForURL((url) => url.pathname !== '/sign-in');
  await again.context().close();
});

test('somebody gets another address, and the one before still signs in', async () => {
  await office.administer('Hoa Trần-Leclerc');
  await owner.getByRole('textbox', { name: 'Address', exact: true }).fill('hoa.tran@estuaria.example');
  await owner.getByRole('button', { name: 'Change the address' }).click();
  await owner.getByText('Saved.').waitFor();
  for (const address of ['hoa.tran@estuaria.example', 'hoa.tran.leclerc@estuaria.example']) {
    const page = await office.open('/sign-in');
    await office.signIn(page, address);
    await page.waitForURL((url) => url.pathname !== '/sign-in');
    await page.context().close();
  }
});

test('somebody is erased after the address was typed, and is gone', async () => {
  await office.administer('Hoa Trần-Leclerc');
  await owner.getByRole('button', { name: 'Erase' }).click();
  const dialog = owner.getByRole('dialog', { name: 'Erase Hoa Trần-Leclerc for good?' });
  const field = dialog.getByLabel(/^Type hoa\.tran@/);
  await field.fill('somebody.else@estuaria.example');
  await dialog.getByRole('button', { name: 'Erase for good' }).click();
  await dialog.getByText('This is another address.').waitFor();
  await field.fill('hoa.tran@estuaria.example');
  await dialog.getByRole('button', { name: 'Erase for good' }).click();
  await owner.waitForURL(/\/admin\/people$/);
  await owner.getByRole('link', { name: 'Kofi Asare-Menka' }).waitFor();
  await expect
    .poll(() => owner.getByRole('link', { name: 'Hoa Trần-Leclerc' }).count(), { timeout: 60_000 })
    .toBe(0);
  // What follows from it is done by the system, and the log names it.
  const everywhere = owner.getByRole('row', { name: /Personal data erased everywhere/ });
  await expect
    .poll(
      async () => {
        await owner.goto(`${server.url}/admin/log`);
        await owner.getByRole('row', { name: /Person erased/ }).waitFor();
        return everywhere.count();
      },
      { timeout: 30_000 },
    )
    .toBe(1);
  await everywhere.getByRole('cell', { name: 'Liaison (the system)' }).waitFor();
  await owner
    .getByRole('row', { name: /Organisation created/ })
    .getByRole('link', { name: /Ingrid/ })
    .waitFor();
});

test('where a second factor is wanted, who has none adds one on the way in', async () => {
  const hers = await Promise.all(
    ['/chat', '/people', '/settings/security', '/calls'].map((path) => office.open(path, njeri.context())),
  );
  const beside = await office.open('/admin/people', owner.context());
  for (const each of [...hers, beside]) await each.getByRole('navigation').first().waitFor();
  await owner.goto(`${server.url}/admin/organisation`);
  await owner.getByLabel('Everybody needs a second step to sign in').check();
  await owner.getByRole('button', { name: 'Save' }).click();
  // Nobody has one, the owner neither: every open page leads to where it is added, the administration's too.
  await Promise.all(
    [owner, beside, njeri, ...hers].map((each) =>
      each.getByRole('heading', { name: 'Add a second step.' }).waitFor(),
    ),
  );
  for (const each of hers) await each.close();
  const page = await office.open('/sign-in');
  await office.signIn(page, 'njeri.wambuto@estuaria.example');
  await page.getByRole('heading', { name: 'Add a second step.' }).waitFor();
  // Nothing else is open before.
  await page.goto(`${server.url}/people`);
  await page.getByRole('heading', { name: 'Add a second step.' }).waitFor();
  await page.getByLabel('Your password, to be sure').fill(password);
  await page.getByRole('button', { name: 'Set up the app' }).click();
  const secret = await page
    .getByText('Or type it in by hand')
    .locator('xpath=following-sibling::code')
    .textContent();
  await page.getByLabel('First code').fill(totp(secret ?? '', Date.now()));
  await page.getByRole('button', { name: 'Confirm' }).click();
  await page.getByRole('button', { name: 'I have kept them' }).click();
  await page
    .getByRole('list', { name: 'People' })
    .getByRole('link', { name: /Ingrid/ })
    .waitFor();
});

test('no page had an error', () => {
  expect(troubles).toEqual([]);
});
