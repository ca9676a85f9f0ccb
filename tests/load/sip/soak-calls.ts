import { findRunningPostgres } from '@liaison/core/postgres';
import pg from 'pg';
import { extensionOf } from '../measure/installation.ts';
import { processTree } from '../measure/process-tree.ts';
import { atMost, type Outcome } from '../measure/report.ts';
import { openCallStage } from './call-stage.ts';
import { collectsWhenTold, lookAtRest, type Rest, whatRuns } from './soak-rest.ts';
import type { TransferFigures } from './transfer-generator.ts';
import { startTransferGenerator } from './transfer-process.ts';

const TRIOS = 16;
/** Calls last three times this, and whoever was in one is in the next ten seconds after it began. */
const HOLD_MS = 1000;
const PAIRS_PER_CALL_A_SECOND = 10;
const FEWEST_PAIRS = 50;
/** Scripts of transfers for each plain call. */
const TRANSFER_SHARE = 0.1;
/** Registrations last 600 s. */
const REGISTER_EVERY_MS = 240_000;
/** More growth than this from the first rest to the last is a leak until somebody shows otherwise. */
const ALLOWED_GROWTH = 1.15;
const MAX_FAILED = 0.001;

/**
 * Calls at a rate, each put on hold and taken back, and beside them transfers of every kind: what is there when all is quiet must
 * be at the end what it was after the first of it, and every call must be in the history with the outcome that it had.
 */
export async function soakCalls(options: {
  minutes: number;
  perSecond: number;
  say(line: string): void;
}): Promise<Outcome> {
  const { minutes, perSecond, say } = options;
  const stage = await openCallStage('soak-calls', {
    pairs: Math.max(FEWEST_PAIRS, Math.ceil(PAIRS_PER_CALL_A_SECOND * perSecond)),
    besides: { people: 3 * TRIOS, withSecond: TRIOS },
    nodeArguments: collectsWhenTold,
    say,
  });
  const ends: (() => Promise<unknown>)[] = [stage.end];
  try {
    const { seeded, sipp, sipPort, server } = stage;
    const account = (at: number) => ({ ...seeded.telephones[at]!, extension: extensionOf(at) });
    const transfers = await startTransferGenerator(
      stage.domain,
      sipPort,
      Array.from({ length: TRIOS }, (_, at) => ({
        alice: account(at),
        // Whoever has a second telephone has it behind everybody's first.
        kitchen: { ...account(seeded.people.length + at), extension: extensionOf(at) },
        bob: account(TRIOS + at),
        carla: account(2 * TRIOS + at),
      })),
    );
    ends.push(transfers.end);
    const database = await openDatabase(stage.dataFolder);
    ends.push(() => database.end());

    const total = { done: 0, failed: 0 };
    const handed: TransferFigures = { done: {}, failed: 0, trouble: '', lines: {} };
    let trouble = '';
    let registeredMs = performance.now();
    const load = async (seconds: number): Promise<void> => {
      const [plain, scripts] = await Promise.all([
        sipp.call({
          port: sipPort,
          perSecond,
          calls: Math.round(perSecond * seconds),
          holdMs: HOLD_MS,
          scenario: 'caller-holds',
        }),
        transfers.run(Math.max(1, perSecond * TRANSFER_SHARE), seconds),
      ]);
      total.done += plain.done;
      total.failed += plain.failed;
      add(handed, scripts);
      if (plain.failed > 0) trouble ||= plain.trouble;
      if (performance.now() - registeredMs < REGISTER_EVERY_MS) return;
      registeredMs = performance.now();
      await sipp.restart(stage.register);
      await transfers.register();
    };
    const tell = (rest: Rest, when: string): void =>
      say(
        `${when}: ${rest.memoryMb.toFixed(0)} MB (heap ${rest.heapMb.toFixed(0)}), ${rest.files} open files, ` +
          `${rest.handles} handles and timers, ${rest.sessions} SIP sessions, ${rest.leases} leases of calls`,
      );

    const cycleSeconds = Math.min(60, (minutes * 60) / 6);
    const untilMs = performance.now() + minutes * 60_000;
    await load(cycleSeconds);
    const first = await lookAtRest(server, database);
    tell(first, 'after the first of it');
    const cpuBefore = processTree(server.pid).cpuSeconds;
    const doneBefore = total.done + sum(handed.done);
    do {
      await load(cycleSeconds);
      const now = await whatRuns(server);
      say(
        `${new Date().toISOString()}  ${total.done} calls, ${total.failed} failed; ${sum(handed.done)} scripts, ` +
          `${handed.failed} failed; ${now.running} running, ${now.memoryMb.toFixed(0)} MB (heap ${now.heapMb.toFixed(0)}), ${now.files} open files`,
      );
    } while (performance.now() < untilMs);
    const cpuSeconds = processTree(server.pid).cpuSeconds - cpuBefore;
    const doneSince = total.done + sum(handed.done) - doneBefore;
    const last = await lookAtRest(server, database);
    tell(last, 'at the end');

    const history = await readHistory(
      database,
      seeded.people.slice(0, 3 * TRIOS).map(({ id }) => id),
    );
    const wrong = wrongLines(history, total.done, handed);
    const all = total.done + total.failed;
    const isStarved = /this process lost its lease/.test(server.output());
    return {
      rows: [
        atMost('calls', '', total.done),
        atMost('of which failed', '%', (100 * total.failed) / Math.max(1, all), 100 * MAX_FAILED),
        ...Object.entries(handed.done).map(([name, count]) => atMost(`scripts: ${name}`, '', count)),
        atMost('scripts that failed', '', handed.failed, 0),
        atMost('lines of the history that are missing or wrong', '', wrong.count, 0),
        atMost('calls that never ended', '', history.open, 0),
        atMost(
          'memory at the end against the first rest',
          'x',
          last.memoryMb / first.memoryMb,
          ALLOWED_GROWTH,
        ),
        atMost('heap of the server at the end', 'MB', last.heapMb),
        atMost('open files more (sockets, ports)', '', last.files - first.files, 5),
        atMost('handles and timers more', '', last.handles - first.handles, 10),
        atMost('SIP sessions left', '', last.sessions, 0),
        atMost('calls left running', '', last.running, 0),
        atMost('leases of calls left', '', last.leases, 0),
        atMost('claims of calls left', '', last.claims, 0),
        atMost('processor time of a call or script', 'ms', (1000 * cpuSeconds) / Math.max(1, doneSince)),
      ],
      notes: [
        `${minutes} minutes at ${perSecond} calls/s, each held and taken back, and ${Math.max(1, perSecond * TRANSFER_SHARE)} scripts/s.`,
        'A rest is what is there once SIP transactions (32 s, RFC 3261 §17.1.1.2) and ended calls are forgotten.',
        ...(trouble ? [`First trouble of sipp: ${trouble}`] : []),
        ...(handed.trouble ? [`First trouble of a script: ${handed.trouble}`] : []),
        ...(wrong.words ? [`History: ${wrong.words}`] : []),
      ],
      ...(isStarved
        ? {
            void: 'the server stood still for 8 s, lost its lease and ended its calls: this machine is too busy',
          }
        : {}),
    };
  } finally {
    for (const end of ends.reverse()) await end();
  }
}

