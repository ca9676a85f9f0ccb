import { readFile, writeFile } from 'node:fs/promises';
import { expect, inject, it } from 'vitest';
import { readLeftOut, readShownRows, type ShownRow } from '../testing/telephone-rows.ts';
import { compareTable, writeTable } from '../testing/telephone-table.ts';

it('a promised row that was not shown is missing, but for a file that could not run; versions may differ', () => {
  const row: ShownRow = {
    client: 'baresip',
    version: '1.0.0',
    transport: 'UDP',
    codec: 'G.722',
    encryption: 'none',
    network: 'direct',
    sound: 'both ways',
    also: ['hold', 'DTMF'],
    result: 'works',
    shownBy: 'tests/interop/sound.test.ts',
  };
  const place = 'Before\n<!-- table: written by npm run telephones -->\n\n<!-- end of table -->\nAfter\n';
  const page = writeTable(place, [row, row]);
  expect(page).toMatch(/^Before\n[\s\S]*\nAfter\n$/);
  expect(writeTable(page, [row])).toBe(page);
  expect(compareTable(page, [{ ...row, version: '1.1.0' }])).toEqual({ missing: [], unwritten: [] });
  expect(compareTable(page, []).missing).toHaveLength(1);
  expect(compareTable(page, [], [row.shownBy]).missing).toEqual([]);
  expect(compareTable(page, [row, { ...row, codec: 'Opus' }]).unwritten).toHaveLength(1);
});

/** Runs after all others of this stage (see vitest.interop.config.ts), and needs them: alone it finds no rows. */
it('docs/operations/telephones.md promises what this run has shown', async () => {
  const file = new URL('../../docs/operations/telephones.md', import.meta.url);
  const page = await readFile(file, 'utf8');
  const rows = await readShownRows(inject('telephoneRows'));
  if (process.env.LIAISON_WRITE_TELEPHONES === '1') await writeFile(file, writeTable(page, rows));
  else {
    const { missing, unwritten } = compareTable(page, rows, await readLeftOut(inject('telephoneRows')));
    expect(missing, 'promised in the table, and not shown by this run').toEqual([]);
    expect(unwritten, 'shown by this run, and not in the table: npm run telephones writes it').toEqual([]);
  }
});
