import { defineCommand } from '@liaison/core/contract';
import { z } from 'zod';

/** A TURN server with credentials of this person. */
export const iceServerSchema = z.object({
  urls: z.array(z.string().max(512)).min(1).max(8),
  username: z.string().max(256),
  credential: z.string().max(256),
});
export type IceServer = z.output<typeof iceServerSchema>;

/** What helps this page to our relay when its network lets it reach nothing else; none where none is set up. */
export const listIceServers = defineCommand({
  name: 'calls.ice-servers',
  params: z.object({}),
  result: z.object({
    iceServers: z.array(iceServerSchema).max(4),
    /** How long they may be used to begin something, in seconds. */
    validSeconds: z.number().int(),
  }),
});
