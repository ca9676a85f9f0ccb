import { expectAccessible } from '@liaison/ui/testing/expect';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDesk, type Desk, password } from './testing/office.ts';
import { type RunningServer, startServer } from './testing/running-server.ts';
import { totp } from './testing/totp.ts';

const executablePath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
const ownerAddress = 'ingrid.solvang.mork@estuaria.example';

let server: RunningServer;
let browser: Browser;
let desk: Desk;
let owner: Page;
/** Errors and refusals by the content security policy, of every page of the file. */
const troubles: string[] = [];

beforeAll(async () => {
  server = await startServer();
  browser = await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'],
  });
  desk = createDesk(server, browser, troubles);
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
});

async function signOut(page: Page): Promise<void> {
  await page.goto(`${server.url}/me`);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Good to see you.' }).waitFor();
}

const open: Desk['open'] = (path, context) => desk.open(path, context);
const signIn: Desk['signIn'] = (page, address, secret) => desk.signIn(page, address, secret);
const accept: Desk['accept'] = (link) => desk.accept(link);
const invite = (name: string): Promise<string> => desk.invite(owner, name);

test('the one-time link sets up the organisation; its owner signs out and in again', async () => {
  owner = await open(server.setupLink);
  await expectAccessible(owner);
  await owner.getByRole('button', { name: 'Create the organisation' }).click();
  // Nothing was filled in: each field says what it wants.
  await owner.getByText('Write a domain such as example.org.').waitFor();
  await owner.getByLabel('Name of the organisation').fill('Estuaria');
  await owner.getByLabel('Domain', { exact: true }).fill('estuaria.example');
  await owner.getByLabel('Name', { exact: true }).fill('Ingrid Solvang-Mørk');
  await owner.getByLabel('Password', { exact: true }).fill('password12');
  await owner.getByRole('button', { name: 'Create the organisation' }).click();
  await owner.getByText(/This password is easy to guess/).waitFor();
  await owner.getByLabel('Password', { exact: true }).fill(password);
  await owner.getByRole('button', { name: 'Create the organisation' }).click();
  await owner.getByRole('heading', { name: /^Welcome, Ingrid/ }).waitFor();

  await owner.getByRole('button', { name: 'Check the microphone' }).click();
  await owner.getByText('We hear you.').waitFor();
  await expectAccessible(owner);
  await owner.getByLabel('Title').fill('Director');
  await owner.getByRole('button', { name: 'That’s right, open Liaison' }).click();
  await owner.waitForURL((url) => url.pathname !== '/welcome');

  await signOut(owner);
  await owner.goto(`${server.url}/settings/security`);
  await owner.waitForURL(/sign-in/);
  await expectAccessible(owner);
  await signIn(owner, ownerAddress, 'not the password');
  await owner.getByText(/Address and password do not go together/).waitFor();
  await signIn(owner, ownerAddress);
  // Back to where it was wanted.
  await owner.waitForURL(/\/settings\/security$/);
  await owner.getByRole('heading', { name: 'Sign-in and security' }).waitFor();
});

test('a link that was used opens nothing', async () => {
  const late = await open(server.setupLink);
  await late.getByRole('heading', { name: 'This is set up already.' }).waitFor();
  await expectAccessible(late);
  await late.goto(`${server.url}/join#${'x'.repeat(43)}`);
  await late.getByRole('heading', { name: 'This invitation is closed.' }).waitFor();
  await expectAccessible(late);
  await late.context().close();
});

test('somebody invited accepts in another browser, and both are in the directory', async () => {
  const link = await invite('Njeri Wambuto');
  const njeri = await open(link);
  await njeri.getByRole('heading', { name: 'Join Estuaria.' }).waitFor();
  await njeri.getByText(/Ingrid Solvang-Mørk invites you/).waitFor();
  await expectAccessible(njeri);
  await njeri.context().close();

  const joined = await accept(link);
  await joined.goto(`${server.url}/people`);
  for (const page of [owner, joined]) {
    await page.goto(`${server.url}/people`);
    const list = page.getByRole('list', { name: 'People' });
    await list.getByRole('link', { name: /Ingrid Solvang-Mørk/ }).waitFor();
    await list.getByRole('link', { name: /Njeri Wambuto/ }).waitFor();
  }
  await expectAccessible(owner);
  await owner.getByLabel('Name, extension or number').fill('njeri');
  await expect
    .poll(() => owner.getByRole('list', { name: 'People' }).getByRole('link').count(), { timeout: 60_000 })
    .toBe(1);
  await owner.getByRole('link', { name: /Njeri Wambuto/ }).click();
  await owner.waitForURL(/\/people\/[0-9a-f-]{36}$/);
  await owner.getByText('njeri.wambuto@estuaria.example').first().waitFor();
  await expectAccessible(owner);

  // A member has no administration, and reads who can help.
  expect(await joined.getByRole('link', { name: 'Manage' }).count()).toBe(0);
  await joined.goto(`${server.url}/admin/people`);
  await joined.getByRole('heading', { name: 'This is for managers and owners.' }).waitFor();
  await joined.getByRole('button', { name: /Ingrid Solvang-Mørk/ }).waitFor();
  await expectAccessible(joined);
  expect(await joined.getByRole('table').count()).toBe(0);

  // What changes is seen elsewhere without a reload.
  await joined.goto(`${server.url}/settings/profile`);
  await joined.getByLabel('Title', { exact: true }).fill('Head of hydrology');
  await joined.getByRole('button', { name: 'Save', exact: true }).click();
  await owner.getByText('Head of hydrology').first().waitFor();
  await joined.context().close();
});