const sum = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((total, count) => total + count, 0);

function add(total: TransferFigures, more: TransferFigures): void {
  total.failed += more.failed;
  total.trouble ||= more.trouble;
  for (const name of ['done', 'lines'] as const)
    for (const [key, count] of Object.entries(more[name])) total[name][key] = (total[name][key] ?? 0) + count;
}

async function openDatabase(dataFolder: string): Promise<pg.Client> {
  const found = await findRunningPostgres(dataFolder);
  if (!found) throw new Error('the database does not run');
  const client = new pg.Client({ connectionString: found.url });
  await client.connect();
  return client;
}

interface History {
  /** Answered plain calls that were hung up. */
  plain: number;
  /** Lines of those who transfer, by their reason. */
  lines: Record<string, number>;
  open: number;
}

async function readHistory(database: pg.Client, transferring: readonly string[]): Promise<History> {
  const { rows } = await database.query<{
    special: boolean;
    reason: string | null;
    answered: boolean;
    count: number;
  }>(
    `select caller_person_id = any($1::uuid[]) as special, reason, answered_at is not null as answered, count(*)::int
     from calls.call group by 1, 2, 3`,
    [transferring],
  );
  const lines: Record<string, number> = {};
  for (const { special, reason, count } of rows)
    if (special && reason !== null) lines[reason] = (lines[reason] ?? 0) + count;
  const count = (which: (row: (typeof rows)[number]) => boolean): number =>
    rows.filter(which).reduce((total, row) => total + row.count, 0);
  return {
    plain: count((row) => !row.special && row.answered && row.reason === 'completed'),
    lines,
    open: count((row) => row.reason === null),
  };
}

/** No script leaves more than so many lines. */
const linesOfOneScript = 3;

/** How many lines differ from what was done; a script that failed leaves some of its lines, and nobody knows which. */
function wrongLines(
  history: History,
  plain: number,
  { lines: wanted, failed }: TransferFigures,
): { count: number; words: string } {
  const differences = [...new Set([...Object.keys(history.lines), ...Object.keys(wanted)])].map((reason) => ({
    what: reason,
    by: (history.lines[reason] ?? 0) - (wanted[reason] ?? 0),
  }));
  // A call that sipp gives up may be complete for us.
  differences.push({ what: 'plain calls', by: Math.min(0, history.plain - plain) });
  const wrong = differences.filter(({ by }) => by !== 0);
  const count = (sign: number): number => wrong.reduce((total, { by }) => total + Math.max(0, sign * by), 0);
  return {
    count: count(-1) + Math.max(0, count(1) - linesOfOneScript * failed),
    words: wrong.map(({ what, by }) => `${what} ${by > 0 ? '+' : ''}${by}`).join(', '),
  };
}
