import { readFile, writeFile } from 'node:fs/promises';
import { expect, inject, it } from 'vitest';
import { readShownRows } from '../testing/telephone-rows.ts';
import { compareTable, writeTable } from '../testing/telephone-table.ts';

/** Runs after all others of this stage (see vitest.interop.config.ts), and needs them: alone it finds no rows. */
it('docs/operations/telephones.md promises what this run has shown', async () => {
  const file = new URL('../../docs/operations/telephones.md', import.meta.url);
  const page = await readFile(file, 'utf8');
  const rows = await readShownRows(inject('telephoneRows'));
  if (process.env.LIAISON_WRITE_TELEPHONES === '1') await writeFile(file, writeTable(page, rows));
  else {
    const { missing, unwritten } = compareTable(page, rows);
    expect(missing, 'promised in the table, and not shown by this run').toEqual([]);
    expect(unwritten, 'shown by this run, and not in the table: npm run telephones writes it').toEqual([]);
  }
});
