import { defineRoute, idSchema } from '@liaison/core/contract';
import { z } from 'zod';
import { nameSchema } from '../person.ts';

export const deviceSchema = z.object({
  id: idSchema,
  personId: idSchema,
  kind: z.literal('sip'),
  name: z.string(),
  /** Its own, within the organisation's realm: what a telephone calls "authentication name". */
  username: z.string(),
  createdAt: z.iso.datetime(),
  lastSeenAt: z.iso.datetime().nullable(),
  lastAddress: z.string().nullable(),
  userAgent: z.string().nullable(),
});
export type Device = z.infer<typeof deviceSchema>;

/** What is typed into a telephone. The secret is shown this once. */
export const provisioningSchema = z.object({
  device: deviceSchema,
  secret: z.string(),
  /** Address of record: `sip:someone@example.org`. */
  addressOfRecord: z.string(),
  /** Host and port of the registrar, as this page reaches the server. */
  server: z.string(),
  port: z.number().int(),
  /** How it is reached there, the best first, each where it really listens. `port` is the first one's. */
  transports: z
    .array(z.object({ protocol: z.enum(['udp', 'tcp', 'tls']), port: z.number().int() }))
    .min(1)
    .max(3),
  realm: z.string(),
  displayName: z.string(),
  /** The same as lines of text, to print or paste. */
  text: z.string(),
  /** Payload of a QR code; draw it with `uqr`. */
  qr: z.string(),
});
export type Provisioning = z.infer<typeof provisioningSchema>;

/** One's own; managers name another person. */
export const listDevices = defineRoute({
  method: 'GET',
  path: '/devices',
  access: 'session',
  summary: 'Telephones and programs that sign in by themselves.',
  query: z.object({ personId: idSchema.optional() }),
  response: z.object({ devices: z.array(deviceSchema) }),
});

/** At most 20 for a person: 409 `too-many-devices`. */
export const createDevice = defineRoute({
  method: 'POST',
  path: '/devices',
  access: 'session',
  summary: 'Create a SIP device; its secret is shown this once.',
  body: z.object({ name: nameSchema, personId: idSchema.optional() }),
  response: provisioningSchema,
});

/** Its registration ends, its calls are cut. */
export const revokeDevice = defineRoute({
  method: 'DELETE',
  path: '/devices/:id',
  access: 'session',
  summary: 'Revoke a device.',
  params: z.object({ id: idSchema }),
});
