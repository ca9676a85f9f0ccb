import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openChromium, openPages, type PeoplesPages } from '@liaison/tests/chromium';
import { type Actor, openStage, type Stage } from '@liaison/tests/stage';
import { expectAccessible } from '@liaison/ui/testing/expect';
import type { Browser, Locator, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { FileTree, ListedNode } from '../contract/index.ts';
import { pdfOf } from '../server/demo/pdf.ts';

let stage: Stage;
let browser: Browser;
let ines: Actor;
let njeri: Actor;
let tree: FileTree;
let pages: PeoplesPages;
const waitMs = 60_000;

beforeAll(async () => {
  stage = await openStage({ people: 2 });
  [ines, njeri] = stage.actors as [Actor, Actor];
  browser = await openChromium();
  // A worker could let pass what is held back here.
  pages = openPages(browser, stage.url, { serviceWorkers: 'block' });
  await stage.as(ines, 'POST', '/teams', { kind: 'team', name: 'Port study', memberIds: [njeri.id] });
  const { rows } = (await stage.as(ines, 'GET', '/files/trees')) as { rows: FileTree[] };
  tree = rows.find(({ kind }) => kind === 'team') as FileTree;
}, 240_000);
afterEach(async () => {
  expect(await pages.close()).toEqual([]);
});
afterAll(async () => {
  await browser?.close();
  await stage?.close();
});

const pageOf: PeoplesPages['of'] = (...open) => pages.of(...open);
const folder = async (name: string): Promise<ListedNode> =>
  (await stage.as(ines, 'POST', `/files/nodes/${tree.rootId}/folders`, { name })) as ListedNode;
const row = (page: Page, name: string) =>
  page.getByRole('row').filter({ has: page.getByRole('button', { name: `More for ${name}`, exact: true }) });
const verb = async (page: Page, name: string, what: string): Promise<void> => {
  await page.getByRole('button', { name: `More for ${name}`, exact: true }).click();
  await page.getByRole('menuitem', { name: what, exact: true }).click();
};
const choose = (page: Page, name: string, buffer: Buffer): Promise<void> =>
  page
    .getByLabel('Upload', { exact: true })
    .and(page.locator('input'))
    .setInputFiles({ name, mimeType: 'text/plain', buffer });

test('what one uploads, renames, moves and deletes the other sees at once, and has it back from the trash', async () => {
  const here = await folder('Charts');
  const [hers, his] = [await pageOf(ines, `/files/${here.id}`), await pageOf(njeri, `/files/${here.id}`)];
  for (const page of [hers, his]) await page.getByText('No files here yet.').waitFor();
  await choose(hers, 'tides.txt', Buffer.from('high water at nine'));
  await row(his, 'tides.txt').waitFor();
  await hers.getByText('1 file is here.').waitFor();

  await verb(his, 'tides.txt', 'Rename');
  const field = his.getByRole('textbox', { name: 'Name', exact: true });
  await field.fill('con');
  await his.getByRole('button', { name: 'Rename', exact: true }).click();
  await his.getByText('Some computers cannot keep this name. Choose another one.').waitFor();
  await field.fill('June tides.txt');
  await his.getByRole('button', { name: 'Rename', exact: true }).click();
  await row(hers, 'June tides.txt').waitFor();

  await hers.getByRole('button', { name: 'New folder', exact: true }).click();
  await hers.getByRole('textbox', { name: 'Name', exact: true }).fill('Old');
  await hers.getByRole('button', { name: 'Create', exact: true }).click();
  await row(his, 'Old').waitFor();
  await verb(his, 'June tides.txt', 'Move to…');
  await his.getByRole('dialog').getByRole('button', { name: 'Old', exact: true }).click();
  await his.getByRole('button', { name: 'Move here', exact: true }).click();
  await row(hers, 'June tides.txt').waitFor({ state: 'detached' });

  // By keyboard alone: into the folder, and the file into the trash.
  await hers.getByRole('grid').focus();
  await hers.keyboard.press('Enter');
  await row(hers, 'June tides.txt').waitFor();
  await expectAccessible(hers);
  await hers.getByRole('grid').focus();
  await hers.keyboard.press('Delete');
  await row(hers, 'June tides.txt').waitFor({ state: 'detached' });
  await his.goto(`${stage.url}/files/trash/${tree.id}`);
  await his.getByRole('button', { name: 'Restore June tides.txt', exact: true }).click();
  await row(hers, 'June tides.txt').waitFor();
});

test('what came between the list and the connection is there', async () => {
  const here = await folder('Connects');
  const page = await pageOf(njeri, '/people');
  let away = true;
  await page.routeWebSocket('**/api/v1/live', (socket) => {
    if (away) void socket.close();
    else socket.connectToServer();
  });
  await page.goto(`${stage.url}/files/${here.id}`);
  await page.getByText('No files here yet.').waitFor();
  await stage.as(ines, 'POST', `/files/nodes/${here.id}/folders`, { name: 'Came between' });
  away = false;
  await row(page, 'Came between').waitFor();
});

test('an upload goes on after a reload, and comes out as it went in', async () => {
  const here = await folder('Reloads');
  const page = await pageOf(ines, `/files/${here.id}`);
  await page.getByText('No files here yet.').waitFor();
  // The first piece never gets through.
  let isHeld = true;
  await page.route('**/api/v1/files/uploads/*', (route) =>
    isHeld && route.request().method() === 'PATCH' ? undefined : route.fallback(),
  );
  const bytes = Buffer.alloc(3_000_000, 'tide ');
  const begun = page.waitForResponse(
    (answer) => answer.request().method() === 'POST' && answer.url().endsWith('/files/uploads'),
  );
  await choose(page, 'long.bin', bytes);
  await begun;
  await page.getByText('1 upload on its way').waitFor();
  // Kept on the device before the page goes.
  await page.waitForFunction(async () => {
    const db = await new Promise<IDBDatabase>((resolve) => {
      const opening = indexedDB.open('liaison.files');
      opening.onsuccess = () => resolve(opening.result);
    });
    const rows = await new Promise<{ url: string | null }[]>((resolve) => {
      const asking = db.transaction('uploads').objectStore('uploads').getAll();
      asking.onsuccess = () => resolve(asking.result);
    });
    db.close();
    return rows.some(({ url }) => url !== null);
  });
  // What is held stays so, and ends with the page: without the route it would be let go.
  isHeld = false;
  await page.reload();
  await row(page, 'long.bin').waitFor();
  const { rows } = (await stage.as(ines, 'GET', `/files/nodes/${here.id}/children`)) as {
    rows: ListedNode[];
  };
  expect(rows).toMatchObject([{ name: 'long.bin', bytes: bytes.length, version: 1 }]);
  const content = await fetch(`${stage.url}/api/v1/files/nodes/${rows[0]?.id}/content`, {
    headers: { cookie: ines.cookie },
  });
  expect(Buffer.from(await content.arrayBuffer()).equals(bytes)).toBe(true);
});

test('a folder of small files goes in a few requests, after a cut and a reload too, and tells of the one that cannot be kept', async () => {
  const here = await folder('Dropped');
  const page = await pageOf(ines, `/files/${here.id}`);
  await page.getByText('No files here yet.').waitFor();
  const scratch = await mkdtemp(join(tmpdir(), 'liaison-drop-'));
  const names = Array.from({ length: 300 }, (_, at) => (at === 70 ? 'con' : `tide ${at}.txt`));
  for (const inside of ['a', 'b', 'c', 'aux'])
    await mkdir(join(scratch, 'drop', inside), { recursive: true });
  const folderOf = (at: number) => ['a', 'b', 'c'][at % 3] as string;
  for (const [at, name] of names.entries()) {
    await writeFile(join(scratch, 'drop', folderOf(at), name), `${name} of ${at}`);
  }
  await writeFile(join(scratch, 'drop', 'aux', 'x.txt'), 'in a folder that cannot be made');

  // The first is taken, and nobody hears of it; nothing comes of the others.
  let asked = 0;
  let isHeld = true;
  await page.route('**/api/v1/files/batches', async (route) => {
    if (!isHeld) return route.fallback();
    asked += 1;
    if (asked > 1) return;
    await route.fetch();
    await route.abort();
  });
  await page
    .getByLabel('Upload a folder', { exact: true })
    .and(page.locator('input'))
    .setInputFiles(join(scratch, 'drop'));
  await page.getByText('drop/aux/x.txt', { exact: true }).waitFor();
  await page.getByText('Some computers cannot keep this name. Choose another one.').waitFor();
  await page.getByText('301 uploads on their way').waitFor();
  await page.getByRole('progressbar', { name: 'All together', exact: true }).waitFor();
  await expect
    .poll(
      async () => (await foldersAndFiles(here.id)).filter((path) => path.split('/').length === 3).length,
      {
        timeout: waitMs,
      },
    )
    .toBeGreaterThan(0);
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Pause all', exact: true }).click();
  await page.getByRole('button', { name: 'Go on with all', exact: true }).click();
  await page.getByRole('button', { name: 'Pause all', exact: true }).waitFor();
  await expect.poll(() => keptOn(page), { timeout: waitMs }).toBe(300);
  isHeld = false;

  let requests = 0;
  page.on('request', (request) => {
    if (request.url().endsWith('/files/batches')) requests += 1;
  });
  await page.reload();
  await page.getByText('1 upload on its way').waitFor();
  await page.getByText('con', { exact: true }).waitFor();
  await page.getByText('Some computers cannot keep this name. Choose another one.').waitFor();
  expect(requests).toBeLessThan(5);
  await page.getByRole('button', { name: 'Give con up', exact: true }).click();
  await page.getByText('299 files are here.').waitFor();
  await expect.poll(() => keptOn(page), { timeout: waitMs }).toBe(0);
  const wanted = names.flatMap((name, at) => (name === 'con' ? [] : [`drop/${folderOf(at)}/${name}`]));
  expect(await foldersAndFiles(here.id)).toEqual(
    ['drop', 'drop/a', 'drop/b', 'drop/c', ...wanted.map((path) => `${path} 1`)].toSorted(),
  );
  await rm(scratch, { recursive: true });
});

/** Uploads that are kept on the device. */
const keptOn = (page: Page): Promise<number> =>
  page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const opening = indexedDB.open('liaison.files');
        opening.onsuccess = () => {
          const asking = opening.result.transaction('uploads').objectStore('uploads').count();
          asking.onsuccess = () => {
            opening.result.close();
            resolve(asking.result);
          };
        };
      }),
  );

