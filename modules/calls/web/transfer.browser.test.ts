import { axeFaults } from '@liaison/ui/testing';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
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
import type { SignedInOptions, TelephonePage } from './testing/telephone-page.ts';

let stage: CallStage;

beforeAll(async () => {
  stage = await openCallStage();
}, 180_000);
afterEach(() => stage.endTest());
afterAll(() => stage?.close());

const press = (page: TelephonePage, name: string): Promise<void> =>
  page.page.getByRole('button', { name, exact: true }).first().click();

/** Inês calls Njeri and they talk. */
async function talking(options?: SignedInOptions) {
  const [a, b, c] = (await stage.pages([stage.ines, stage.njeri, stage.claire], options)) as [
    TelephonePage,
    TelephonePage,
    TelephonePage,
  ];
  await a.dial('Njeri');
  await b.until('ringing-in');
  await press(b, 'Answer');
  await a.until('call');
  await until(() => heard(a, njeriHz), 'Inês hears Njeri');
  return { a, b, c };
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
  const { a, b, c } = await talking();
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
  const { a, b, c } = await talking();
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

test.each([
  ['wide', 'light', { width: 1440, height: 900 }],
  ['narrow', 'dark', { width: 390, height: 844 }],
] as const)('axe finds nothing in the panel on a %s, %s screen', async (_width, scheme, size) => {
  const check = async ({ page }: TelephonePage, when: string): Promise<void> => {
    expect(await axeFaults(page), when).toEqual([]);
    expect(
      await page.evaluate('document.documentElement.scrollWidth - window.innerWidth'),
    ).toBeLessThanOrEqual(0);
  };
  const { a, b } = await talking({ scheme, size });
  await a.page.keyboard.press('Control+Shift+F');
  const panel = a.page.getByRole('region', { name: /^Hand / });
  await panel.getByRole('combobox', { name: 'To whom' }).fill('Claire');
  await panel.getByRole('option').first().waitFor();
  await check(a, 'searching');
  await panel
    .getByRole('option', { name: /Claire/ })
    .first()
    .click();
  await a.page.getByRole('button', { name: 'Transfer now', exact: true }).waitFor();
  await check(a, 'chosen');
  if (process.env.LIAISON_SHOTS)
    await a.page.screenshot({ path: `${process.env.LIAISON_SHOTS}/transfer-${size.width}.png` });
  await a.page.keyboard.press('Escape');
  await a.page.getByRole('combobox', { name: 'To whom' }).waitFor({ state: 'detached' });
  await b.page.keyboard.press('Control+Shift+D');
  await a.until('ended');
});
