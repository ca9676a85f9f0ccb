import { openChromium, openPages, type PeoplesPages } from '@liaison/tests/chromium';
import { type Actor, openStage, type Stage } from '@liaison/tests/stage';
import { expectAccessible } from '@liaison/ui/testing/expect';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Book, Contact, ContactRow } from '../contract/index.ts';

let stage: Stage;
let browser: Browser;
let ines: Actor;
let njeri: Actor;
let pages: PeoplesPages;
const waitMs = 60_000;

beforeAll(async () => {
  stage = await openStage({ people: 2 });
  [ines, njeri] = stage.actors as [Actor, Actor];
  browser = await openChromium();
  pages = openPages(browser, stage.url);
  await stage.as(ines, 'POST', '/teams', { kind: 'team', name: 'Port study', memberIds: [njeri.id] });
}, 240_000);
afterEach(async () => {
  expect(await pages.close()).toEqual([]);
});
afterAll(async () => {
  await browser?.close();
  await stage?.close();
});

const pageOf: PeoplesPages['of'] = (...open) => pages.of(...open);
const field = (page: Page, name: string) => page.getByRole('textbox', { name, exact: true });
const list = (page: Page) => page.getByRole('list', { name: 'Contacts', exact: true });
const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).first().click();

test('a card that one writes is in the other’s list at once, found by its number, and names who called from it', async () => {
  // Somebody whom nobody knew yet.
  await stage.sql(
    `insert into calls.call (id, org_id, home_site, callee_person_id, dialled, caller_text, started_at, ended_at, reason, missed)
     select gen_random_uuid(), org_id, 1, id, id, '+441632960017', now(), now() + interval '9 seconds', 'no-answer', true
     from people.person where id = $1`,
    [njeri.id],
  );
  const his = await pageOf(njeri, '/phone?view=recent');
  await his.getByText('+441632960017').first().waitFor();
  const hers = await pageOf(ines, '/contacts');
  // Colleagues are in the same list.
  await list(hers).getByText('Njeri Wambuto').waitFor();
  await hers.getByRole('link', { name: 'New contact', exact: true }).click();
  await hers.getByRole('combobox', { name: 'Address book', exact: true }).click();
  await hers.getByRole('option', { name: 'Port study', exact: true }).click();
  await press(hers, 'Save');
  await hers.getByText('Write a name, a company, a number or an address.').waitFor();
  await field(hers, 'First name').fill('Zoë');
  await field(hers, 'Last name').fill('Lefèvre');
  await field(hers, 'Telephone number').fill('+44 (0)1632 960 017');
  await field(hers, 'Mail address').fill('zoe@phares.example');
  await field(hers, 'Groups').fill('Pilots');
  await expectAccessible(hers);
  await press(hers, 'Save');
  await hers.getByText('Written as +44 (0)1632 960 017', { exact: true }).waitFor();
  await expectAccessible(hers);

  await his.goto(`${stage.url}/phone?view=recent`);
  await his.getByText('Zoë Lefèvre').first().waitFor();
  await his.goto(`${stage.url}/contacts`);
  await field(his, 'Search people, companies, numbers').fill('01632 960');
  await list(his).getByText('Zoë Lefèvre').click();
  await his.getByRole('heading', { name: 'Zoë Lefèvre' }).first().waitFor();

  // Both write at once: nothing is lost.
  await press(his, 'Edit');
  await field(his, 'Position').fill('Pilot');
  await press(hers, 'Edit');
  await field(hers, 'Position').fill('Harbour pilot');
  await press(hers, 'Save');
  await hers.getByRole('button', { name: 'Edit', exact: true }).waitFor();
  await hers.getByText('Harbour pilot').first().waitFor();
  await press(his, 'Save');
  await his.getByText('Somebody has changed this card meanwhile.').waitFor();
  await press(his, 'Show what is there now');
  await expect.poll(() => field(his, 'Position').inputValue(), { timeout: waitMs }).toBe('Harbour pilot');
  await press(his, 'Cancel');

  await press(hers, 'More for Zoë Lefèvre');
  await hers.getByRole('menuitem', { name: 'Delete', exact: true }).click();
  await his.getByText('This card is not here.').waitFor();
  const contactIds = [new URL(his.url()).pathname.split('/').at(-1)];
  await stage.as(ines, 'POST', '/contacts/restore', { contactIds });
  await his.getByRole('heading', { name: 'Zoë Lefèvre' }).first().waitFor();

  // A file is shown before anything is added, and what it does not give is said.
  await hers.goto(`${stage.url}/contacts`);
  await hers.getByRole('link', { name: 'Import and export', exact: true }).click();
  const choose = (...cards: string[]) =>
    hers.locator('input[type="file"]').setInputFiles({
      name: 'pilots.vcf',
      mimeType: 'text/vcard',
      buffer: Buffer.from(
        cards.map((card) => `BEGIN:VCARD\r\nVERSION:4.0\r\n${card}\r\nEND:VCARD\r\n`).join(''),
      ),
    });
  await choose('FN:Perpetua Quay\r\nTEL:+44 1632 960018', 'FN:Nul\0', 'FN:Bastian Roux');
  await hers.getByRole('cell', { name: 'Perpetua Quay', exact: true }).waitFor();
  await expectAccessible(hers);
  await press(hers, 'Add 3 contacts');
  await hers.getByText('2 contacts were added.', { exact: true }).waitFor();
  await hers.getByText('Line 8: this card cannot be read (there is a NUL in it)', { exact: true }).waitFor();
  await expectAccessible(hers);
  await list(hers).getByText('Perpetua Quay').waitFor();

  // One that goes on is found by whoever comes to the page anew.
  await press(hers, 'Another file');
  // What is still on its way is given up by a press; that is no error, and another can be sent.
  const sent = Promise.withResolvers<void>();
  const away = '**/api/v1/contacts/books/*/import*';
  await hers.route(away, () => sent.resolve());
  await choose('FN:Never Arrived');
  await sent.promise;
  await press(hers, 'Stop');
  await hers.getByRole('button', { name: 'Choose a file' }).waitFor();
  expect(await hers.getByText('That did not work.').count()).toBe(0);
  await hers.unroute(away);
  await choose('FN:Marta Quist');
  await hers.getByRole('cell', { name: 'Marta Quist', exact: true }).waitFor();
  await stage.sql("update contacts.import set state = 'running' where state = 'ready'");
  await hers.reload();
  await hers.getByRole('heading', { name: 'pilots.vcf' }).waitFor();
  await press(hers, 'Stop');
  await press(hers, 'Go on');
  await hers.getByText('1 contact was added.', { exact: true }).waitFor();
  await list(hers).getByText('Marta Quist').waitFor();
  // It was the wrong file: what it added goes as a whole, and what another added stays.
  await expectAccessible(hers);
  await press(hers, 'Take back 1 contact');
  await hers.getByText('1 contact was taken back.', { exact: true }).waitFor();
  await expect.poll(() => list(hers).getByText('Marta Quist').count(), { timeout: waitMs }).toBe(0);
  await list(hers).getByText('Perpetua Quay').waitFor();
  await hers.getByRole('button', { name: 'Take back 2 contacts', exact: true }).waitFor();

  // A card that is dropped on the list is on its way in.
  const dropped = await hers.evaluateHandle(() => {
    const what = new DataTransfer();
    what.items.add(new File(['BEGIN:VCARD\nVERSION:3.0\nFN:Ilse Varga\nEND:VCARD\n'], 'ilse.vcf'));
    return what;
  });
  await list(hers).dispatchEvent('drop', { dataTransfer: dropped });
  await hers.getByRole('cell', { name: 'Ilse Varga', exact: true }).waitFor();
});

