import { Problem } from '@liaison/core/contract';
import type { Core } from '@liaison/core/floor';
import { type Binding, type Hops, parseNameAddr, SipRefusal } from '@liaison/sip';
import type { Referral } from '../leg.ts';
import type { TelephoneDialog } from '../sip-leg.ts';
import {
  type FarParty,
  flowsOf,
  type LineOrder,
  type LineReport,
  lineAnswer,
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
    offer: string;
    hops?: Hops | undefined;
  }): TelephoneDialog;
  /** What the other process says about one of our legs. */
  heard(report: unknown): Promise<ReportAnswer>;
  /** Resolves when what was ordered so far has been sent. */
  settled(): Promise<void>;
}

interface FarLine {
  readonly processId: string;
  readonly dialog: TelephoneDialog;
  accepted: boolean;
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

  return {
    invite({ processId, legId, call, binding, leg, from, to, offer, hops }) {
      const dialog: TelephoneDialog = {
        on: {},
        flow: binding.flow,
        cancel(reason) {
          order(legId, line, { order: 'cancel', legId, ...(reason ? { reason } : {}) });
        },
        async bye() {
          order(legId, line, { order: 'bye', legId });
        },
        async info(contentType, body) {
          order(legId, line, { order: 'info', legId, contentType, body: body.toString() });
        },
        async reinvite(offer) {
          await line.queue;
          const { sdp, refused } = lineAnswer.parse(
            await owned.send(
              flowsOf(processId),
              'line',
              { order: 'reinvite', legId, offer },
              { timeoutMs: reinviteTimeoutMs },
            ),
          );
          if (sdp === undefined) throw new SipRefusal(refused ?? 488, 'Not Acceptable Here');
          return sdp;
        },
      };
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
        offer,
        ...(hops ? { hops: { ...hops } } : {}),
      });
      return dialog;
    },
    async heard(params) {
      const report: LineReport = lineReport.parse(params);
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
        case 'referred': {
          const { legId, referralId, other } = report;
          const say = (word: 'accept' | 'reject' | 'notify', status: number): void =>
            order(legId, line, { order: 'referral', legId, referralId, say: word, status });
          const { referred } = on(line);
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
          if (referred) referred(referral);
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
