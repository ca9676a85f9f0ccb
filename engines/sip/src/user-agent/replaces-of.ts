import type { ReplacesHeader } from '../message/replaces.ts';
import type { InviteSession } from './types.ts';

/** How the other side of a session names it, for a Replaces that is sent there (RFC 3891 §4). */
export function replacesOf(session: InviteSession): ReplacesHeader {
  return {
    callId: session.callId,
    toTag: session.remote.params.get('tag') ?? '',
    fromTag: session.local.params.get('tag') ?? '',
    isEarlyOnly: false,
  };
}