test('several cards are chosen and put into a group, another book and a file at once, deleted, and had back', async () => {
  const { rows: books } = (await stage.as(njeri, 'GET', '/contacts/books')) as {
    rows: { id: string; kind: string }[];
  };
  const team = books.find(({ kind }) => kind === 'team')!;
  for (const name of ['Alma Reis', 'Alva Reis', 'Alwin Reis']) {
    await stage.as(njeri, 'POST', `/contacts/books/${team.id}/cards`, { name });
  }
  const page = await pageOf(njeri, '/contacts');
  await field(page, 'Search people, companies, numbers').fill('reis');
  const box = (name: string) => list(page).getByRole('checkbox', { name: `Select ${name}` });
  const verbs = page.getByRole('toolbar', { name: /selected/ });
  const verb = (name: string) => verbs.getByRole('button', { name, exact: true }).click();
  const choose = async (): Promise<void> => {
    await press(page, 'Select several');
    await box('Alma Reis').check();
    await box('Alwin Reis').click({ modifiers: ['Shift'] });
    await page.getByRole('toolbar', { name: '3 selected' }).waitFor();
  };
  await choose();
  await expectAccessible(page);
  await verb('Groups');
  await field(page, 'Another group').fill('Family Reis');
  await press(page, 'Save');
  await page.getByText('The groups of 3 contacts are changed.').waitFor();
  await verbs.waitFor({ state: 'detached' });

  await choose();
  await verb('Groups');
  await expect.poll(() => page.getByRole('checkbox', { name: 'Family Reis' }).isChecked()).toBe(true);
  await expectAccessible(page);
  await press(page, 'Cancel');
  await box('Alva Reis').uncheck();
  await verb('Move');
  await page.getByRole('radio', { name: 'My own' }).check();
  await page.getByRole('dialog').getByRole('button', { name: 'Move', exact: true }).click();
  await page.getByText('2 contacts are in My own now.').waitFor();
  const inTeam = async () => {
    const query = new URLSearchParams({ bookId: team.id, text: 'reis' });
    const { rows } = (await stage.as(ines, 'GET', `/contacts/cards?${query}`)) as {
      rows: { name: string }[];
    };
    return rows.map(({ name }) => name);
  };
  await expect.poll(() => inTeam()).toEqual(['Alva Reis']);
  await page.getByRole('button', { name: 'Undo', exact: true }).click();
  await expect.poll(inTeam, { timeout: waitMs }).toEqual(['Alma Reis', 'Alva Reis', 'Alwin Reis']);

  await choose();
  await verb('Save as a file');
  const [download] = await Promise.all([page.waitForEvent('download'), press(page, 'CSV')]);
  expect(download.suggestedFilename()).toBe('contacts.csv');
  await verb('Delete');
  await page.getByText('Nobody is found.').waitFor();
  await expect.poll(() => inTeam()).toEqual([]);
  await page.getByRole('button', { name: 'Undo', exact: true }).click();
  await list(page).getByText('Alva Reis').waitFor();

  // A group is called otherwise where it is chosen.
  await field(page, 'Search people, companies, numbers').fill('');
  await page.getByRole('combobox', { name: 'Group', exact: true }).click();
  await page.getByRole('option', { name: 'Family Reis (3)' }).click();
  await press(page, 'Rename the group Family Reis');
  await field(page, 'Name of the group').fill('Reis & Co');
  await expectAccessible(page);
  await press(page, 'Save');
  await page.getByRole('button', { name: 'Rename the group Reis & Co' }).waitFor();
  await list(page).getByText('Alva Reis').waitFor();

  // By keyboard from card to card.
  await list(page)
    .getByRole('link', { name: /Alma Reis/ })
    .click();
  await page.getByRole('heading', { name: 'Alma Reis' }).first().waitFor();
  await page.keyboard.press('j');
  await page.getByRole('heading', { name: 'Alva Reis' }).first().waitFor();
  await page.keyboard.press('k');
  await page.getByRole('heading', { name: 'Alma Reis' }).first().waitFor();

  // One card by its own menu.
  await press(page, 'More for Alma Reis');
  await page.getByRole('menuitem', { name: 'To another address book' }).click();
  await page.getByRole('radio', { name: 'My own' }).check();
  await page.getByRole('dialog').getByRole('button', { name: 'Move', exact: true }).click();
  await page.getByText('1 contact is in My own now.').waitFor();
  await expect.poll(inTeam, { timeout: waitMs }).toEqual(['Alva Reis', 'Alwin Reis']);
  await page.getByRole('button', { name: 'Undo', exact: true }).click();
  await expect.poll(inTeam, { timeout: waitMs }).toEqual(['Alma Reis', 'Alva Reis', 'Alwin Reis']);
});

