import { createServerDialog } from '../dialog/dialog.ts';
import { createResponse } from '../message/response.ts';
import { isSipUri } from '../message/uri.ts';
import { createIncomingReferral } from '../refer/incoming-referral.ts';
import type { IncomingReferral } from '../refer/types.ts';
import type { ServerTransaction } from '../transaction/types.ts';
import type { Flow } from '../transport/types.ts';
import type { AgentContext } from './context.ts';
import { exchange } from './exchange.ts';

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
  const referral = createIncomingReferral(context, request, {
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
      // TODO(RFC 3515 §2.4.4): a SUBSCRIBE that refreshes or ends the implicit subscription.
      received.respond(createResponse(received.request, 481, { toTag: localTag }));
    },
    receiveAck() {},
  });
  return referral;
}
