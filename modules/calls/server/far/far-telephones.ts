import { Problem } from '@liaison/core/contract';
import type { Core } from '@liaison/core/floor';
import { OutcomeUnknown } from '@liaison/core/owned';
import { type Binding, type Flow, type Hops, parseNameAddr, SipRefusal } from '@liaison/sip';
import type { Referral } from '../leg.ts';
import { ownerSilent } from '../owner-silent.ts';
import type { CallingDialog, TelephoneDialog } from '../sip-leg.ts';
import { askAgain } from '../transfer/ask-again.ts';
import {
  type FarLineAddress,
  type FarParty,
  flowsOf,
  type LineOrder,
  type LineReport,
  lineAnswer,
  lineFollowed,
  lineReport,
  type ReportAnswer,
} from './messages.ts';

/** Telephones whose flow is on another process, for the calls of this one. */
export interface FarTelephones {
  /** Rings one over its process; the dialog behaves as a session of our own would. */
  invite(options: {
    processId: string;
    legId: string;
    call: { id: string; orgId: string };
    binding: Binding;
    leg?: { personId: string; deviceId?: string };
    from: FarParty;
    to: FarParty;
    referredBy?: FarParty | undefined;
    offer: string;
    hops?: Hops | undefined;
  }): TelephoneDialog;
  /** A telephone's dialog, driven elsewhere, is about to become this leg of a call of this process. */
  expect(legId: string): ExpectedLine;
  /** A dialog made here belongs to another call of this process from now on. */
  follow(dialog: TelephoneDialog | undefined, call: CallName): void;
  /**
   * Gives a dialog made here to a call of another process, as its leg `as`; null when it is none, or over.
   *
   * @throws Problem, NotOwned: the process that drives it did not say so. Then it is over here.
   */
  give(dialog: TelephoneDialog | undefined, call: CallName, as: string): Promise<FarLineAddress | null>;
  /** What the other process says about one of our legs. */
  heard(report: unknown): Promise<ReportAnswer>;
  /** Resolves when what was ordered so far has been sent. */
  settled(): Promise<void>;
}

interface CallName {
  readonly id: string;
  readonly orgId: string;
}

export interface ExpectedLine {
  /** It talks already, or calls (with that offer) and waits to be answered. */
  came(at: FarLineAddress, calling?: { readonly offer: string | undefined }): CallingDialog;
  /** It does not come. */
  forget(): void;
}

interface FarLine {
  processId: string;
  readonly dialog: TelephoneDialog;
  accepted: boolean;
  /** What is said of a line that comes from another call waits until its leg is there. */
  expected?: Promise<void>;
  /** Orders one after another: a cancel never overtakes its ring. */
  queue: Promise<void>;
}

const orderTimeoutMs = 4000;
/** A telephone answers a new offer by itself; a glare is tried again within (RFC 3261 §14.1). */
const reinviteTimeoutMs = 15_000;

/**
 * The call and its model stay in one process; the dialog with the telephone is driven where its flow is
 * (`line-driver.ts`). Orders go there, reports come back, each once and in order.
 */