test('a session that is revoked is signed out by itself', async () => {
  const other = await open('/sign-in');
  await signIn(other, ownerAddress);
  await other.waitForURL((url) => url.pathname !== '/sign-in');
  await owner.goto(`${server.url}/settings/sessions`);
  const others = owner.getByRole('button', { name: /^End the session of/ });
  await others.first().waitFor();
  await expectAccessible(owner);
  await others.first().click();
  await other.waitForURL(/sign-in/);
  await other.context().close();
});

test('an authenticator app is added, and asked for at the next sign-in; a recovery code does too', async () => {
  await owner.goto(`${server.url}/settings/security`);
  await owner.getByLabel('Your password, to be sure').fill(password);
  await owner.getByRole('button', { name: 'Set up the app' }).click();
  await owner.getByRole('img', { name: 'QR code for the authenticator app' }).waitFor();
  await expectAccessible(owner);
  const secret = await owner
    .getByText('Or type it in by hand')
    .locator('xpath=following-sibling::code')
    .textContent();
  // A code counts once, so the later sign-in takes that of the next half minute.
  await owner.getByLabel('First code').fill(totp(secret ?? '', Date.now()));
  await owner.getByRole('button', { name: 'Confirm' }).click();
  await owner.getByRole('list', { name: 'Recovery codes' }).waitFor();
  const codes = await owner
    .getByRole('list', { name: 'Recovery codes' })
    .getByRole('listitem')
    .allTextContents();
  expect(codes.length).toBeGreaterThanOrEqual(8);
  await owner.getByRole('button', { name: 'I have kept them' }).click();
  await owner.getByText(/recovery codes are left/).waitFor();

  await signOut(owner);
  await signIn(owner, ownerAddress);
  await owner.getByRole('heading', { name: 'One more step.' }).waitFor();
  await expectAccessible(owner);
  await owner.getByLabel('Code', { exact: true }).fill('000000');
  await owner.getByRole('button', { name: 'Go on' }).click();
  await owner.getByText(/This code is not right/).waitFor();
  await owner.getByLabel('Code', { exact: true }).fill(totp(secret ?? '', Date.now() + 30_000));
  await owner.getByRole('button', { name: 'Go on' }).click();
  await owner.waitForURL((url) => url.pathname !== '/sign-in');

  await signOut(owner);
  await signIn(owner, ownerAddress);
  await owner.getByRole('button', { name: 'Use a recovery code' }).click();
  await owner.getByLabel('Recovery code').fill(codes[0] ?? '');
  await owner.getByRole('button', { name: 'Go on' }).click();
  await owner.waitForURL((url) => url.pathname !== '/sign-in');
});

test('a passkey is made and signs in', async () => {
  const devtools = await owner.context().newCDPSession(owner);
  await devtools.send('WebAuthn.enable');
  await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  await owner.goto(`${server.url}/settings/security`);
  await owner.getByRole('button', { name: 'Add a passkey' }).click();
  await owner.getByRole('list', { name: 'Passkeys' }).getByRole('listitem').waitFor();
  await signOut(owner);
  const passkey = owner.getByRole('button', { name: 'Use a passkey' });
  // The authenticator answers by itself, so the quiet request may be faster than the button.
  await passkey.click().catch(() => {});
  await owner.waitForURL((url) => url.pathname !== '/sign-in');
  await owner.goto(`${server.url}/settings/security`);
  await owner.getByRole('heading', { name: 'Sign-in and security' }).waitFor();
  await devtools.detach();
});

