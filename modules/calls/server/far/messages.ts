import { z } from 'zod';

/** What one process does in the name of all organisations is claimed under this one. */
export const nobodysOrg = '00000000-0000-0000-0000-000000000000';

/** The telephones whose flows one process holds, as a thing in `core/owned`; `processId` is that process. */
export const flowsOf = (processId: string) => ({
  kind: 'calls.flows',
  id: processId,
  orgId: nobodysOrg,
});

/** The relays that one process with the duty `media` holds. */
export const relaysOf = (processId: string) => ({
  kind: 'calls.relays',
  id: processId,
  orgId: nobodysOrg,
});

const sdp = z.string().max(64_000);
const endpoint = z.object({ address: z.string().max(100), port: z.number().int() });
const flow = z.looseObject({
  id: z.string().max(300),
  protocol: z.enum(['udp', 'tcp', 'tls', 'ws', 'wss']),
  remote: endpoint,
  local: endpoint,
});
const party = z.object({ name: z.string().max(500), user: z.string().max(300), host: z.string().max(300) });
export type FarParty = z.infer<typeof party>;

/** From a call's owner to the process that holds a telephone's flow. */
export const lineOrder = z.discriminatedUnion('order', [
  z.object({
    order: z.literal('ring'),
    legId: z.string().max(64),
    callId: z.uuid(),
    orgId: z.uuid(),
    /** Whose telephone it is, for the ladder of the call. */
    leg: z.object({ personId: z.string().max(64), deviceId: z.string().max(64).optional() }).optional(),
    /** The contact's address. */
    target: z.string().max(1000),
    flow,
    /** Proxies between, as Route values. */
    route: z.array(z.string().max(1000)).max(20).optional(),
    from: party,
    to: party,
    /** Who handed the caller over. */
    referredBy: party.optional(),
    offer: sdp,
    /** What is left of the call that it is made of (RFC 3261 §16.6, RFC 5393 §5.3). */
    hops: z.object({ maxForwards: z.int().min(0).max(255), maxBreadth: z.int().min(1).max(1000) }).optional(),
  }),
  z.object({
    order: z.enum(['cancel', 'bye']),
    legId: z.string().max(64),
    reason: z.object({ protocol: z.string(), cause: z.number(), text: z.string() }).partial().optional(),
  }),
  z.object({
    order: z.literal('info'),
    legId: z.string().max(64),
    contentType: z.string().max(200),
    body: z.string().max(1000),
  }),
  /** Offers anew; answered by a `lineAnswer`. */
  z.object({ order: z.literal('reinvite'), legId: z.string().max(64), offer: sdp }),
  /** What is said to a transfer that this telephone asked for: taken on, refused, how it goes (a final status ends it). */
  z.object({
    order: z.literal('referral'),
    legId: z.string().max(64),
    referralId: z.string().max(64),
    say: z.enum(['accept', 'reject', 'notify']),
    status: z.number().int(),
  }),
  /** Answers a telephone that calls, as `session.accept` and `session.reject` do. */
  z.object({ order: z.literal('accept'), legId: z.string().max(64), sdp }),
  z.object({ order: z.literal('reject'), legId: z.string().max(64), status: z.number().int() }),
  /** It belongs to another call from now on, as the leg `as`; answered by a `lineFollowed`. */
  z.object({
    order: z.literal('follow'),
    legId: z.string().max(64),
    as: z.string().max(64),
    callId: z.uuid(),
    orgId: z.uuid(),
  }),
  /** Which call a dialog belongs to that a telephone names in Replaces (RFC 3891 §3); answered by a `dialogNamed`. */
  z.object({
    order: z.literal('name'),
    callId: z.string().max(512),
    toTag: z.string().max(512),
    fromTag: z.string().max(512),
  }),
]);
export type LineOrder = z.infer<typeof lineOrder>;

