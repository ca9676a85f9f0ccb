import { scratchFolder } from '../measure/installation.ts';
import { processTree } from '../measure/process-tree.ts';
import { against, atMost, type Benchmark, median, type Row } from '../measure/report.ts';
import { freePort } from '../measure/server.ts';
import { openCallStage } from '../sip/call-stage.ts';
import { kamailioVersion, proxySecret, startKamailioProxy } from '../sip/kamailio.ts';
import { kneeMetric } from '../sip/knee.ts';
import { type CallFigures, isSippInstalled, startSipp } from '../sip/sipp.ts';
import { collectsWhenTold } from '../sip/soak-rest.ts';
import { measureStandingCall } from '../sip/standing-calls.ts';

/** Calls that can stand at a time: each has two people of its own. */
const PAIRS = 1000;
const STEP_SECONDS = 5;
const STEP = 1.3;
const FIRST_RATE = 30;
const HOLD_MS = 500;
const STANDING = 500;
const MAX_FAILED = 0.001;
const MAX_BUSY = 0.7;

interface Side {
  readonly name: string;
  readonly port: number;
  readonly cpuSeconds: () => number;
  readonly call: (order: { perSecond: number; calls: number; holdMs: number }) => Promise<CallFigures>;
}

interface Held {
  readonly perSecond: number;
  readonly cpuMs: number;
  readonly setupP99Ms: number;
  readonly busy: number;
}

