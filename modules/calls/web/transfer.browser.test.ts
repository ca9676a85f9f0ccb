import { expectAccessible } from '@liaison/ui/testing/expect';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  type CallStage,
  claireHz,
  heard,
  hearEachOther,
  inesHz,
  lacks,
  njeriHz,
  openCallStage,
  until,
} from './testing/call-stage.ts';
import type { TelephonePage } from './testing/telephone-page.ts';

let stage: CallStage;
let a: TelephonePage;
let b: TelephonePage;
let c: TelephonePage;

/** Inês, Njeri and Claire at their telephones, in all tests: each leaves nobody in a call. */
beforeAll(async () => {
  stage = await openCallStage();
  [a, b, c] = (await stage.pages([stage.ines, stage.njeri, stage.claire])) as [
    TelephonePage,
    TelephonePage,
    TelephonePage,
  ];
}, 180_000);
afterAll(async () => {
  try {
    await stage?.endTest();
  } finally {
    await stage?.close();
  }
});

const press = (page: TelephonePage, name: string): Promise<void> =>
  page.page.getByRole('button', { name, exact: true }).first().click();

/** Inês calls Njeri and they talk, and nothing of an earlier test is left. */
async function talking(): Promise<void> {
  await until(async () => (await stage.claimsOfCalls()) === 0, 'nobody is in a call');
  for (const page of [a, b, c]) await page.until('idle');
  await a.dial('Njeri');
  await b.until('ringing-in');
  await press(b, 'Answer');
  await a.until('call');
  await until(() => heard(a, njeriHz), 'Inês hears Njeri');
}

/** Wide in light and narrow in dark: without a fault, and nothing is wider than the screen. */
async function everyLook(when: string): Promise<void> {
  const { page } = a;
  for (const [width, height, colorScheme] of [
    [390, 844, 'dark'],
    [1440, 900, 'light'],
  ] as const) {
    await page.setViewportSize({ width, height });
    await page.emulateMedia({ colorScheme });
    if (process.env.LIAISON_SHOTS)
      await page.screenshot({ path: `${process.env.LIAISON_SHOTS}/transfer-${when}-${width}.png` });
    await expectAccessible(page, `${when} at ${width}, ${colorScheme}`);
    expect(
      await page.evaluate('document.documentElement.scrollWidth - window.innerWidth'),
    ).toBeLessThanOrEqual(0);
  }
}

/** Opens the panel by its key and picks somebody. */
async function pick({ page }: TelephonePage, name: string): Promise<void> {
  await page.keyboard.press('Control+Shift+F');
  const panel = page.getByRole('region', { name: /^Hand / });
  const field = panel.getByRole('combobox', { name: 'To whom' });
  await field.waitFor();
  // The field has the focus: one types at once.
  await page.keyboard.type(name);
  await panel.getByRole('option').first().waitFor();
  await field.press('Enter');
  await page.getByRole('button', { name: 'Transfer now', exact: true }).waitFor();
}

test('handed over unasked: refused it comes back, answered the others hear each other', async () => {
  await talking();
  await a.page.keyboard.press('Control+Shift+F');
  const panel = a.page.getByRole('region', { name: /^Hand / });
  const field = panel.getByRole('combobox', { name: 'To whom' });
  await field.fill('Claire');
  await panel.getByRole('option').first().waitFor();
  await everyLook('searching');
  await field.press('Enter');
  await a.page.getByRole('button', { name: 'Transfer now', exact: true }).waitFor();
  await everyLook('chosen');
  await a.page.keyboard.press('Escape');
  await field.waitFor({ state: 'detached' });

  await pick(a, 'Claire');
  const told = a.page.getByText('You handed Njeri Wambuto to Claire Aubrieux').first().waitFor();
  await a.page.keyboard.press('Enter');
  await told;
  await c.until('ringing-in');
  await c.page.getByText('Transféré par Inês Carvalhal').first().waitFor({ state: 'attached' });
  await b.until('ringing-out');
  await c.page.keyboard.press('Control+Shift+D');
  await a.until('ringing-in');
  await a.page.getByText('Back to you: Claire Aubrieux declined').first().waitFor({ state: 'attached' });
  await press(a, 'Answer');
  await a.until('call');
  await hearEachOther([a, inesHz], [b, njeriHz]);

  await pick(a, 'Claire');
  await press(a, 'Transfer now');
  await c.until('ringing-in');
  await c.page.keyboard.press('Control+Shift+A');
  await b.until('call');
  await hearEachOther([b, njeriHz], [c, claireHz]);
  await a.until('idle');
  await press(b, 'Hang up');
  await c.until('ended');
  await b.page
    .getByText(/Outgoing, \d+ s, by Inês Carvalhal/)
    .first()
    .waitFor();
  await a.page
    .getByText(/, then with Claire Aubrieux/)
    .first()
    .waitFor();
});

test('asked first: thought better of, it goes back; connected, the others go on without her', async () => {
  await talking();
  await pick(a, 'Claire');
  await press(a, 'Ask first');
  await c.until('ringing-in');
  await b.until('held');
  await press(a, 'Hang up');
  await a.until('call');
  await b.until('call');
  await until(() => heard(b, inesHz), 'Njeri hears Inês again');
  await c.until('idle');

  await pick(a, 'Claire');
  await press(a, 'Ask first');
  await c.until('ringing-in');
  await c.page.keyboard.press('Control+Shift+A');
  await a.until('two');
  await until(() => heard(c, inesHz), 'Claire hears Inês');
  await press(a, 'Connect them');
  await b.until('call');
  await hearEachOther([b, njeriHz], [c, claireHz]);
  await until(() => lacks(c, inesHz), 'Claire does not hear Inês');
  // The page that came from the other call comes back to this one after a reload.
  await b.page.reload();
  await b.until('call');
  await until(() => heard(b, claireHz), 'Njeri hears Claire after a reload');
  await c.page.keyboard.press('Control+Shift+D');
  await b.until('ended');
});
