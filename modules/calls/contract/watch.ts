import { defineRoute, idSchema, pageOf, pageQuery } from '@liaison/core/contract';
import { z } from 'zod';
import { endReasons } from './call.ts';

/** What a manager or owner sees of telephones and calls, to help: never what is said, and never a secret. */

const when = z.iso.datetime();
const text = z.string().trim().max(100);

export const registeredTelephoneSchema = z.object({
  deviceId: idSchema,
  /** Null when the device is gone. */
  deviceName: z.string().nullable(),
  personId: idSchema,
  personName: z.string().nullable(),
  userAgent: z.string().nullable(),
  protocol: z.enum(['udp', 'tcp', 'tls', 'ws', 'wss']),
  /** Where its messages come from: `192.0.2.7:5060`. */
  address: z.string(),
  /** What it calls itself in its Contact, where that is another place: it stands behind a NAT. */
  claimedAddress: z.string().nullable(),
  /** The server that holds the way to it; null when that one is not known any more. */
  process: z.object({ host: z.string(), pid: z.number().int(), alive: z.boolean() }).nullable(),
  registeredAt: when,
  expiresAt: when,
  /** How long it took to answer when it was asked last. */
  roundTrip: z.object({ ms: z.number().int().nullable(), at: when }).nullable(),
});
export type RegisteredTelephone = z.infer<typeof registeredTelephoneSchema>;

/** A window of the list: `offset` because it is scrolled to any place, and lives anyway. */
export const listRegistrations = defineRoute({
  method: 'GET',
  path: '/calls/admin/registrations',
  access: 'session',
  summary: 'Telephones of the organisation that are registered now.',
  query: z.object({
    offset: z.coerce.number().int().min(0).max(1_000_000).default(0),
    limit: z.coerce.number().int().min(1).max(200).default(50),
    /** A name, extension or address of a person, an IP address, or a part of the User-Agent. */
    text: text.optional(),
  }),
  response: z.object({ rows: z.array(registeredTelephoneSchema), total: z.number().int() }),
});

export const dropRegistration = defineRoute({
  method: 'POST',
  path: '/calls/admin/registrations/drop',
  access: 'session',
  summary: 'Forget where a telephone is; it rings again once it has registered anew.',
  body: z.object({ deviceId: idSchema }),
  response: z.object({ dropped: z.number().int() }),
});

export const askTelephone = defineRoute({
  method: 'POST',
  path: '/calls/admin/registrations/ask',
  access: 'session',
  summary: 'Ask a registered telephone whether it is there (OPTIONS), and measure how long it takes.',
  body: z.object({ deviceId: idSchema }),
  response: z.object({
    /** Null: nobody answered. */
    roundTripMs: z.number().int().nullable(),
    status: z.number().int().nullable(),
  }),
});

export const watchedLegSchema = z.object({
  id: z.string(),
  /** `rings`: a device of the callee that nobody has answered yet. */
  role: z.enum(['caller', 'callee', 'rings']),
  kind: z.string(),
  personId: idSchema.nullable(),
  held: z.boolean(),
  codec: z.string().nullable(),
  /** A suite of RFC 4568, or `DTLS`; null where it is not protected, or where nobody here knows. */
  protection: z.string().nullable(),
  transcoded: z.boolean(),
  lossPercent: z.number().nullable(),
  jitterMs: z.number().nullable(),
  roundTripMs: z.number().nullable(),
  /** Estimated mean opinion score of what it says, 1 to 4.5. */
  score: z.number().nullable(),
});

export const watchedCallSchema = z.object({
  id: idSchema,
  caller: z.object({ personId: idSchema.nullable(), name: z.string() }),
  callee: z.object({ personId: idSchema.nullable(), name: z.string() }),
  startedAt: when,
  answeredAt: when.nullable(),
  endedAt: when.nullable(),
  reason: z.enum(endReasons).nullable(),
  /** How an ended call sounded, as each said it, 1 to 4.5; null where nobody measured it. */
  scores: z.object({ caller: z.number().nullable(), callee: z.number().nullable() }),
  /** Only of a running call; null when its process does not answer. */
  now: z
    .object({
      state: z.enum(['ringing', 'connected', 'ended']),
      path: z.enum(['direct', 'relay']).nullable(),
      legs: z.array(watchedLegSchema).max(100),
    })
    .nullable(),
});
export type WatchedCall = z.infer<typeof watchedCallSchema>;

