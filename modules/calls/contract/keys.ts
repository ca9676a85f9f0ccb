import { defineSignal } from '@liaison/core/contract';
import { z } from 'zod';

/** To the page that carries the sound: the other side pressed a key on its telephone. */
export const keyPressed = defineSignal({
  name: 'calls.key',
  data: z.object({ callId: z.uuid(), key: z.string().regex(/^[0-9*#A-D]$/) }),
});
