import { readFile } from 'node:fs/promises';
import { z } from 'zod';

/** What `sip-call` calls it. */
export const kneeMetric = 'calls set up, highest rate that is held';
/** Where no benchmark was run: what a core of a common server bears with ease. */
const withoutBenchmark = 20;

const report = z.object({ rows: z.array(z.object({ metric: z.string(), ours: z.number() })) });

/** A call that is put on hold and taken back, with its share of transfers, takes the processor time of two plain ones. */
const plainCallsOfOne = 2;

/** Calls per second of a soak that take half of what `npm run bench -- sip-call` found on this machine last. */
export async function halfTheKnee(): Promise<number> {
  const file = new URL('../../../bench/out/sip-call.json', import.meta.url);
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return withoutBenchmark;
  const knee = report
    .safeParse(JSON.parse(text))
    .data?.rows.find(({ metric }) => metric === kneeMetric)?.ours;
  return knee === undefined ? withoutBenchmark : Math.max(1, Math.floor(knee / 2 / plainCallsOfOne));
}
