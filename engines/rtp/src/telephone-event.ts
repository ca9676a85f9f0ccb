/** Codec for named telephone events, DTMF above all (RFC 4733 §2.3). */

const KEYS = '0123456789*#ABCD';

export interface TelephoneEvent {
  /** 0 to 15 are the DTMF keys (RFC 4733 §3.2). */
  event: number;
  /** The key, when it is one. */
  key?: string;
  end: boolean;
  /** Power in dBm0 with the sign dropped, 0 to 63. */
  volume: number;
  /** In timestamp units, since the packet's timestamp. */
  duration: number;
}

/** Parses the payload of one packet; `undefined` when it is too short. */
export function parseTelephoneEvent(payload: Buffer): TelephoneEvent | undefined {
  if (payload.length < 4) return undefined;
  const event = payload[0]!;
  const flags = payload[1]!;
  const parsed: TelephoneEvent = {
    event,
    end: (flags & 0x80) !== 0,
    volume: flags & 0x3f,
    duration: payload.readUInt16BE(2),
  };
  const key = KEYS[event];
  if (key !== undefined) parsed.key = key;
  return parsed;
}

/** Builds one payload of four bytes. */
export function buildTelephoneEvent(fields: Omit<TelephoneEvent, 'key'>): Buffer {
  const payload = Buffer.alloc(4);
  payload[0] = fields.event & 0xff;
  payload[1] = (fields.end ? 0x80 : 0) | (fields.volume & 0x3f);
  payload.writeUInt16BE(Math.min(0xffff, Math.max(0, Math.round(fields.duration))), 2);
  return payload;
}

/** The event of a DTMF key (case does not matter), `undefined` for anything else. */
export function eventOfKey(key: string): number | undefined {
  const event = key.length === 1 ? KEYS.indexOf(key.toUpperCase()) : -1;
  return event < 0 ? undefined : event;
}
