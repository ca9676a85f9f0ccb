import { createServerDialog } from '../dialog/dialog.ts';
import { ParseError } from '../message/parse-error.ts';
import { createResponse } from '../message/response.ts';
import { isSipUri } from '../message/uri.ts';
import { createIncomingReferral } from '../refer/incoming-referral.ts';
import type { IncomingReferral } from '../refer/types.ts';
import { SipRefusal } from '../refusal.ts';
import type { ServerTransaction } from '../transaction/types.ts';
import type { Flow } from '../transport/types.ts';
import type { AgentContext } from './context.ts';
import { exchange } from './exchange.ts';

type HeaderLines = readonly (readonly [string, string])[];

/** A REFER outside of any call: it founds a dialog of its own, for its NOTIFYs (RFC 3515 §2.2). Throws ParseError. */
export function receiveReferral(
  context: AgentContext,
  transaction: ServerTransaction,
  openedOver: Flow,
  principal: unknown,
  localTag: string,
): IncomingReferral {
  const { request } = transaction;
  const dialog = createServerDialog(request, localTag);
  const contact = context.contact(openedOver, isSipUri(request.uri) ? request.uri.user : undefined);
  let flow = openedOver;
  const { referral, refresh } = createIncomingReferral(context, request, {
    principal,
    isFirst: true,
    respond(status, reason, headers) {
      const where = status < 300 ? [['contact', contact] as const] : [];
      transaction.respond(
        createResponse(request, status, { reason, headers: [...where, ...(headers ?? [])], toTag: localTag }),
      );
    },
    async send(method, headers, body) {
      flow = await context.openFlow(flow, dialog.nextHop);
      const lines = [['contact', contact] as const, ...headers];
      return exchange(
        context,
        flow,
        (extra) => dialog.createRequest(method, { headers: [...lines, ...extra], body }),
        undefined,
      );
    },
    closed: () => context.removeDialog(dialog),
  });
  context.addDialog(dialog, {
    receiveRequest(received) {
      const answer = (status: number, reason?: string, headers: HeaderLines = []): void =>
        received.respond(createResponse(received.request, status, { reason, headers, toTag: localTag }));
      try {
        const isIt = received.request.method === 'SUBSCRIBE';
        if (!dialog.receive(received.request)) answer(500, 'CSeq Out Of Order');
        else if (
          !isIt ||
          !refresh(received.request, (status, reason, headers = []) =>
            answer(status, reason, [['contact', contact], ...headers]),
          )
        )
          answer(481);
      } catch (error) {
        if (error instanceof SipRefusal) answer(error.status, error.message, error.headers);
        else if (error instanceof ParseError) answer(error.status, error.message);
        else throw error;
      }
    },
    receiveAck() {},
  });
  return referral;
}