test('who may only read a team’s book cannot save what she has open; out of the team, nothing of it is left', async () => {
  const team = (await stage.as(ines, 'POST', '/teams', {
    kind: 'team',
    name: 'Harbour office',
    memberIds: [njeri.id],
  })) as { id: string };
  const { rows: books } = (await stage.as(njeri, 'GET', '/contacts/books')) as { rows: Book[] };
  const shared = books.find(({ spaceId }) => spaceId === team.id);
  const own = books.find(({ kind }) => kind === 'personal');
  const made = (await stage.as(ines, 'POST', `/contacts/books/${shared?.id}/cards`, {
    given: 'Quentin',
    family: 'Marlowe',
    labels: ['Tugs'],
    notes: 'Knows the bar',
  })) as Contact;
  await stage.as(njeri, 'POST', `/contacts/books/${own?.id}/cards`, { given: 'Selma', family: 'Quist' });
  const role = (role: string) => stage.as(ines, 'PUT', `/teams/${team.id}/members/${njeri.id}`, { role });
  const pick = async (page: Page, label: string, option: string): Promise<void> => {
    await page.getByRole('combobox', { name: label, exact: true }).click();
    await page.getByRole('option', { name: option, exact: true }).click();
  };

  // One page changes a card with another verb begun beside it, the other writes a new one into the team's book.
  const page = await pageOf(njeri, `/contacts/${made.id}`);
  await pick(page, 'Whose contacts', 'Harbour office');
  await pick(page, 'Group', 'Tugs (1)');
  await press(page, 'Select several');
  await list(page).getByRole('checkbox', { name: 'Select Quentin Marlowe' }).check();
  await page.getByRole('toolbar', { name: '1 selected' }).waitFor();
  await page.getByText('Knows the bar', { exact: true }).waitFor();
  await press(page, 'Edit');
  await field(page, 'Position').fill('Tug master');
  const save = page.getByRole('button', { name: 'Save', exact: true });
  const other = await pageOf(njeri, '/contacts/new', { width: 390, height: 844 });
  await pick(other, 'Address book', 'Harbour office');
  await field(other, 'First name').fill('Ottoline');

  await role('guest');
  await page.getByText('You may only read this address book now.', { exact: true }).waitFor();
  for (const each of await save.all()) expect(await each.isDisabled()).toBe(true);
  await expectAccessible(page);
  await other.getByText('The address book that was chosen is closed to you now.', { exact: true }).waitFor();
  await role('member');
  await expect.poll(() => save.first().isEnabled(), { timeout: waitMs }).toBe(true);

  await stage.as(ines, 'DELETE', `/teams/${team.id}/members/${njeri.id}`);
  await page.getByText('This card is not here.', { exact: true }).waitFor();
  await list(page).getByText('Selma Quist').waitFor();
  await page.getByRole('toolbar', { name: '1 selected' }).waitFor({ state: 'detached' });
  await expectAccessible(page);
  const left = async (of: Page) => {
    const content = await of.content();
    return ['Quentin', 'Marlowe', 'Harbour office', 'Tugs', 'the bar'].filter((each) =>
      content.includes(each),
    );
  };
  await expect.poll(() => left(page), { timeout: waitMs }).toEqual([]);

  await other.getByText('The address book that was chosen is closed to you now.', { exact: true }).waitFor();
  await expectAccessible(other);
  await press(other, 'Save');
  await other.getByRole('heading', { name: 'Ottoline', exact: true }).first().waitFor();
  await expect.poll(() => left(other), { timeout: waitMs }).toEqual([]);
  const { rows } = (await stage.as(njeri, 'GET', '/contacts/cards?text=ottoline')) as { rows: ContactRow[] };
  expect(rows.map(({ bookId }) => bookId)).toEqual([own?.id]);
});

