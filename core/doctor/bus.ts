import { createNatsBus, type NatsBus } from '../bus/index.ts';
import { askOnce } from './database.ts';
import { type Examined, failed, good, type Said, type Step, warning } from './finding.ts';

/** On a busy machine a handshake takes seconds; who refuses is asked again meanwhile. */
const connectWithinMs = 6000;
const answerWithinMs = 2000;

interface Living {
  readonly id: string;
  readonly host: string;
  readonly pid: number;
}

/** The processes of this installation, so far as the database tells. */
const livingProcesses = (examined: Examined): Promise<readonly Living[] | null> =>
  askOnce<{ id: string; host: string; pid: number }>(
    examined,
    'select id, host, pid from core.process where core.alive(id) order by host, pid',
  ).catch(() => null);

/** Whether every process is reached over the bus: each is asked, as another one would. */
export const busStep: Step = {
  name: 'bus',
  limitMs: 20_000,
  async look(examined) {
    const { settings, log } = examined;
    const processes = await livingProcesses(examined);
    if (settings.natsUrl === undefined) return [judgeAlone(processes)];
    const bus = createNatsBus({
      url: settings.natsUrl,
      log: { info() {}, warn() {}, error: (fields, text) => log.error(fields, text) },
    });
    try {
      const connected = await inTime(bus.connected, connectWithinMs);
      const place = new URL(settings.natsUrl.split(',')[0] ?? '').host;
      if (!connected)
        return [
          failed(
            `NATS at ${place} does not answer`,
            'look whether nats-server runs, whether NATS_URL leads to it and holds the right secret, and whether a firewall stands between',
          ),
        ];
      if (processes === null)
        return [
          warning(
            `NATS at ${place} answers; who is there was not asked, because the database is away`,
            'mend the database first',
          ),
        ];
      return await askEach(bus, processes);
    } finally {
      await bus.close();
    }
  },
};

function judgeAlone(processes: readonly Living[] | null): Said {
  if (processes === null || processes.length <= 1) return good('one process, which needs none');
  return failed(
    `${processes.length} processes run without a bus: pages and telephones at one hear late of what happens at another`,
    'set NATS_URL, the same for all',
    { value: processes.length, unit: 'processes' },
  );
}

async function askEach(bus: NatsBus, processes: readonly Living[]): Promise<Said[]> {
  if (processes.length === 0)
    return [warning('NATS answers, and no process is there', 'start a server, or look why none lives')];
  const times: number[] = [];
  const silent: string[] = [];
  await Promise.all(
    processes.map(async ({ id, host, pid }) => {
      const begun = performance.now();
      try {
        // What every process answers to: of an order that names nothing it has, that it does not have it.
        await bus.request(`owned.${id}`, { doctor: true }, { timeoutMs: answerWithinMs });
        times.push(performance.now() - begun);
      } catch {
        silent.push(`${host} (${pid})`);
      }
    }),
  );
  if (silent.length > 0)
    return [
      failed(
        `${silent.join(', ')} cannot be reached over the bus`,
        'look whether these have the same NATS_URL and reach it; their log says when they lost it',
        { value: silent.length, unit: 'processes' },
      ),
    ];
  const slowest = Math.round(Math.max(...times) * 10) / 10;
  return [
    good(
      `${processes.length} ${processes.length === 1 ? 'process answers' : 'processes answer'} within ${slowest} ms`,
      {
        value: slowest,
        unit: 'ms',
      },
    ),
  ];
}

async function inTime(work: Promise<void>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  try {
    return await Promise.race([
      work.then(
        () => true,
        () => false,
      ),
      late,
    ]);
  } finally {
    clearTimeout(timer);
  }
}
