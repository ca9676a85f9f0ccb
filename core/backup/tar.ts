import type { Readable } from 'node:stream';

/** One entry of an archive. The bytes of a file are read to their end before the next entry is asked for. */
export interface TarEntry {
  path: string;
  kind: 'file' | 'folder';
  bytes: number;
  content: AsyncIterable<Buffer>;
}

export class TarError extends Error {
  override readonly name = 'TarError';
}

const block = 512;

/**
 * Reads a tar (POSIX ustar, as PostgreSQL sends it) as it comes. Only files and folders with plain names below the
 * archive's root: anything else throws a `TarError`, because it would write where nothing of it belongs.
 */
export async function* readTar(source: Readable): AsyncGenerator<TarEntry> {
  const bytes = reader(source);
  for (;;) {
    const header = await bytes.take(block);
    if (header === undefined || header.every((byte) => byte === 0)) break;
    const entry = parseHeader(header);
    let left = entry.bytes;
    const content = async function* () {
      while (left > 0) {
        const part = await bytes.some(left);
        left -= part.length;
        yield part;
      }
    };
    yield { ...entry, content: content() };
    for await (const _ of content()) {
      // What was not read is passed over.
    }
    const padding = (block - (entry.bytes % block)) % block;
    if (padding > 0 && (await bytes.take(padding)) === undefined)
      throw new TarError('the archive is cut off');
  }
  // The last blocks are empty; whatever stands behind them is nothing of the archive's, but its sum must be right.
  await bytes.drain();
}

function parseHeader(header: Buffer): { path: string; kind: 'file' | 'folder'; bytes: number } {
  let sum = 0;
  for (let at = 0; at < block; at++) sum += at >= 148 && at < 156 ? 32 : header[at]!;
  if (octal(header, 148, 8) !== sum) throw new TarError('a header of the archive is damaged');
  const prefix = header.toString('latin1', 257, 262) === 'ustar' ? text(header, 345, 155) : '';
  const path = [prefix, text(header, 0, 100)].filter((part) => part !== '').join('/');
  const clean = path.replace(/^\.\//, '').replace(/\/$/, '');
  const isPlain = clean.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
  if (!isPlain || path.startsWith('/') || /[^\x20-\x7e]/.test(path))
    throw new TarError('the archive has a path that leads elsewhere');
  const type = String.fromCharCode(header[156]!);
  if (type !== '0' && type !== '\0' && type !== '5')
    throw new TarError(`${clean} is neither a file nor a folder`);
  const kind = type === '5' ? 'folder' : 'file';
  return { path: clean, kind, bytes: kind === 'folder' ? 0 : sizeOf(header) };
}

/** Octal digits, or base 256 for what is larger than 8 GiB, which PostgreSQL never writes and others may. */
function sizeOf(header: Buffer): number {
  if ((header[124]! & 0x80) === 0) return octal(header, 124, 12);
  const size = header.readBigUInt64BE(128);
  if (size > 1n << 50n) throw new TarError('a file of the archive has no sensible size');
  return Number(size);
}

function octal(header: Buffer, at: number, length: number): number {
  const digits = text(header, at, length).trim();
  if (!/^[0-7]{1,12}$/.test(digits)) throw new TarError('a header of the archive is damaged');
  return Number.parseInt(digits, 8);
}

function text(header: Buffer, at: number, length: number): string {
  const field = header.toString('latin1', at, at + length);
  const end = field.indexOf('\0');
  return end === -1 ? field : field.slice(0, end);
}

function reader(source: Readable) {
  const chunks = source[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  let rest = Buffer.alloc(0);
  const more = async (): Promise<boolean> => {
    const next = await chunks.next();
    if (next.done) return false;
    rest = rest.length === 0 ? Buffer.from(next.value) : Buffer.concat([rest, next.value]);
    return true;
  };
  return {
    /** Exactly so many bytes, or undefined at the end of the source. */
    async take(length: number): Promise<Buffer | undefined> {
      while (rest.length < length) {
        if (await more()) continue;
        if (rest.length === 0) return undefined;
        throw new TarError('the archive is cut off');
      }
      const taken = rest.subarray(0, length);
      rest = rest.subarray(length);
      return taken;
    },
    /** At least one byte and at most so many. */
    async some(most: number): Promise<Buffer> {
      while (rest.length === 0) if (!(await more())) throw new TarError('the archive is cut off');
      const taken = rest.subarray(0, most);
      rest = rest.subarray(taken.length);
      return taken;
    },
    async drain(): Promise<void> {
      rest = Buffer.alloc(0);
      for (let next = await chunks.next(); !next.done; next = await chunks.next()) {
        // Read to the end, so that what checks the bytes on the way has seen all of them.
      }
    },
  };
}