/** What lies below a folder, by its path; files with their version. */
async function foldersAndFiles(folderId: string): Promise<string[]> {
  const rows = (await stage.sql(
    `with recursive down as (
       select id, rank, version, name as path from files.node where parent_id = $1
       union all
       select n.id, n.rank, n.version, d.path || '/' || n.name from down d join files.node n on n.parent_id = d.id)
     select case rank when 0 then path else path || ' ' || version end as path from down`,
    [folderId],
  )) as { path: string }[];
  return rows.map(({ path }) => path).toSorted();
}

test('files are looked at one after the other, also those of a conversation', async () => {
  const here = await folder('Looked at');
  const page = await pageOf(ines, `/files/${here.id}`);
  await page.getByText('No files here yet.').waitFor();
  const picture = await sharp({ create: { width: 640, height: 480, channels: 3, background: '#0b6379' } })
    .png()
    .toBuffer();
  const document = pdfOf([{ title: 'High water', lines: ['at nine'] }]);
  // A server that is too busy to draw is asked again.
  let refused = 0;
  await page.route('**/preview?*', (route) => {
    refused += 1;
    return refused > 2 ? route.fallback() : route.fulfill({ status: 503, headers: { 'retry-after': '0' } });
  });
  await choose(page, 'a chart.png', picture);
  await choose(page, 'b tides.pdf', document);
  await choose(page, 'c words.html', Buffer.from('<h1>high</h1><script>document.title = "ran"</script>'));
  for (const name of ['a chart.png', 'b tides.pdf', 'c words.html']) await row(page, name).waitFor();
  const drawn = (scope: Locator) =>
    expect
      .poll(() => scope.evaluate((img) => (img as HTMLImageElement).naturalWidth), { timeout: waitMs })
      .toBeGreaterThan(0);
  for (const name of ['a chart.png', 'b tides.pdf']) await drawn(row(page, name).locator('img'));
  expect(refused).toBeGreaterThan(2);
  await page.getByRole('button', { name: 'Show as pictures', exact: true }).click();
  await page.getByRole('button', { name: /^a chart\.png/ }).click();
  await drawn(page.getByRole('img', { name: 'a chart.png', exact: true }));
  await page.getByText(/1 of 3$/).waitFor();
  await page.getByRole('button', { name: 'Share…', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'New link', exact: true }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.getByRole('region', { name: 'a chart.png', exact: true }).first().focus();
  await page.keyboard.press('ArrowRight');
  await page.getByRole('img', { name: 'Page 1 of 1', exact: true }).waitFor();
  await page.getByText('High water at nine').waitFor({ state: 'attached' });
  await page.keyboard.press('ArrowRight');
  // What is in a page of somebody is words here.
  await page.getByText('<h1>high</h1>').waitFor();
  await expect.poll(() => page.title()).not.toContain('ran');
  await expectAccessible(page);
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Show as rows', exact: true }).click();

  // What was sent in a message stands among the files of its people, and is looked at in the same way.
  const { id: conversationId } = (await stage.as(ines, 'POST', '/chat/direct', {
    personId: njeri.id,
  })) as { id: string };
  const sent = (await (
    await fetch(
      `${stage.url}/api/v1/chat/conversations/${conversationId}/attachments?name=for%20you.png&type=image/png`,
      {
        method: 'POST',
        headers: { cookie: ines.cookie, 'content-type': 'application/octet-stream', origin: stage.url },
        body: picture,
      },
    )
  ).json()) as { id: string };
  await stage.as(ines, 'POST', `/chat/conversations/${conversationId}/messages`, {
    clientKey: sent.id,
    body: '',
    attachmentIds: [sent.id],
  });
  const his = await pageOf(njeri, '/files');
  await his.getByRole('link', { name: 'From conversations', exact: true }).click();
  await his.getByRole('main').getByRole('link', { name: 'Inês Carvalhal', exact: true }).click();
  await his.getByRole('button', { name: /^for you\.png/ }).click();
  await drawn(his.getByRole('img', { name: 'for you.png', exact: true }));
  await expectAccessible(his);

  // A file of the team is named in a message, and opened from there.
  await his.goto(`${stage.url}/chat/${conversationId}`);
  await his.getByRole('button', { name: 'Add', exact: true }).click();
  await his.getByRole('menuitem', { name: 'Choose from Files', exact: true }).click();
  await his.getByRole('dialog').getByRole('textbox', { name: 'Search by name', exact: true }).fill('b tides');
  await his.getByRole('dialog').getByRole('button', { name: 'b tides.pdf', exact: true }).click();
  await his.getByRole('dialog').waitFor({ state: 'detached' });
  await expect
    .poll(() => his.evaluate(() => (globalThis.document.activeElement as HTMLTextAreaElement).value), {
      timeout: waitMs,
    })
    .toContain('[b tides.pdf](http');
  await his.keyboard.press('Enter');
  await his.getByRole('link', { name: /^b tides\.pdf/ }).click();
  await his.getByRole('img', { name: 'Page 1 of 1', exact: true }).waitFor();
});

test('in pictures several are chosen by mouse, keys and finger', async () => {
  const here = await folder('Chosen');
  for (const name of ['one', 'two', 'three', 'four', 'five'])
    await stage.as(ines, 'POST', `/files/nodes/${here.id}/folders`, { name });
  const page = await pageOf(ines, `/files/${here.id}`);
  await page.getByRole('button', { name: 'Show as pictures', exact: true }).click();
  const card = (of: Page, name: string) => of.getByRole('gridcell').filter({ hasText: name });
  const chosen = (of: Page) =>
    of
      .getByRole('gridcell', { selected: true })
      .evaluateAll((cells) => cells.map((cell) => cell.textContent ?? ''));
  const names = async (of: Page, ...wanted: string[]) =>
    expect
      .poll(async () => (await chosen(of)).map((text) => /five|four|one|three|two/.exec(text)?.[0]), {
        timeout: waitMs,
      })
      .toEqual(wanted);
  // In the order of their names: five, four, one, three, two.
  await card(page, 'four').click({ modifiers: ['Control'] });
  await names(page, 'four');
  await card(page, 'three').click({ modifiers: ['Shift'] });
  await names(page, 'four', 'one', 'three');
  await card(page, 'one').click({ modifiers: ['Control'] });
  await names(page, 'four', 'three');
  await expectAccessible(page);
  const grid = page.getByRole('grid');
  await grid.focus();
  await page.keyboard.press('Escape');
  await names(page);
  await page.keyboard.press('Control+a');
  await names(page, 'five', 'four', 'one', 'three', 'two');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Home');
  await page.keyboard.press('Shift+ArrowRight');
  await names(page, 'five', 'four');

  const hand = await pageOf(njeri, `/files/${here.id}`, { width: 390, height: 844 });
  await hand.getByRole('button', { name: 'Show as pictures', exact: true }).click();
  await card(hand, 'one').waitFor();
  await card(hand, 'one').dispatchEvent('pointerdown', { pointerType: 'touch', clientX: 5, clientY: 5 });
  await names(hand, 'one');
  await card(hand, 'one').dispatchEvent('pointerup', { pointerType: 'touch' });
  await card(hand, 'two').tap();
  await names(hand, 'one', 'two');
  await expectAccessible(hand);

  await page.keyboard.press('Delete');
  for (const name of ['five', 'four']) await card(hand, name).waitFor({ state: 'detached' });
});

test('thousands of rows are drawn as they come into sight, and a right taken away empties the page', async () => {
  const here = await folder('Many');
  await stage.sql(
    `insert into files.node (id, org_id, tree_id, parent_id, rank, name, name_hash, sort_key, words, bytes, sha256, version)
     select gen_random_uuid(), n.org_id, n.tree_id, n.id, 1, 'f' || i || '.txt', 'h' || i, 'f' || lpad(i::text, 6, '0'), '', i,
       repeat('0', 64), 1 from files.node n, generate_series(1, 3000) i where n.id = $1`,
    [here.id],
  );
  const page = await pageOf(njeri, `/files/${here.id}`, { width: 390, height: 844 });
  await row(page, 'f1.txt').waitFor();
  await expect.poll(() => page.getByRole('row').count(), { timeout: waitMs }).toBeLessThan(60);
  const grid = page.getByRole('grid');
  // At the end there is more, each time one comes there.
  await expect
    .poll(
      () =>
        grid.evaluate((element) => {
          element.scrollTo(0, element.scrollHeight);
          return element.scrollHeight;
        }),
      { timeout: waitMs },
    )
    .toBeGreaterThan(30_000);
  await expectAccessible(page);
  await stage.as(ines, 'DELETE', `/teams/${tree.spaceId}/members/${njeri.id}`);
  await page.getByText('This folder is not here.').waitFor();
});

test('a folder is shared with somebody and by link with a stranger, and both lose it when it is taken back', async () => {
  const { rows: trees } = (await stage.as(ines, 'GET', '/files/trees')) as { rows: FileTree[] };
  const own = trees.find(({ kind }) => kind === 'personal') as FileTree;
  const here = (await stage.as(ines, 'POST', `/files/nodes/${own.rootId}/folders`, {
    name: 'For the pilots',
  })) as ListedNode;
  const hers = await pageOf(ines, `/files/${here.id}`);
  await choose(hers, 'tides.txt', Buffer.from('high water at nine'));
  await row(hers, 'tides.txt').waitFor();
  await hers.getByRole('button', { name: 'More for this folder', exact: true }).click();
  await hers.getByRole('menuitem', { name: 'Share…', exact: true }).click();
  const dialog = hers.getByRole('dialog');
  await dialog.getByLabel('Share with', { exact: true }).and(dialog.locator('input')).fill(njeri.name);
  await hers.getByRole('option').filter({ hasText: njeri.name }).click();
  await dialog.getByRole('button', { name: 'Share', exact: true }).click();
  const end = dialog.getByRole('button', { name: `End it for ${njeri.name}`, exact: true });
  await end.waitFor();

  const his = await pageOf(njeri, '/files/shared');
  await his.getByRole('button', { name: /^For the pilots/ }).click();
  await row(his, 'tides.txt').waitFor();

  // A link that sends, with a password.
  await dialog.getByRole('button', { name: 'New link', exact: true }).click();
  await dialog.getByRole('combobox', { name: 'Whoever has it may', exact: true }).selectOption('upload');
  await dialog.getByLabel('Password', { exact: true }).fill('high water');
  await dialog.getByRole('button', { name: 'Make the link', exact: true }).click();
  await dialog.getByRole('button', { name: 'Copy link', exact: true }).waitFor();
  await expectAccessible(hers);
  const read = (await stage.as(ines, 'POST', `/files/nodes/${here.id}/links`, { mode: 'read' })) as {
    id: string;
    path: string;
  };
  const { rows: links } = (await stage.as(ines, 'GET', `/files/nodes/${here.id}/links`)) as {
    rows: { path: string; mode: string }[];
  };
  const drop = links.find(({ mode }) => mode === 'upload');

  const stranger = await pages.ofStranger(read.path, 'fr-FR');
  await stranger.getByRole('heading', { name: 'For the pilots', exact: true }).waitFor();
  const saved = stranger.waitForEvent('download');
  await stranger.getByRole('button', { name: 'Télécharger tides.txt', exact: true }).click();
  expect((await saved).suggestedFilename()).toBe('tides.txt');
  await expectAccessible(stranger);
  await stage.as(ines, 'DELETE', `/files/links/${read.id}`);
  await stranger.getByRole('heading', { name: 'Il n’y a rien ici.', exact: true }).waitFor();

  await stranger.goto(stage.url + drop?.path);
  await stranger.getByLabel('Mot de passe', { exact: true }).fill('high water');
  await stranger.getByRole('button', { name: 'Ouvrir', exact: true }).click();
  await stranger
    .getByLabel('Choisir des fichiers', { exact: true })
    .and(stranger.locator('input'))
    .setInputFiles({ name: 'soundings.txt', mimeType: 'text/plain', buffer: Buffer.from('twelve metres') });
  await stranger.getByText('Ce que vous avez envoyé').waitFor();
  await row(his, 'soundings.txt').waitFor();
  expect(await stranger.getByText('tides.txt').count()).toBe(0);
  await expectAccessible(stranger);

  await end.click();
  await his.getByText('This folder is not here.').waitFor();

  // An address of files that lie in no module.
  await his.goto(`${stage.url}/files/from/nowhere`);
  await his.getByRole('heading', { name: 'This folder is not here.', exact: true }).waitFor();
  await expectAccessible(his);
});
