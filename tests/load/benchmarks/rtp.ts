import { against, atMost, type Benchmark, median, type Row } from '../measure/report.ts';
import { type Generator, startGenerator } from '../rtp/generator-process.ts';
import { isRtpengineInstalled, ourRelay, type RelayUnderTest, rtpengine } from '../rtp/relays.ts';

const CALLS = 300;
const SECONDS = 5;
const MAX_BUSY = 0.7;
const MAX_LOST_PERCENT = 1;

interface Measured {
  /** Processor time of the relay per packet that it relayed. */
  microseconds: number;
  p99Ms: number;
  medianMs: number;
  lost: number;
  busy: number;
}

async function measure(
  make: (ports: [number, number]) => RelayUnderTest | Promise<RelayUnderTest>,
  generator: Generator,
): Promise<Measured> {
  const relay = await make(generator.ports);
  try {
    const relays = await relay.open(CALLS);
    await generator.send(relays, 1); // latches, and warms up
    const before = relay.cpuSeconds();
    const { sent, received, relayed, delayMs, busy } = await generator.send(relays, SECONDS);
    const used = relay.cpuSeconds() - before;
    return {
      microseconds: (used * 1e6) / relayed,
      p99Ms: delayMs.p99,
      medianMs: delayMs.median,
      lost: (100 * (sent - received)) / sent,
      busy,
    };
  } finally {
    await relay.end();
  }
}

/** 300 two-way calls in G.711 through one media process, beside Debian's rtpengine in userspace. */
export const rtp: Benchmark = async ({ rounds, say }) => {
  const ours: Measured[] = [];
  const theirs: Measured[] = [];
  const isPeerHere = isRtpengineInstalled();
  const generator = await startGenerator();
  const told = (who: string, { microseconds, medianMs, p99Ms, lost, busy }: Measured) =>
    say(
      `${who}: ${microseconds.toFixed(1)} us a packet, delay ${medianMs.toFixed(2)} ms, p99 ${p99Ms.toFixed(2)} ms, ${lost.toFixed(2)} % lost, generator ${(busy * 100).toFixed(0)} % busy`,
    );
  try {
    for (let round = 1; round <= rounds; round++) {
      const one = await measure(ourRelay, generator);
      ours.push(one);
      told(`round ${round}, ours     `, one);
      if (!isPeerHere) continue;
      const other = await measure(rtpengine, generator);
      theirs.push(other);
      told(`round ${round}, rtpengine`, other);
    }
  } finally {
    await generator.end();
  }
  const of = (all: readonly Measured[], what: keyof Measured) => median(all.map((each) => each[what]));
  const busiest = Math.max(...ours.map(({ busy }) => busy));
  const lost = of(ours, 'lost');
  const rows: Row[] = [
    atMost('processor time of a relayed packet', 'us', of(ours, 'microseconds'), 25),
    atMost('delay through the relay, generator included, median', 'ms', of(ours, 'medianMs')),
    atMost('delay through the relay, generator included, p99', 'ms', of(ours, 'p99Ms'), 2),
    atMost('packets lost', '%', lost, 0),
  ];
  if (theirs.length > 0) {
    const perSecond = (all: readonly Measured[]) => 1e6 / of(all, 'microseconds');
    rows.push(
      against('packets relayed per processor second', '1/s', perSecond(ours), perSecond(theirs), {
        better: 'more',
      }),
      against('delay through the relay, p99', 'ms', of(ours, 'p99Ms'), of(theirs, 'p99Ms'), {
        better: 'less',
      }),
    );
  }
  return {
    rows,
    notes: [
      `${CALLS} two-way calls in G.711, 20 ms: ${CALLS * 100} packets a second for ${SECONDS} s, median of ${rounds} rounds; relay and telephones on a core each`,
      ...(isPeerHere
        ? ['peer: rtpengine with one thread, without its kernel module']
        : ['peer: rtpengine-daemon is not installed']),
    ],
    ...(busiest > MAX_BUSY
      ? {
          void: `the telephones took ${(busiest * 100).toFixed(0)} % of their core: they were measured, not the relay`,
        }
      : lost > MAX_LOST_PERCENT
        ? {
            void: `${lost.toFixed(1)} % were lost: the core was not the relay's own, so only the processor time counts`,
          }
        : {}),
  };
};
