import { defineRoute, defineSignal, pageOf, pageQuery } from '@liaison/core/contract';
import { z } from 'zod';
import { callRecordSchema } from './call.ts';

export const listCalls = defineRoute({
  method: 'GET',
  path: '/calls',
  access: 'session',
  summary: 'My calls, newest first.',
  query: pageQuery.extend({
    only: z.enum(['all', 'missed']).default('all'),
    /** Only calls with this person. */
    personId: z.uuid().optional(),
    /**
     * Only calls with these numbers of somebody outside, with commas between them, however they are written: their last nine
     * digits are compared.
     */
    numbers: z
      .string()
      .max(900)
      .regex(/^\+?[\d\s().\-/]{4,40}(,\+?[\d\s().\-/]{4,40}){0,19}$/)
      .optional(),
    /** Only calls that began from then on, and before then. */
    from: z.iso.datetime().optional(),
    to: z.iso.datetime().optional(),
  }),
  response: pageOf(callRecordSchema),
});

export const countMissedCalls = defineRoute({
  method: 'GET',
  path: '/calls/missed',
  access: 'session',
  summary: 'How many missed calls I have not looked at.',
  response: z.object({ count: z.number().int() }),
});

export const markCallsSeen = defineRoute({
  method: 'POST',
  path: '/calls/seen',
  access: 'session',
  summary: 'I have looked at my missed calls.',
  response: z.object({ count: z.number().int() }),
});

/** For a service worker, which has no live socket. A call that was taken meanwhile goes on. */
export const declineRinging = defineRoute({
  method: 'POST',
  path: '/calls/:id/decline',
  access: 'session',
  summary: 'Refuses a call that rings for me, on all of my devices.',
  params: z.object({ id: z.uuid() }),
  response: z.object({}),
});

/** To a person's own pages: what `listTelephones` answers is another now. */
export const telephonesChanged = defineSignal({ name: 'calls.telephones', data: z.object({}) });

export const listTelephones = defineRoute({
  method: 'GET',
  path: '/calls/telephones',
  access: 'session',
  summary: 'My telephones that are registered now.',
  response: z.object({
    rows: z.array(
      z.object({
        deviceId: z.uuid(),
        userAgent: z.string().nullable(),
        address: z.string(),
        protocol: z.string(),
        expiresAt: z.string(),
      }),
    ),
  }),
});

export const callSettingsSchema = z.object({
  /** A second call may wait beside the one I am in; otherwise its caller hears that I am busy. */
  callWaiting: z.boolean(),
});
export type CallSettings = z.infer<typeof callSettingsSchema>;

export const getCallSettings = defineRoute({
  method: 'GET',
  path: '/calls/settings',
  access: 'session',
  summary: 'What I chose about my calls.',
  response: callSettingsSchema,
});

export const changeCallSettings = defineRoute({
  method: 'PUT',
  path: '/calls/settings',
  access: 'session',
  summary: 'Choose about my calls.',
  body: callSettingsSchema,
  response: callSettingsSchema,
});

export const sipSettings = defineRoute({
  method: 'GET',
  path: '/calls/sip-settings',
  access: 'session',
  summary: 'Where a telephone registers: host, ports and transports of this server.',
  response: z.object({
    host: z.string(),
    domain: z.string(),
    udpPort: z.number().int().nullable(),
    tcpPort: z.number().int().nullable(),
    tlsPort: z.number().int().nullable(),
  }),
});