test('a list is checked whole, its bad lines are told, its good ones become people', async () => {
  await owner.goto(`${server.url}/admin/import`);
  await owner.getByRole('heading', { name: 'The list' }).waitFor();
  await expectAccessible(owner);
  const lines = [
    'name,address,extension,teams,role',
    'Kofi Asare-Menka,kofi.asaremenka@estuaria.example,4148,Laboratory,member',
    'Hoa Trần-Leclerc,hoa.tranleclerc@estuaria.example,4181,Data;Tides,member',
    'Nobody,not an address,4999,,member',
    'Twice,kofi.asaremenka@estuaria.example,4150,,member',
    ',lucas.pharand@estuaria.example,4174,,member',
  ];
  await owner.getByLabel('Choose a file').setInputFiles({
    name: 'people.csv',
    mimeType: 'text/csv',
    buffer: Buffer.from(`${lines.join('\r\n')}\r\n`),
  });
  await owner.waitForURL(/\/admin\/import\/[0-9a-f-]{36}$/);
  const report = owner.getByRole('table', { name: 'Refused lines' });
  await report.getByRole('row').nth(1).waitFor();
  await report.getByText('not an address').waitFor();
  await expectAccessible(owner);
  const saved = owner.waitForEvent('download');
  await owner.getByRole('button', { name: 'Save the report' }).click();
  expect((await saved).suggestedFilename()).toBe('refused-people.csv');
  // A reload comes back to the same import.
  await owner.reload();
  await owner.getByRole('button', { name: /^Create \d+ pe/ }).click();
  await owner.getByText('Finished. These people can be invited now.').waitFor();
  await owner.goto(`${server.url}/people`);
  await owner
    .getByRole('list', { name: 'People' })
    .getByRole('link', { name: /Hoa Trần-Leclerc/ })
    .waitFor();
});

test('a telephone is added, its secret is shown once, and it is revoked', async () => {
  await owner.goto(`${server.url}/settings/devices`);
  await owner.getByRole('button', { name: 'Add a telephone' }).click();
  await owner.getByLabel('What is it called?').fill('Desk');
  await owner.getByRole('button', { name: 'Create the settings' }).click();
  const dialog = owner.getByRole('dialog', { name: 'Settings for Desk' });
  await dialog.getByRole('img', { name: /QR code/ }).waitFor();
  await dialog.getByRole('row', { name: /Domain estuaria\.example/ }).waitFor();
  await expectAccessible(owner);
  await dialog.getByRole('button', { name: 'It is typed in' }).click();
  await owner.getByRole('button', { name: 'Revoke Desk' }).click();
  await owner.getByRole('alertdialog').getByRole('button', { name: 'Revoke' }).click();
  await owner.getByText('No telephone yet.').waitFor();
});

test.each([
  // Lists first: on a telephone each of them is the page.
  '/phone',
  '/chat',
  '/people',
  '/settings',
  '/find',
  '/me',
  '/settings/profile',
  '/settings/appearance',
  '/settings/data',
  '/admin/people',
  '/admin/teams',
  '/admin/invitations',
  '/admin/organisation',
  '/admin/log',
  '/admin/parked',
  '/people/teams',
])('%s has no fault that axe finds, wide in light and narrow in dark', async (path) => {
  await owner.emulateMedia({ colorScheme: 'light' });
  await owner.goto(`${server.url}${path}`);
  await owner.getByRole('heading', { level: 1 }).waitFor();
  await owner.waitForLoadState('networkidle');
  await expectAccessible(owner);
  await owner.setViewportSize({ width: 390, height: 844 });
  await owner.emulateMedia({ colorScheme: 'dark' });
  await expectAccessible(owner);
  expect(
    await owner.evaluate('document.documentElement.scrollWidth - window.innerWidth'),
  ).toBeLessThanOrEqual(0);
  await owner.setViewportSize({ width: 1440, height: 900 });
});

test('somebody suspended is signed out and reads why; the end of it lets them in again', async () => {
  const page = await accept(await invite('Mateus Alvorada'));
  await owner.goto(`${server.url}/admin/people`);
  await owner.getByRole('link', { name: 'Mateus Alvorada' }).click();
  await owner.getByRole('button', { name: 'Suspend' }).click();
  await owner.getByRole('alertdialog').getByRole('button', { name: 'Suspend' }).click();
  await page.waitForURL(/sign-in/);
  await signIn(page, 'mateus.alvorada@estuaria.example');
  await page.getByText(/This account is suspended/).waitFor();
  await owner.getByRole('button', { name: 'End the suspension' }).click();
  await owner.getByText('Mateus Alvorada can sign in again.').waitFor();
  await signIn(page, 'mateus.alvorada@estuaria.example');
  await page.waitForURL((url) => url.pathname !== '/sign-in');
  await page.context().close();
});

test('after too many tries the page says when to try again', async () => {
  const page = await open('/sign-in');
  const waits = page.getByText(/Too many tries\. Try again in/);
  for (let tries = 0; tries < 12 && (await waits.count()) === 0; tries++) {
    const answered = page.waitForResponse(/\/auth\/sign-in$/);
    await signIn(page, 'njeri.wambuto@estuaria.example', `guess number ${tries}`);
    await answered;
  }
  await waits.waitFor();
  await expectAccessible(page);
  await page.context().close();
});

test('no page had an error, and nothing was refused by the content security policy', () => {
  expect(troubles).toEqual([]);
});
