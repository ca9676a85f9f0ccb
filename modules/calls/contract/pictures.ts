import { defineCommand, defineSignal } from '@liaison/core/contract';
import { z } from 'zod';

const callId = z.uuid();

/**
 * The page that carries the sound would show a picture to a side that has agreed on none: a telephone, which is asked.
 * `calls.picture-answered` says what came of it, after seconds where that telephone asks its person.
 */
export const offerPicture = defineCommand({
  name: 'calls.offer-picture',
  params: z.object({ callId }),
  result: z.object({}),
});

/** To that page. `agreed`: a round follows in which its video is taken. */
export const pictureAnswered = defineSignal({
  name: 'calls.picture-answered',
  data: z.object({ callId, agreed: z.boolean() }),
});
