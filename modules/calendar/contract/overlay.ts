import { defineRoute, idSchema } from '@liaison/core/contract';
import { z } from 'zod';

/** Lanes of a day that can still be told apart. */
export const maxOverlay = 8;

const overlay = z.object({
  /** In the order in which they were chosen. */
  personIds: z.array(idSchema).max(maxOverlay),
});
export const getOverlay = defineRoute({
  method: 'GET',
  path: '/calendar/overlay',
  access: 'session',
  summary: 'Colleagues whose taken times I have over my days; when they are taken `/calendar/busy` says.',
  response: overlay,
});
/** 404 for somebody whom I do not know. */
export const setOverlay = defineRoute({
  method: 'PUT',
  path: '/calendar/overlay',
  access: 'session',
  summary: 'Chooses these colleagues; it holds wherever I sign in.',
  body: overlay,
  response: overlay,
});