/** Calls set up per second through the B2BUA between two SIPps, each recorded, beside kamailio as stateful proxy. */
export const sipCall: Benchmark = async ({ rounds, say, profileFolder }) => {
  if (!isSippInstalled()) throw new Error('sipp is not installed: apt-get install sip-tester');
  const ends: (() => Promise<void>)[] = [];
  try {
    const stage = await openCallStage('sip-call', {
      pairs: PAIRS,
      say,
      nodeArguments: collectsWhenTold,
      ...(profileFolder === undefined ? {} : { profileFolder }),
    });
    ends.push(() => stage.end());
    const { server, sipPort, sipp, callers, domain } = stage;
    const sides: Side[] = [
      {
        name: 'ours    ',
        port: sipPort,
        cpuSeconds: () => processTree(server.pid).cpuSeconds,
        call: (order) => sipp.call({ ...order, port: sipPort }),
      },
    ];
    const version = await kamailioVersion();
    if (version !== undefined) {
      const { folder: peerFolder, remove: removePeer } = await scratchFolder('sip-call-peer');
      ends.push(removePeer);
      const peerCalled = await freePort();
      const proxy = await startKamailioProxy(peerFolder, version, peerCalled);
      ends.push(() => proxy.stop());
      const peerSipp = await startSipp(
        peerFolder,
        peerCalled,
        domain,
        callers.map((caller) => ({ ...caller, secret: proxySecret })),
      );
      ends.push(() => peerSipp.end());
      sides.push({
        name: 'kamailio',
        port: proxy.port,
        cpuSeconds: proxy.cpuSeconds,
        call: (order) => peerSipp.call({ ...order, port: proxy.port }),
      });
    }

    const step = async (side: Side, perSecond: number, holdMs = HOLD_MS) => {
      const before = side.cpuSeconds();
      const calls = Math.round(perSecond * STEP_SECONDS);
      const figures = await side.call({ perSecond, calls, holdMs });
      // What is written after a call's end is its price too.
      await new Promise((resolve) => setTimeout(resolve, 500));
      const cpuMs = (1000 * (side.cpuSeconds() - before)) / figures.done;
      const isHeld =
        figures.failed <= MAX_FAILED * calls && figures.seconds < (STEP_SECONDS + holdMs / 1000) * 1.15 + 0.7;
      say(
        `${side.name} ${perSecond.toFixed(0)}/s: ${cpuMs.toFixed(2)} ms of processor time a call, 99 % answered within ${figures.setupP99Ms} ms, ` +
          `${figures.failed} of ${calls} failed, ${figures.seconds.toFixed(1)} s, sipp ${(100 * figures.busy).toFixed(0)} % busy${isHeld ? '' : ': too fast'}${figures.trouble === '' || isHeld ? '' : ` (${figures.trouble})`}`,
      );
      return { isHeld, perSecond, cpuMs, setupP99Ms: figures.setupP99Ms, busy: figures.busy };
    };
    /** The highest rate that is held, climbing from one that is. */
    const search = async (side: Side, from: number): Promise<Held> => {
      let best: Held | undefined;
      for (let rate = from; ; rate *= STEP) {
        const tried = await step(side, Math.round(rate));
        if (!tried.isHeld) {
          if (best || rate < 2) return best ?? tried;
          rate /= STEP ** 4;
          continue;
        }
        best = tried;
      }
    };
    const held = new Map<string, Held[]>();
    for (const side of sides) await step(side, FIRST_RATE);
    for (let round = 1; round <= rounds; round++) {
      for (const side of sides) {
        const from = (held.get(side.name)?.[0]?.perSecond ?? FIRST_RATE * STEP ** 4) / STEP;
        held.set(side.name, [...(held.get(side.name) ?? []), await search(side, from)]);
      }
    }
    const of = (name: string, what: keyof Held) => median((held.get(name) ?? []).map((each) => each[what]));
    const [ours, peer] = sides.map(({ name }) => name) as [string, string | undefined];

    const { signallingKb, mediaKb, standing } = await measureStandingCall(server, STANDING, sides[0]!.call);
    say(
      `${standing} standing calls: ${signallingKb.toFixed(1)} kB each, in the media process ${mediaKb?.toFixed(1) ?? '?'} kB`,
    );

    const rate = of(ours, 'perSecond');
    const rows: Row[] = [
      {
        metric: kneeMetric,
        unit: '1/s',
        ours: rate,
        peer: peer === undefined ? null : of(peer, 'perSecond'),
        ratio: peer === undefined ? null : rate / of(peer, 'perSecond'),
        goal: '>= 300',
        met: rate >= 300,
      },
      atMost('processor time of a call at that rate', 'ms', of(ours, 'cpuMs'), 3),
      atMost('99 % are answered within', 'ms', of(ours, 'setupP99Ms')),
      atMost('a standing call, signalling', 'kB', signallingKb, 30),
      ...(mediaKb === null ? [] : [atMost('a standing call, media process', 'kB', mediaKb)]),
    ];
    if (peer !== undefined) {
      rows.push(
        against('calls per processor second', '1/s', 1000 / of(ours, 'cpuMs'), 1000 / of(peer, 'cpuMs'), {
          better: 'more',
        }),
      );
    }
    const busiest = Math.max(...(held.get(ours) ?? []).map(({ busy }) => busy));
    return {
      rows,
      notes: [
        `A call: INVITE, 401, INVITE with MD5 digest, 180, 200, ACK, ${HOLD_MS} ms, BYE; a relay with two RTP ports, and its record in PostgreSQL. Steps of ${STEP_SECONDS} s; held is what fails less than 0.1 % of the time and keeps up.`,
        'A standing call: what V8 holds after a collection with such calls and without, each when the transactions of the last 32 s are gone.',
        'Processor time is that of the server, its media process and its PostgreSQL, all on one core; both SIPps have the other.',
        version === undefined
          ? 'Peer: kamailio is not installed.'
          : `Peer: kamailio ${version} as stateful proxy with record routing and the same sign-in: no media, no database, no record of the call.`,
      ],
      ...(busiest > MAX_BUSY
        ? { void: `sipp took ${(100 * busiest).toFixed(0)} % of its core: it was measured, not the server` }
        : {}),
    };
  } finally {
    for (const end of ends.reverse()) await end();
  }
};
