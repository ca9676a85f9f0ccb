import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readTar, TarError } from './tar.ts';

const cutInto = (bytes: Buffer, size: number) =>
  Readable.from(
    (function* () {
      for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
    })(),
  );

async function entries(source: Readable): Promise<[path: string, content: string | null][]> {
  const found: [string, string | null][] = [];
  for await (const entry of readTar(source)) {
    const parts: Buffer[] = [];
    for await (const part of entry.content) parts.push(Buffer.from(part));
    found.push([entry.path, entry.kind === 'folder' ? null : Buffer.concat(parts).toString()]);
  }
  return found;
}

/** As the system's own tar writes it. */
function archive(make: (folder: string) => void): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'liaison-tar-'));
  try {
    make(folder);
    return execFileSync(
      'tar',
      ['--format=ustar', '--sort=name', '-cf', '-', '-C', folder, '.'].filter(Boolean),
      {
        maxBuffer: 10_000_000,
      },
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const good = archive((folder) => {
  mkdirSync(join(folder, 'base'));
  writeFileSync(join(folder, 'base', '1'), 'x'.repeat(1000));
  writeFileSync(join(folder, 'empty'), '');
  writeFileSync(join(folder, 'PG_VERSION'), '18\n');
}).subarray(512); // without the entry of the root itself

test('What the system’s tar writes is read, however it is cut', async () => {
  const wanted = [
    ['PG_VERSION', '18\n'],
    ['base', null],
    ['base/1', 'x'.repeat(1000)],
    ['empty', ''],
  ];
  for (const size of [1, 7, 511, 512, 513, 100_000])
    expect(Object.fromEntries(await entries(cutInto(good, size)))).toEqual(
      Object.fromEntries(wanted as [string, string | null][]),
    );
});

test('A path that leads elsewhere, a link and a damaged header are refused', async () => {
  const renamed = (path: string, type = '0') => {
    const bytes = Buffer.alloc(1024);
    bytes.write(path, 0, 'latin1');
    bytes.write('0000644\0', 100);
    bytes.write('00000000000\0', 124);
    bytes.write(type, 156);
    bytes.write('ustar', 257);
    bytes.fill(32, 148, 156);
    const sum = bytes.subarray(0, 512).reduce((total, byte) => total + byte, 0);
    bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    return Readable.from([bytes]);
  };
  expect(await entries(renamed('pg_wal/1'))).toEqual([['pg_wal/1', '']]);
  for (const path of ['../x', '/etc/passwd', 'a/../../x', 'a//b', 'a\nb'])
    await expect(entries(renamed(path)), path).rejects.toThrow(TarError);
  await expect(entries(renamed('pg_tblspc/1', '2'))).rejects.toThrow(/neither a file nor a folder/);
});

test('Whatever comes, the answer is entries or a TarError', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(good.length - 1), fc.nat(255), fc.nat(good.length), async (at, value, length) => {
      const bytes = Buffer.from(good);
      bytes[at] = value;
      await entries(cutInto(bytes.subarray(0, length), 600)).catch((error: unknown) =>
        expect(error).toBeInstanceOf(TarError),
      );
    }),
    { numRuns: 100 },
  );
});
