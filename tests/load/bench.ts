// npm run bench -- NAME [--rounds N] [--sizes 200,2000] [--profile FOLDER]
import { parseArgs } from 'node:util';
import { backup } from './benchmarks/backup.ts';
import { calendar } from './benchmarks/calendar.ts';
import { callCost } from './benchmarks/call-cost.ts';
import { chat } from './benchmarks/chat.ts';
import { cost } from './benchmarks/cost.ts';
import { followers } from './benchmarks/followers.ts';
import { memory } from './benchmarks/memory.ts';
import { overload } from './benchmarks/overload.ts';
import { pages } from './benchmarks/pages.ts';
import { rtp } from './benchmarks/rtp.ts';
import { scale } from './benchmarks/scale.ts';
import { search } from './benchmarks/search.ts';
import { sipCall } from './benchmarks/sip-call.ts';
import { sipRegister } from './benchmarks/sip-register.ts';
import { start } from './benchmarks/start.ts';
import { upload } from './benchmarks/upload.ts';
import { web } from './benchmarks/web.ts';
import { type Benchmark, machine, table, writeReport } from './measure/report.ts';

const benchmarks: Record<string, { measures: string; run: Benchmark }> = {
  start: { measures: 'clone to ready, and second start', run: start },
  chat: { measures: 'messages to rooms of 200 and 2,000 members, against prosody', run: chat },
  cost: { measures: 'processor time of a chat message at given rates', run: cost },
  followers: {
    measures: 'processor time that search, numbers and news take for a message',
    run: followers,
  },
  rtp: { measures: '300 two-way calls through one media process, against rtpengine', run: rtp },
  overload: { measures: 'goodput when twice and five times too many telephones register', run: overload },
  'sip-register': {
    measures: '10,000 telephones that register, against kamailio',
    run: sipRegister,
  },
  'sip-call': {
    measures: 'calls between two SIPps through the exchange, against kamailio as proxy',
    run: sipCall,
  },
  'call-cost': { measures: 'processor time and statements of a call at given rates', run: callCost },
  backup: { measures: 'encrypted backup and restore of a gigabyte, and what a loss costs', run: backup },
  scale: { measures: 'chat deliveries and calls per CPU-second with 1, 2 and 4 processes', run: scale },
  calendar: {
    measures: '10,000 appointments in one calendar and a series over ten years: week, month, list, scrolling',
    run: calendar,
  },
  search: {
    measures: 'a million items of which the asker may read a hundredth, p99 as she types',
    run: search,
  },
  upload: {
    measures: 'a large file up and down, against nginx, and files of 1 kB, against apache',
    run: upload,
  },
  web: { measures: 'first load of the signed-in shell in Chromium', run: web },
  pages: { measures: "weight and largest paint of each module's first page", run: pages },
  memory: {
    measures: 'memory of the whole process tree, idle, per open page and per telephone',
    run: memory,
  },
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '5' },
    sizes: { type: 'string', default: '200,2000' },
    items: { type: 'string', default: '1000000' },
    megabytes: { type: 'string', default: '1000' },
    profile: { type: 'string' },
  },
});
const [name = ''] = positionals;
const benchmark = Object.hasOwn(benchmarks, name) ? benchmarks[name] : undefined;
const rounds = Number(values.rounds);
const items = Number(values.items);
const megabytes = Number(values.megabytes);
const sizes = values.sizes.split(',').map(Number);
const isSize = (size: number) => Number.isInteger(size) && size >= 1 && size <= 5000;
if (
  !benchmark ||
  !Number.isInteger(rounds) ||
  rounds < 1 ||
  rounds > 50 ||
  !sizes.every(isSize) ||
  !(items >= 5000 && items <= 5_000_000) ||
  !(Number.isInteger(megabytes) && megabytes >= 1 && megabytes <= 10_000)
) {
  process.stdout.write(
    "npm run bench -- NAME [--rounds 1..50] [--sizes 200,2000: chat's rooms] [--items N: of search] [--megabytes N: of upload] [--profile FOLDER: of our server]\n\n",
  );
  for (const [each, { measures }] of Object.entries(benchmarks)) {
    process.stdout.write(`  ${each.padEnd(12)} ${measures}\n`);
  }
  process.exit(name === '' ? 0 : 2);
}

process.stdout.write(`${name}: ${benchmark.measures}\n${await machine()}\n\n`);
const outcome = await benchmark.run({
  rounds,
  sizes,
  items,
  megabytes,
  say: (line) => void process.stdout.write(`  ${line}\n`),
  ...(values.profile === undefined ? {} : { profileFolder: values.profile }),
});
const file = await writeReport(name, outcome);
process.stdout.write(`\n${table(outcome.rows)}\n\n${outcome.notes.map((note) => `${note}\n`).join('')}`);
process.stdout.write(`Written to ${file}\n`);
if (outcome.void !== undefined) {
  process.stdout.write(`\nVOID: ${outcome.void}\n`);
  process.exitCode = 1;
}