export function createFarTelephones({ owned, log }: Pick<Core, 'owned' | 'log'>): FarTelephones {
  const lines = new Map<string, FarLine>();

  const on = (line: FarLine): TelephoneDialog['on'] => line.dialog.on;

  /** The line is over, whether or not its telephone ever heard of it. */
  function drop(legId: string): void {
    const line = lines.get(legId);
    if (!line) return;
    lines.delete(legId);
    if (line.accepted) on(line).ended?.({ by: 'transport' });
    else on(line).rejected?.(503, 'Service Unavailable');
  }

  function order(legId: string, line: FarLine, what: LineOrder): void {
    line.queue = line.queue.then(async () => {
      try {
        await owned.send(flowsOf(line.processId), 'line', what, { timeoutMs: orderTimeoutMs });
      } catch (error) {
        // Gone with its process, or silent: either way nothing is heard through it. Should it ring after all, its first
        // report is told that there is no such leg.
        log.warn(
          { legId, order: what.order, err: error },
          'the process of a telephone did not take an order',
        );
        drop(legId);
      }
    });
  }

  owned.onProcessLost((processId) => {
    for (const [legId, line] of [...lines]) if (line.processId === processId) drop(legId);
  });

  /** Speaks for a telephone whose dialog is driven elsewhere. */
  function dialogOf(
    legId: string,
    line: () => FarLine,
    about: { flow(): Flow; remoteOffer(): string | undefined; isCalling(): boolean },
  ): CallingDialog {
    let isAccepted = false;
    const say = (what: LineOrder): void => order(legId, line(), what);
    return {
      on: {},
      get flow() {
        return about.flow();
      },
      get remoteOffer() {
        return about.remoteOffer();
      },
      get state() {
        return about.isCalling() && !isAccepted ? 'early' : 'confirmed';
      },
      // Who takes a call over is answered at once.
      ring() {},
      progress() {},
      async accept(sdp) {
        isAccepted = true;
        line().accepted = true;
        say({ order: 'accept', legId, sdp });
      },
      reject: (status) => say({ order: 'reject', legId, status }),
      cancel: (reason) => say({ order: 'cancel', legId, ...(reason ? { reason } : {}) }),
      async bye(reason) {
        say({ order: 'bye', legId, ...(reason ? { reason } : {}) });
      },
      async info(contentType, body) {
        say({ order: 'info', legId, contentType, body: body.toString() });
      },
      async reinvite(offer) {
        await line().queue;
        const { sdp, refused } = lineAnswer.parse(
          await owned.send(
            flowsOf(line().processId),
            'line',
            { order: 'reinvite', legId, offer },
            { timeoutMs: reinviteTimeoutMs },
          ),
        );
        if (sdp === undefined) throw new SipRefusal(refused ?? 488, 'Not Acceptable Here');
        return sdp;
      },
    };
  }

  function lineOf(dialog: TelephoneDialog | undefined): [legId: string, line: FarLine] | undefined {
    return dialog && [...lines].find(([, line]) => line.dialog === dialog);
  }

  return {
    invite({ processId, legId, call, binding, leg, from, to, referredBy, offer, hops }) {
      const { flow } = binding;
      const dialog = dialogOf(legId, () => line, {
        flow: () => flow,
        remoteOffer: () => undefined,
        isCalling: () => false,
      });
      const line: FarLine = { processId, dialog, accepted: false, queue: Promise.resolve() };
      lines.set(legId, line);
      order(legId, line, {
        order: 'ring',
        legId,
        callId: call.id,
        orgId: call.orgId,
        ...(leg ? { leg } : {}),
        target: binding.uri,
        flow: { ...binding.flow },
        ...(binding.path ? { route: [...binding.path] } : {}),
        from,
        to,
        ...(referredBy ? { referredBy } : {}),
        offer,
        ...(hops ? { hops: { ...hops } } : {}),
      });
      return dialog;
    },
    expect(legId) {
      let settle = (): void => {};
      let where: FarLineAddress | undefined;
      let calls: { readonly offer: string | undefined } | undefined;
      const dialog = dialogOf(legId, () => line, {
        flow: () => where?.flow as Flow,
        remoteOffer: () => calls?.offer,
        isCalling: () => calls !== undefined,
      });
      const line: FarLine = {
        processId: '',
        dialog,
        accepted: true,
        queue: Promise.resolve(),
        expected: new Promise((resolve) => {
          settle = resolve;
        }),
      };
      lines.set(legId, line);
      return {
        came(at, calling) {
          where = at;
          calls = calling;
          line.processId = at.processId;
          line.accepted = calling === undefined;
          // Its leg is made, and in its call, before anything is heard.
          setImmediate(settle);
          return dialog;
        },
        forget() {
          lines.delete(legId);
          settle();
        },
      };
    },
    follow(dialog, call) {
      const [legId, line] = lineOf(dialog) ?? [];
      if (legId === undefined || !line) return;
      order(legId, line, { order: 'follow', legId, as: legId, callId: call.id, orgId: call.orgId });
    },
    async give(dialog, call, as) {
      const [legId, line] = lineOf(dialog) ?? [];
      const flow = dialog?.flow;
      if (legId === undefined || !line || !flow) return null;
      await line.queue;
      const { processId } = line;
      const follow = { order: 'follow', legId, as, callId: call.id, orgId: call.orgId } satisfies LineOrder;
      const answer = await askAgain(`follow:${as}`, (how) =>
        owned.send(flowsOf(processId), 'line', follow, how),
      ).catch((error: unknown) => {
        // It may be that call's by now: here it is over either way, and there it says that it has come.
        if (!(error instanceof OutcomeUnknown)) throw error;
        drop(legId);
        throw ownerSilent(error);
      });
      const { followed } = lineFollowed.parse(answer);
      lines.delete(legId);
      return followed ? { processId, flow: { ...flow } } : null;
    },
    async heard(params) {
      const report: LineReport = lineReport.parse(params);
      await lines.get(report.legId)?.expected;
      const line = lines.get(report.legId);
      if (!line) return { gone: true };
      switch (report.event) {
        case 'progress':
          on(line).progress?.(report.status, report.sdp);
          return {};
        case 'accepted':
          line.accepted = true;
          on(line).accepted?.(report.sdp);
          return {};
        case 'rejected':
          lines.delete(report.legId);
          on(line).rejected?.(report.status, '');
          return {};
        case 'cancelled':
          lines.delete(report.legId);
          on(line).cancelled?.();
          return {};
        case 'ended':
          lines.delete(report.legId);
          on(line).ended?.({ by: 'remote' });
          return {};
        case 'info':
          on(line).info?.(report.contentType, Buffer.from(report.body, 'latin1'));
          return {};
        case 'acknowledged':
          on(line).acknowledged?.(report.sdp);
          return {};
        case 'arrived':
          return {};
        case 'referred': {
          const { legId, referralId, other } = report;
          const say = (word: 'accept' | 'reject' | 'notify', status: number): void =>
            order(legId, line, { order: 'referral', legId, referralId, say: word, status });
          const told = on(line);
          const referral: Referral = {
            target: parseNameAddr(report.target),
            method: report.method,
            replaces: undefined,
            ...(other === undefined
              ? {}
              : {
                  other: other && {
                    call: { id: other.callId, orgId: other.orgId },
                    personId: other.personId,
                  },
                }),
            accept: () => say('accept', 202),
            reject: (status) => say('reject', status),
            notify: (status) => say('notify', status),
          };
          if (told.referred) told.referred(referral);
          else referral.reject(603);
          return {};
        }
        case 'reinvited':
        case 'offer-requested':
          try {
            const sdp =
              report.event === 'reinvited'
                ? await on(line).reinvited?.(report.sdp)
                : await on(line).offerRequested?.();
            return sdp === undefined ? { refused: 488 } : { sdp };
          } catch (error) {
            if (error instanceof SipRefusal) return { refused: error.status };
            if (error instanceof Problem) throw error;
            log.warn({ legId: report.legId, err: error }, 'a telephone could not be answered');
            return { refused: 488 };
          }
      }
    },
    async settled() {
      await Promise.all([...lines.values()].map((line) => line.queue));
    },
  };
}