export const listWatchedCalls = defineRoute({
  method: 'GET',
  path: '/calls/admin/calls',
  access: 'session',
  summary: 'Calls of the organisation: those that run now, or all of the last days.',
  query: pageQuery.extend({
    only: z.enum(['running', 'all']).default('running'),
    personId: idSchema.optional(),
  }),
  response: pageOf(watchedCallSchema),
});

export const endWatchedCall = defineRoute({
  method: 'POST',
  path: '/calls/admin/calls/:id/end',
  access: 'session',
  summary: 'End a running call; written into the log.',
  params: z.object({ id: idSchema }),
  response: z.object({}),
});

export const traceEntrySchema = z.object({
  id: idSchema,
  at: when,
  kind: z.enum(['sip', 'page', 'model']),
  /** As the server sees it. */
  direction: z.enum(['in', 'out', 'none']),
  /** `telephone:<person>:<device>`, `page:<person>` or `server`. */
  lane: z.string(),
  title: z.string(),
  protocol: z.string().nullable(),
  peer: z.string().nullable(),
  /** The message, redacted. */
  body: z.string().nullable(),
});
export type TraceLine = z.infer<typeof traceEntrySchema>;

export const traceDays = 7;

export const getCallTrace = defineRoute({
  method: 'GET',
  path: '/calls/admin/calls/:id/trace',
  access: 'session',
  summary: 'What was said about a call, in order: for a ladder diagram.',
  params: z.object({ id: idSchema }),
  response: z.object({
    call: watchedCallSchema,
    lines: z.array(traceEntrySchema).max(1000),
    /** There was more than is shown. */
    truncated: z.boolean(),
  }),
});

/** `packets`: of RTP; two people who talk are 200 a second, as each packet is seen coming and going. */
export const captureLimits = {
  minutes: 60,
  messages: 5000,
  bytes: 8_000_000,
  packets: 50_000,
  running: 5,
} as const;

export const captureSchema = z.object({
  id: idSchema,
  targetKind: z.enum(['person', 'device', 'call']),
  targetId: idSchema,
  startedBy: idSchema,
  startedAt: when,
  until: when,
  endedAt: when.nullable(),
  messages: z.number().int(),
  bytes: z.number().int(),
  /** With the headers of its RTP packets, and how many there are so far. */
  rtpHeaders: z.boolean(),
  packets: z.number().int(),
  truncated: z.boolean(),
});
export type Capture = z.infer<typeof captureSchema>;

export const listCaptures = defineRoute({
  method: 'GET',
  path: '/calls/admin/captures',
  access: 'session',
  summary: 'Captures of signalling, running and lately ended.',
  query: pageQuery,
  response: pageOf(captureSchema),
});

/** 409 `too-many-captures` beyond five at a time. */
export const startCapture = defineRoute({
  method: 'POST',
  path: '/calls/admin/captures',
  access: 'session',
  summary: 'Capture the signalling of a person, a device or a call for some minutes; written into the log.',
  body: z.object({
    targetKind: z.enum(['person', 'device', 'call']),
    targetId: idSchema,
    minutes: z.number().int().min(1).max(captureLimits.minutes),
    /** Of a call: the headers of its RTP packets too, as far as a relay of ours carries them; never what is said. */
    rtpHeaders: z.boolean().default(false),
  }),
  response: captureSchema,
});

export const endCapture = defineRoute({
  method: 'POST',
  path: '/calls/admin/captures/:id/end',
  access: 'session',
  summary: 'End a capture now; what was captured stays.',
  params: z.object({ id: idSchema }),
  response: z.object({}),
});

/** For wireshark and its kin: SIP in made-up UDP packets, so that TLS and WebSocket can be read too; RTP cut after its headers. */
export const downloadCapture = defineRoute({
  method: 'GET',
  path: '/calls/admin/captures/:id/file',
  access: 'session',
  summary: 'A capture as a pcapng file.',
  params: z.object({ id: idSchema }),
});