test('contacts are sorted by last names on all pages of whoever wants it, and as before where that is refused', async () => {
  const { rows: books } = (await stage.as(ines, 'GET', '/contacts/books')) as { rows: Book[] };
  const own = books.find(({ kind }) => kind === 'personal');
  for (const [given, family] of [
    ['Anna', 'Zwart'],
    ['Zita', 'Øabreu'],
  ]) {
    await stage.as(ines, 'POST', `/contacts/books/${own?.id}/cards`, { given, family });
  }
  const [one, other] = [
    await pageOf(ines, '/contacts', { width: 390, height: 844 }),
    await pageOf(ines, '/contacts'),
  ];
  const order = async (page: Page) => {
    const text = (await list(page).textContent()) ?? '';
    return ['Anna Zwart', 'Zita Øabreu', njeri.name]
      .map((name) => ({ name, at: text.indexOf(name) }))
      .toSorted((a, b) => a.at - b.at)
      .map(({ name, at }) => (at < 0 ? `no ${name}` : name));
  };
  const byName = ['Anna Zwart', njeri.name, 'Zita Øabreu'];
  const byFamily = ['Zita Øabreu', 'Anna Zwart', njeri.name];
  for (const page of [one, other]) await expect.poll(() => order(page), { timeout: waitMs }).toEqual(byName);
  const choose = async (page: Page, by: string): Promise<void> => {
    await page.getByRole('button', { name: 'Sort contacts by', exact: true }).click();
    await page.getByRole('menuitem', { name: by, exact: true }).click();
  };
  await one.getByRole('button', { name: 'Sort contacts by', exact: true }).click();
  const first = one.getByRole('menuitem', { name: 'First name', exact: true });
  await expect.poll(() => first.getAttribute('aria-current'), { timeout: waitMs }).toBe('true');
  await one.getByRole('menuitem', { name: 'Last name', exact: true }).click();
  await one.getByRole('menu').waitFor({ state: 'detached' });
  for (const page of [one, other]) {
    await expect.poll(() => order(page), { timeout: waitMs }).toEqual(byFamily);
    await expectAccessible(page);
  }
  const settings = '**/api/v1/contacts/settings';
  await other.route(settings, (route) =>
    route.request().method() === 'PUT' ? route.abort() : route.fallback(),
  );
  const refused = other.waitForEvent('requestfailed', (request) => request.method() === 'PUT');
  await choose(other, 'First name');
  await refused;
  await expect.poll(() => order(other), { timeout: waitMs }).toEqual(byFamily);
  await other.unrouteAll({ behavior: 'wait' });
  await one.reload();
  await expect.poll(() => order(one), { timeout: waitMs }).toEqual(byFamily);
  await choose(other, 'First name');
  for (const page of [one, other]) await expect.poll(() => order(page), { timeout: waitMs }).toEqual(byName);
});
