import { ParseError } from '../message/parse-error.ts';
import { parseUri, uriEquals } from '../message/uri.ts';
import { SipRefusal } from '../refusal.ts';
import type { Binding, ContactChange, RegisteredContact, Registration } from './types.ts';

const defaultMaxBindings = 20;

/**
 * The bindings of one address after a REGISTER: all of its changes or, by SipRefusal, none (RFC 3261 §10.3 step 7).
 * Pure, so that a store runs it inside its own transaction, with the rows locked. Bindings past their time are dropped.
 */
export function applyRegistration(
  bindings: readonly Binding[],
  registration: Omit<Registration, 'principal' | 'request' | 'aor'>,
  nowMs: number,
  maxBindings = defaultMaxBindings,
): Binding[] {
  let next = bindings.filter((binding) => binding.expiresAtMs > nowMs);
  const { changes } = registration;
  if (changes.kind === 'query') return next;
  if (changes.kind === 'remove-all') {
    for (const binding of next) refuseOutdated(binding, registration);
    return [];
  }
  for (const change of changes.contacts) {
    const same = next.find((binding) => isSameBinding(binding, change));
    if (same) refuseOutdated(same, registration);
    next = next.filter((binding) => binding !== same);
    if (change.expiresSeconds > 0) next.push(bind(change, registration, nowMs));
  }
  if (next.length > maxBindings) throw new SipRefusal(403, 'Too Many Contacts');
  return next;
}

export function registeredContacts(bindings: readonly Binding[], nowMs: number): RegisteredContact[] {
  return bindings
    .filter((binding) => binding.expiresAtMs > nowMs)
    .map(({ uri, q, params, expiresAtMs, instanceId, callId }) => ({
      uri,
      q,
      params,
      ...(instanceId !== undefined && { instanceId, callId }),
      expiresSeconds: Math.ceil((expiresAtMs - nowMs) / 1000),
    }));
}

/** Within one Call-ID the CSeq must grow; otherwise an older request would undo a newer one. */
function refuseOutdated(binding: Binding, registration: { callId: string; cseq: number }): void {
  if (binding.callId === registration.callId && registration.cseq <= binding.cseq) {
    throw new SipRefusal(500, 'Registration Out Of Order');
  }
}

function isSameBinding(binding: Binding, change: ContactChange): boolean {
  // RFC 5626 §6: an instance with a reg-id replaces its own flow, whatever the URI.
  if (binding.instanceId !== undefined && binding.regId !== undefined && change.regId !== undefined) {
    return binding.instanceId === change.instanceId && binding.regId === change.regId;
  }
  try {
    return uriEquals(parseUri(binding.uri), parseUri(change.uri));
  } catch (error) {
    if (error instanceof ParseError) return binding.uri === change.uri;
    throw error;
  }
}

function bind(
  change: ContactChange,
  registration: Pick<Registration, 'callId' | 'cseq' | 'flow' | 'path' | 'userAgent'>,
  nowMs: number,
): Binding {
  return {
    uri: change.uri,
    q: change.q,
    params: change.params,
    ...(change.instanceId !== undefined && { instanceId: change.instanceId }),
    ...(change.regId !== undefined && { regId: change.regId }),
    callId: registration.callId,
    cseq: registration.cseq,
    expiresAtMs: nowMs + change.expiresSeconds * 1000,
    flow: registration.flow,
    ...(registration.path !== undefined && registration.path.length > 0 && { path: registration.path }),
    ...(registration.userAgent !== undefined && { userAgent: registration.userAgent }),
  };
}