/** From the process with the flow back to the call, in the order in which it happened. */
export const lineReport = z.discriminatedUnion('event', [
  z.object({ event: z.literal('progress'), legId: z.string(), status: z.number().int(), sdp }),
  z.object({ event: z.literal('accepted'), legId: z.string(), sdp }),
  z.object({ event: z.literal('rejected'), legId: z.string(), status: z.number().int() }),
  z.object({ event: z.literal('cancelled'), legId: z.string() }),
  z.object({ event: z.literal('ended'), legId: z.string() }),
  z.object({ event: z.literal('reinvited'), legId: z.string(), sdp }),
  z.object({ event: z.literal('offer-requested'), legId: z.string() }),
  z.object({
    event: z.literal('info'),
    legId: z.string(),
    contentType: z.string().max(200),
    body: z.string().max(1000),
  }),
  z.object({ event: z.literal('acknowledged'), legId: z.string(), sdp }),
  /** It came from another call. One that it is not expected in has it hung up. */
  z.object({ event: z.literal('arrived'), legId: z.string() }),
  z.object({
    event: z.literal('referred'),
    legId: z.string(),
    referralId: z.string().max(64),
    method: z.string().max(40),
    /** Refer-To as a Name-Addr; longer ones are refused where they arrive. */
    target: z.string().max(1000),
    /** Only of an attended transfer: the call that Replaces names, as far as the telephone's process knows. */
    other: z.object({ callId: z.uuid(), orgId: z.uuid(), personId: z.uuid().nullable() }).nullish(),
  }),
]);
export type LineReport = z.infer<typeof lineReport>;

/** The telephone's answer to a new offer, or the status with which it refused. */
export const lineAnswer = z.object({ sdp: sdp.optional(), refused: z.number().int().optional() });

/** False when there is no such line (any more). */
export const lineFollowed = z.object({ followed: z.boolean() });

/** A call by the dialog of one of its telephones; `legId` is that telephone's leg. */
export const dialogNamed = z
  .object({
    callId: z.uuid(),
    orgId: z.uuid(),
    personId: z.uuid().nullable(),
    legId: z.string().max(64),
  })
  .nullable();

/** A telephone's dialog in another process, for the call that takes it over. */
export const farLine = z.object({ processId: z.uuid(), flow });
export type FarLineAddress = z.infer<typeof farLine>;

/** What the call says to a report: `gone` when it has no such leg (any more), which must then end. */
export const reportAnswer = z.object({
  gone: z.boolean().optional(),
  sdp: sdp.optional(),
  /** A SIP status for the telephone, instead of a description. */
  refused: z.number().int().optional(),
});
export type ReportAnswer = z.infer<typeof reportAnswer>;

/** What may be asked of a relay on another process: the methods of `Relay` that answer. */
export const relayMethods = [
  'webrtcAnswer',
  'webrtcOffer',
  'webrtcAccept',
  'rtpOffer',
  'rtpAccept',
  'rtpRefused',
  'rtpAnswer',
  'connect',
  'hold',
  'pressKey',
  'askForPicture',
  'serve',
  'removeEnd',
  'stats',
  'headers',
] as const;
export type RelayMethod = (typeof relayMethods)[number];

export const relayOrder = z.discriminatedUnion('order', [
  /** `owner`: whose death closes it. */
  z.object({ order: z.literal('create'), owner: z.uuid() }),
  z.object({
    order: z.literal('ask'),
    id: z.string().max(100),
    method: z.enum(relayMethods),
    args: z.array(z.unknown()).max(4),
  }),
  z.object({ order: z.literal('close'), id: z.string().max(100) }),
]);
export const relayCreated = z.object({ id: z.string() });

/** Said to everybody when a relay's media process ended; the data is the relay's id. */
export const relayLost = 'calls.relay-lost';

/** Said to everybody when somebody pressed a key in a relay; who owns the call is listening. */
export const relayKeyPressed = 'calls.relay-key';
export const relayKey = z.object({
  id: z.string().max(100),
  end: z.string().max(64),
  key: z.string().length(1),
  isTaken: z.boolean(),
});

/** Said to everybody when a whole picture is wanted of an end that can be asked by INFO alone (RFC 5168 §5). */
export const relayPictureWanted = 'calls.relay-picture';
export const relayPicture = z.object({ id: z.string().max(100), end: z.string().max(64) });
