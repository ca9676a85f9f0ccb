import { execFile } from 'node:child_process';
import { appendFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, inject } from 'vitest';

/** What one test has shown of somebody else's client, as a line of docs/operations/telephones.md. */
export interface TelephoneRow {
  /** The program; its version is found by itself when Debian has a package of it. */
  readonly client: string;
  /** The one that brings it, where the package has another name. */
  readonly debianPackage?: string;
  readonly version?: string;
  /** How it signals: `UDP`, `TCP`, `TLS`, `WSS`. */
  readonly transport: string;
  /** What each side spoke, e.g. `G.722`, or `Opus ↔ PCMA` for different ones. */
  readonly codec: string;
  /** Of the sound: `none`, `SRTP (SDES)`, `SRTP (DTLS)`. */
  readonly encryption: string;
  /** What lay between: `direct`, `edge proxy`, `symmetric NAT`… */
  readonly network: string;
  /** Measured at the other's ear. */
  readonly sound: 'both ways' | 'one way' | '–';
  /** What else was done in the call: `hold`, `DTMF`, `transfer`… */
  readonly also?: readonly string[];
  /** Default `works`. */
  readonly result?: string;
}

/** Debian's baresip as it is when nothing else is asked of it. */
export const plainBaresip = {
  client: 'baresip',
  debianPackage: 'baresip-core',
  transport: 'UDP',
  codec: 'PCMU',
  encryption: 'none',
  network: 'direct',
} as const;

/** A row as the run wrote it. */
export type ShownRow = Required<Omit<TelephoneRow, 'debianPackage'>> & {
  /** The test file, from the root of the checkout. */
  readonly shownBy: string;
};

declare module 'vitest' {
  interface ProvidedContext {
    /** The folder of this run's rows; see telephone-rows-setup.ts. */
    telephoneRows: string;
  }
}

const run = promisify(execFile);

/** The version of one of Debian's packages that is installed, without its revision; empty when there is none. */
async function debianVersion(name: string): Promise<string> {
  try {
    const { stdout } = await run('dpkg-query', ['-s', name]);
    const version = /^Version: (?:\d+:)?([^-+~\s]+)/m.exec(stdout);
    return version?.[1] ?? '';
  } catch {
    return '';
  }
}

/** Call it where a test has shown all that the row says, as its last line: a test that fails gives no row. */
export async function shown(row: TelephoneRow): Promise<void> {
  const folder = inject('telephoneRows');
  const file = basename(expect.getState().testPath ?? '');
  const { client, debianPackage = client, transport, codec, encryption, network, sound } = row;
  const version = row.version ?? (await debianVersion(debianPackage));
  const { also = [], result = 'works' } = row;
  const shownBy = `tests/interop/${file}`;
  const full: ShownRow = {
    client,
    version,
    transport,
    codec,
    encryption,
    network,
    sound,
    also,
    result,
    shownBy,
  };
  if (folder) await appendFile(join(folder, `${file}.jsonl`), `${JSON.stringify(full)}\n`);
}

/** Call it where this machine cannot run a file at all: what the page says of that file is then not missed. */
export async function leftOut(): Promise<void> {
  const folder = inject('telephoneRows');
  if (folder) await writeFile(join(folder, `${basename(expect.getState().testPath ?? '')}.left-out`), '');
}

/** The files that this machine could not run. */
export async function readLeftOut(folder: string): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.left-out'));
  return names.map((name) => `tests/interop/${name.replace('.left-out', '')}`);
}

/** All rows of a run, in the order of the table. */
export async function readShownRows(folder: string): Promise<ShownRow[]> {
  const rows: ShownRow[] = [];
  for (const file of (await readdir(folder)).filter((name) => name.endsWith('.jsonl')).sort()) {
    const lines = (await readFile(join(folder, file), 'utf8')).trim().split('\n');
    rows.push(...lines.map((line) => JSON.parse(line) as ShownRow));
  }
  return rows;
}
