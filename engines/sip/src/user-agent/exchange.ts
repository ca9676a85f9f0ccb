import { answerChallenge, type ClientCredentials } from '../digest/client.ts';
import type { SipRequest, SipResponse } from '../message/message.ts';
import { createResponse } from '../message/response.ts';
import type { TransactionFailure } from '../transaction/types.ts';
import type { Flow } from '../transport/types.ts';
import type { AgentContext } from './context.ts';

const maxAttempts = 3;

/** RFC 3261 §8.1.3.1: no answer counts as 408, a transport error as 503. */
export function failureResponse(request: SipRequest, failure: TransactionFailure): SipResponse {
  return createResponse(request, failure === 'timeout' ? 408 : 503);
}

/** The header that answers a challenge, if this response is one and we have what it asks for. */
export function tryAnswerChallenge(
  response: SipResponse,
  request: SipRequest,
  auth: ClientCredentials | undefined,
  attempt: number,
): readonly [string, string] | undefined {
  if (!auth || attempt >= maxAttempts || (response.status !== 401 && response.status !== 407))
    return undefined;
  // Asked again without stale=true, our password is wrong (RFC 7616 §3.3).
  const isRetry = request.headers.has('authorization') || request.headers.has('proxy-authorization');
  const name = response.status === 401 ? 'www-authenticate' : 'proxy-authenticate';
  const isStale = response
    .authHeaders(name)
    .some(({ params }) => params.get('stale')?.toLowerCase() === 'true');
  return isRetry && !isStale ? undefined : answerChallenge(response, request, auth);
}

/** One non-INVITE request and its final response, signing in when asked. `create` is called once per attempt. */
export function exchange(
  context: AgentContext,
  flow: Flow,
  create: (headers: readonly (readonly [string, string])[]) => SipRequest,
  auth: ClientCredentials | undefined,
  /** Nobody got the request, or nobody answered. */
  lost: () => void = () => {},
): Promise<SipResponse> {
  return new Promise((resolve) => {
    const send = (attempt: number, headers: readonly (readonly [string, string])[]) => {
      const request = create(headers);
      context.request(request, flow, {
        response(response) {
          if (response.status < 200) return;
          const answer = tryAnswerChallenge(response, request, auth, attempt);
          if (answer) send(attempt + 1, [answer]);
          else resolve(response);
        },
        failed(failure) {
          lost();
          resolve(failureResponse(request, failure));
        },
      });
    };
    send(1, []);
  });
}
