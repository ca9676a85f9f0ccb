import { Headers } from '../message/headers.ts';
import { SipRequest, type SipResponse } from '../message/message.ts';
import { formatNameAddr, withTag } from '../message/name-addr.ts';
import { createResponse } from '../message/response.ts';
import { serialise } from '../message/serialise.ts';
import { formatUri } from '../message/uri.ts';
import { randomText } from '../random-text.ts';
import type { Flow } from '../transport/types.ts';
import type { AgentContext } from './context.ts';
import { exchange } from './exchange.ts';
import { firstHop } from './first-hop.ts';
import { createPlaces } from './places.ts';
import type { RequestOptions } from './types.ts';

/** What Via and User-Agent add to a request, about. */
const viaBytes = 200;

/** One request outside of any dialog, and its final response: see `UserAgent.request`. */
export async function sendRequest(context: AgentContext, parts: RequestOptions): Promise<SipResponse> {
  const callId = parts.callId ?? randomText(9);
  let sequence = parts.cseq ?? 1;
  const from = parts.from.params.has('tag') ? parts.from : withTag(parts.from, randomText(9));
  const create = (extra: readonly (readonly [string, string])[]) =>
    new SipRequest(
      parts.method,
      formatUri(parts.target),
      new Headers([
        ['max-forwards', '70'],
        ...(parts.route ?? []).map((route) => ['route', route] as const),
        ['from', formatNameAddr(from)],
        ['to', formatNameAddr(parts.to)],
        ['call-id', callId],
        ['cseq', `${sequence++} ${parts.method}`],
        ...(parts.body ? [['content-type', parts.body.contentType] as const] : []),
        ...(parts.headers ?? []),
        ...extra,
      ]),
      parts.body?.content ?? '',
    );
  const hop = firstHop(parts.route, parts.target);
  const bytes = serialise(create([])).length + viaBytes;
  sequence--; // That one was only weighed.
  const places = createPlaces(context, parts.flow);
  let response: SipResponse | undefined;
  for (;;) {
    let flow: Flow | undefined;
    try {
      flow = await places.open(hop, bytes);
    } catch (error) {
      context.log('info', 'No way to the target of a request', {
        method: parts.method,
        error: String(error),
      });
      return response ?? createResponse(create([]), 503);
    }
    if (!flow) return response ?? createResponse(create([]), 503);
    let isUnserved = false;
    response = await exchange(context, flow, create, parts.auth, () => {
      isUnserved = true;
    });
    if (!(isUnserved || response.status === 503) || !places.failed(flow)) return response;
  }
}
