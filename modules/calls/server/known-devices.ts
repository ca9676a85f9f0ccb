import type { Core } from '@liaison/core/floor';
import { reactTo } from '@liaison/core/outbox';
import {
  deviceRevoked,
  type People,
  personErased,
  personSuspended,
  type SipCredentials,
} from '@liaison/people';
import { z } from 'zod';

/** Credentials of the telephones that signed in here lately, so that a refresh asks nobody. */
export interface KnownDevices {
  readonly find: People['sipCredentials'];
  /** Ends listening to other processes. */
  close(): void;
}

/** Whose credentials hold no more, told to every process. */
const subject = 'calls.credentials-forgotten';
const forgotten = z.union([z.object({ deviceId: z.string() }), z.object({ personId: z.string() })]);

/** So long are they believed where no word of a revocation can be lost, because all of us are one process. */
const keepMs = 15 * 60_000;
/** So long where a bus carries that word and may lose it: a revoked telephone is out everywhere within 5 s. */
const keepSharedMs = 5_000;
const maxKept = 50_000;

/** Tells every process about devices that were revoked and people who may sign in no more; call it once, where the module is made. */
export function tellForgottenCredentials({ bus, outbox }: Core): void {
  outbox.react(
    reactTo('calls.forget-credentials-of-device', deviceRevoked, async ({ payload: { deviceId } }) =>
      bus.publish(subject, { deviceId }),
    ),
  );
  for (const event of [personSuspended, personErased]) {
    outbox.react(
      reactTo(`calls.forget-credentials-after.${event.name}`, event, async ({ payload: { personId } }) =>
        bus.publish(subject, { personId }),
      ),
    );
  }
}

/** Remembers what was found, never what was not: a new telephone is known at once. */
export function createKnownDevices({
  bus,
  people,
  now = Date.now,
}: {
  bus: Core['bus'];
  people: Pick<People, 'sipCredentials'>;
  now?: () => number;
}): KnownDevices {
  const kept = new Map<string, { credentials: SipCredentials; untilMs: number }>();
  /** Grows with each revocation: what was asked for before one may be what it revoked. */
  let revocations = 0;

  const unsubscribe = bus.subscribe(subject, (data) => {
    const parsed = forgotten.safeParse(data);
    if (!parsed.success) return;
    revocations += 1;
    const whose = parsed.data;
    for (const [key, { credentials }] of kept) {
      const isMeant =
        'deviceId' in whose
          ? credentials.deviceId === whose.deviceId
          : credentials.personId === whose.personId;
      if (isMeant) kept.delete(key);
    }
  });

  return {
    async find(query) {
      const key = `${query.algorithm} ${query.isUserhash ? '#' : ''} ${query.realm} ${query.username}`;
      const known = kept.get(key);
      if (known && known.untilMs > now()) return known.credentials;
      const before = revocations;
      const credentials = await people.sipCredentials(query);
      kept.delete(key);
      if (credentials && before === revocations) {
        kept.set(key, { credentials, untilMs: now() + (bus.shared ? keepSharedMs : keepMs) });
        // The one that was asked for longest ago.
        if (kept.size > maxKept) kept.delete(kept.keys().next().value!);
      }
      return credentials;
    },
    close: unsubscribe,
  };
}
