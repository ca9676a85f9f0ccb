/**
 * Telephones that transfer, hold, move, refuse and give up, three people at a time, over our own SIP engine: what a soak does
 * beside the plain calls of sipp. Told what to do over IPC by transfer-process.ts.
 */
import { parseNameAddr, replacesOf, SipRefusal } from '@liaison/sip';
import {
  type Call,
  openScriptedTelephone,
  over,
  type ScriptAccount,
  type ScriptedTelephone,
  until,
} from './scripted-telephone.ts';

/** Alice has two telephones, and calls Bob; Carla is whom they come to. */
export interface TrioAccounts {
  readonly alice: ScriptAccount;
  readonly kitchen: ScriptAccount;
  readonly bob: ScriptAccount;
  readonly carla: ScriptAccount;
}

export type Order =
  | { do: 'open'; domain: string; port: number; trios: readonly TrioAccounts[] }
  /** Scripts at a rate for so long; answered when the last has come to its end. */
  | { do: 'run'; perSecond: number; seconds: number }
  | { do: 'register' };

export interface TransferFigures {
  /** Scripts that went as they should, by name, and those that did not. */
  done: Record<string, number>;
  failed: number;
  /** What went wrong first. */
  trouble: string;
  /** The lines of the history that they must have left, by their reason. */
  lines: Record<string, number>;
}

export type Answer = { ok: true; figures: TransferFigures } | { ok: false; error: string };

/** How long a telephone waits before it is sure that its call came back: more than the server waits for it to hang up. */
const KEEPS_MS = 1500;

type Trio = { readonly [name in keyof TrioAccounts]: ScriptedTelephone };

let domain = '';
const trios: Trio[] = [];

const nameOf = (telephone: ScriptedTelephone) => parseNameAddr(`<sip:${telephone.extension}@${domain}>`);

function expectStatus(what: string, status: number, wanted: number): void {
  if (status !== wanted) throw new Error(`${what}: ${status} instead of ${wanted}`);
}

/** Who is called has one more session than before, and hangs it up. */
async function hangUpAt(telephone: ScriptedTelephone, call: Call | undefined): Promise<void> {
  const session = await until(() => telephone.calls.at(-1), 'the one that is called');
  await session.bye();
  if (call) await over(call.session);
}

/** What one script does, and the lines of the history that it leaves. */
const scripts: Record<string, { lines: Record<string, number>; play(trio: Trio): Promise<void> }> = {
  hold: {
    lines: { completed: 1 },
    async play({ alice, bob }) {
      const call = await alice.call(bob);
      await call.session.reinvite(alice.description('sendonly'));
      await call.session.reinvite(alice.description('sendrecv'));
      await call.session.bye();
      await over(bob.calls.at(-1));
    },
  },
  attended: {
    lines: { transferred: 2, completed: 1 },
    async play({ alice, bob, carla }) {
      const first = await alice.call(bob);
      await first.session.reinvite(alice.description('sendonly'));
      const second = await alice.call(carla);
      const status = await first.session.refer({
        target: nameOf(carla),
        replaces: replacesOf(second.session),
      });
      expectStatus('attended', status, 200);
      await over(first.session);
      await over(second.session);
      await hangUpAt(bob, undefined);
      await over(carla.calls.at(-1));
    },
  },
  blind: {
    lines: { transferred: 1, completed: 1 },
    async play({ alice, bob, carla }) {
      const call = await alice.call(bob);
      expectStatus('blind', await call.session.refer({ target: nameOf(carla) }), 200);
      await hangUpAt(carla, undefined);
      await over(bob.calls.at(-1));
      await over(call.session);
    },
  },
  'blind, refused': {
    lines: { transferred: 1, busy: 1, completed: 1 },
    async play({ alice, bob, carla }) {
      carla.answers = 'busy';
      const call = await alice.call(bob);
      expectStatus('blind, refused', await call.session.refer({ target: nameOf(carla) }), 486);
      // Who hangs up on the news is rung again: this one goes on with its call.
      await new Promise((resolve) => setTimeout(resolve, KEEPS_MS));
      if (call.session.state !== 'confirmed') throw new Error('the call did not come back');
      await call.session.bye();
      await over(bob.calls.at(-1));
    },
  },
  moved: {
    lines: { completed: 1 },
    async play({ alice, kitchen, bob }) {
      const call = await alice.call(bob);
      const moved = await kitchen.call(bob, { replaces: replacesOf(call.session) });
      await over(call.session);
      await moved.session.bye();
      await over(bob.calls.at(-1));
    },
  },
  declined: {
    lines: { declined: 1 },
    async play({ alice, bob }) {
      bob.answers = 'decline';
      const refused = await alice.call(bob).then(
        () => 200,
        (error: unknown) => (error instanceof SipRefusal ? error.status : 0),
      );
      expectStatus('declined', refused, 603);
    },
  },
  'given up': {
    lines: { cancelled: 1 },
    async play({ alice, bob }) {
      bob.answers = 'ring';
      const known = bob.calls.length;
      const { session, answered } = alice.begin(bob);
      answered.catch(() => {});
      await until(() => (bob.calls.length > known ? true : undefined), 'its ringing');
      session.cancel();
      await over(session);
      await over(bob.calls.at(-1));
    },
  },
};

async function run(order: Extract<Order, { do: 'run' }>): Promise<TransferFigures> {
  const names = Object.keys(scripts);
  const figures: TransferFigures = { done: {}, failed: 0, trouble: '', lines: {} };
  const untilMs = performance.now() + order.seconds * 1000;
  const everyMs = (1000 * trios.length) / order.perSecond;
  await Promise.all(
    trios.map(async (trio, at) => {
      // Not all at the same moment, nor all the same script.
      await new Promise((resolve) => setTimeout(resolve, (everyMs * at) / trios.length));
      for (let turn = at; performance.now() < untilMs; turn++) {
        const beganMs = performance.now();
        const name = names[turn % names.length]!;
        for (const telephone of Object.values(trio)) telephone.reset();
        try {
          await scripts[name]!.play(trio);
          figures.done[name] = (figures.done[name] ?? 0) + 1;
          for (const [reason, lines] of Object.entries(scripts[name]!.lines))
            figures.lines[reason] = (figures.lines[reason] ?? 0) + lines;
        } catch (error) {
          figures.failed += 1;
          figures.trouble ||= `${name}: ${String(error)}`;
          for (const telephone of Object.values(trio)) await telephone.hangUpAll();
        }
        const restMs = everyMs - (performance.now() - beganMs);
        await new Promise((resolve) => setTimeout(resolve, Math.max(0, restMs)));
      }
    }),
  );
  return figures;
}

async function obey(order: Order): Promise<TransferFigures> {
  if (order.do === 'run') return run(order);
  if (order.do === 'open') {
    domain = order.domain;
    for (const { alice, kitchen, bob, carla } of order.trios) {
      const open = (account: ScriptAccount) => openScriptedTelephone(domain, order.port, account);
      trios.push({
        alice: await open(alice),
        kitchen: await open(kitchen),
        bob: await open(bob),
        carla: await open(carla),
      });
    }
  }
  for (const trio of trios) for (const telephone of Object.values(trio)) await telephone.register();
  return { done: {}, failed: 0, trouble: '', lines: {} };
}

process.on('message', (order: Order) => {
  obey(order).then(
    (figures) => process.send?.({ ok: true, figures } satisfies Answer),
    (error: unknown) => process.send?.({ ok: false, error: String(error) } satisfies Answer),
  );
});
process.on('disconnect', () => process.exit(0));
