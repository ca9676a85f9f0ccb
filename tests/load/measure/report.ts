import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';

/** One figure. `ratio` is ours against the peer's, above 1 where ours is better. */
export interface Row {
  readonly metric: string;
  readonly unit: string;
  readonly ours: number;
  readonly peer: number | null;
  readonly ratio: number | null;
  /** As people read it: `<= 350`, `>= 2x`; null where there is none. */
  readonly goal: string | null;
  readonly met: boolean | null;
}

export interface Outcome {
  readonly rows: readonly Row[];
  /** How it was measured, and what to know when reading the figures. */
  readonly notes: readonly string[];
  /** Why the figures say nothing; they are printed all the same, and the exit status is not 0. */
  readonly void?: string;
}

export interface BenchOptions {
  readonly rounds: number;
  /** Members of the rooms of `chat`. */
  readonly sizes: readonly number[];
  /** Documents of `search`. */
  readonly items: number;
  /** Of the large file of `upload`. */
  readonly megabytes: number;
  readonly say: (line: string) => void;
  /** Writes a CPU profile of our server into this folder. */
  readonly profileFolder?: string;
}

export type Benchmark = (options: BenchOptions) => Promise<Outcome>;

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
};

/** A figure with an upper bound, or none. */
export const atMost = (metric: string, unit: string, ours: number, bound?: number): Row => ({
  metric,
  unit,
  ours,
  peer: null,
  ratio: null,
  goal: bound === undefined ? null : `<= ${bound}`,
  met: bound === undefined ? null : ours <= bound,
});

/** A figure beside a peer's; `better` says which direction is, `times` how far ahead ours must be. */
export function against(
  metric: string,
  unit: string,
  ours: number,
  peer: number,
  { better, times }: { better: 'more' | 'less'; times?: number },
): Row {
  const ratio = better === 'more' ? ours / peer : peer / ours;
  return {
    metric,
    unit,
    ours,
    peer,
    ratio,
    goal: times === undefined ? null : `>= ${times}x`,
    met: times === undefined ? null : ratio >= times,
  };
}

const digits = (value: number): string =>
  Number.isFinite(value) ? (Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3)) : String(value);

export function table(rows: readonly Row[]): string {
  const cells = [
    ['', 'unit', 'ours', 'peer', 'ratio', 'goal', ''],
    ...rows.map((row) => [
      row.metric,
      row.unit,
      digits(row.ours),
      row.peer === null ? '' : digits(row.peer),
      row.ratio === null ? '' : `${digits(row.ratio)}x`,
      row.goal ?? '',
      row.met === null ? '' : row.met ? 'met' : 'missed',
    ]),
  ];
  const widths = cells[0]!.map((_, column) => Math.max(...cells.map((line) => line[column]!.length)));
  return cells
    .map((line) =>
      line
        .map((cell, at) => (at >= 2 && at <= 4 ? cell.padStart(widths[at]!) : cell.padEnd(widths[at]!)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

export async function machine(): Promise<string> {
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '');
  const system = /^PRETTY_NAME="?([^"\n]+)/m.exec(release)?.[1] ?? process.platform;
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  return `${cpus().length} x ${model}, ${(totalmem() / 2 ** 30).toFixed(1)} GiB, ${system}, Node ${process.versions.node}`;
}

const outFolder = new URL('../../../bench/out/', import.meta.url);

export async function writeReport(name: string, outcome: Outcome): Promise<string> {
  await mkdir(outFolder, { recursive: true });
  const file = fileURLToPath(new URL(`${name}.json`, outFolder));
  const report = { name, date: new Date().toISOString(), machine: await machine(), ...outcome };
  await writeFile(file, `${JSON.stringify(report, null, 2)}\n`);
  return file;
}
