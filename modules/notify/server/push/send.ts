import { type Outgoing, OutgoingRefused } from '@liaison/core/outgoing';
import type { PushMessage, SubscriptionInput } from '../../contract/index.ts';
import type { VapidKeys } from './vapid.ts';

export interface Sending {
  readonly message: PushMessage;
  /** RFC 8030 §5.2: how long the push service may keep it for a browser that is not there. */
  readonly ttlSeconds: number;
  /** RFC 8030 §5.3. */
  readonly urgency: 'low' | 'normal' | 'high';
  /** RFC 8030 §5.4: takes the place of one that still waits; at most 32 characters of base64url. */
  readonly topic: string;
}

export type SendOutcome =
  | { readonly kind: 'sent' }
  /** The push service knows the subscription no more. */
  | { readonly kind: 'gone' }
  /** Too many, too busy, or not there: worth trying again, not before that. */
  | { readonly kind: 'later'; readonly afterMs: number | null; readonly why: string }
  /** It would be refused again. */
  | { readonly kind: 'refused'; readonly why: string };

/** RFC 8030 §7.2: a push service must take so many bytes of encrypted content, of which 103 are not the message's. */
export const mostPayloadBytes = 3993;

/** Encrypts a message for one browser (RFC 8291), signs the request (RFC 8292) and hands it to its push service. */
export async function send(
  { outgoing, keys, subject }: { outgoing: Outgoing; keys: VapidKeys; subject: string },
  subscription: SubscriptionInput,
  sending: Sending,
): Promise<SendOutcome> {
  const { default: webPush } = await import('web-push');
  const payload = Buffer.from(JSON.stringify(sending.message));
  if (payload.length > mostPayloadBytes) return { kind: 'refused', why: 'the message is too long' };
  let details: ReturnType<typeof webPush.generateRequestDetails>;
  try {
    details = webPush.generateRequestDetails(subscription, payload, {
      vapidDetails: { subject, ...keys },
      TTL: sending.ttlSeconds,
      urgency: sending.urgency,
      topic: sending.topic,
      contentEncoding: 'aes128gcm',
    });
  } catch (error) {
    // A point that lies on no curve, for instance: whoever subscribed gave us what cannot be used.
    return { kind: 'refused', why: (error as Error).message };
  }
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(details.headers)) headers[name.toLowerCase()] = String(value);
  try {
    const { status, headers: answered } = await outgoing.request({
      method: 'POST',
      url: details.endpoint,
      headers,
      body: details.body ?? Buffer.alloc(0),
      timeoutMs: 10_000,
      maxBytes: 4096,
    });
    if (status >= 200 && status < 300) return { kind: 'sent' };
    // RFC 8030 §7.3: 404 or 410 say that it has ended.
    if (status === 404 || status === 410) return { kind: 'gone' };
    if (status === 429 || status >= 500) {
      return { kind: 'later', afterMs: retryAfterMs(answered['retry-after']), why: `it answered ${status}` };
    }
    return { kind: 'refused', why: `it answered ${status}` };
  } catch (error) {
    if (error instanceof OutgoingRefused) return { kind: 'refused', why: error.message };
    return { kind: 'later', afterMs: null, why: (error as Error).message };
  }
}

/** RFC 9110 §10.2.3, in seconds or as a date; an hour at most is believed. */
function retryAfterMs(text: string | undefined): number | null {
  if (text === undefined) return null;
  const ms = /^\d{1,6}$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), 3_600_000) : null;
}
