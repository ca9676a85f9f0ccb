import { z } from 'zod';
import { Problem, type ProblemBody } from '../contract/index.ts';
import type { Thing } from './contract.ts';

/** A command on its way to another process. */
export const commandMessage = z.strictObject({
  kind: z.string().min(1).max(60),
  id: z.string().min(1).max(200),
  orgId: z.uuid(),
  epoch: z.number().int().positive(),
  command: z.string().min(1).max(100),
  params: z.unknown(),
  key: z.string().min(1).max(200),
});
export type CommandMessage = z.output<typeof commandMessage>;

/** What comes back. `unknown`: the owner lost its lease while it worked. */
const answerMessage = z.discriminatedUnion('t', [
  z.object({ t: z.literal('result'), value: z.unknown() }),
  z.object({
    t: z.literal('problem'),
    problem: z.object({
      status: z.number().int(),
      code: z.string(),
      title: z.string(),
      detail: z.string().optional(),
      errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
      retryAfterSeconds: z.number().optional(),
    }),
  }),
  z.object({ t: z.literal('not-owned') }),
  z.object({ t: z.literal('unknown') }),
]);
export type Answer = z.output<typeof answerMessage>;

export const parseAnswer = (data: unknown): Answer => answerMessage.parse(data);

export const problemAnswer = (problem: Problem): Answer => {
  const { status, code, title, detail, errors, retryAfterSeconds }: ProblemBody = problem.body();
  return {
    t: 'problem',
    problem: {
      status,
      code,
      title,
      ...(detail === undefined ? {} : { detail }),
      ...(errors === undefined ? {} : { errors: [...errors] }),
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    },
  };
};

export const problemOf = ({ problem: { status, code, title, ...more } }: Extract<Answer, { t: 'problem' }>) =>
  new Problem(status, code, title, {
    ...(more.detail === undefined ? {} : { detail: more.detail }),
    ...(more.errors === undefined ? {} : { errors: more.errors }),
    ...(more.retryAfterSeconds === undefined ? {} : { retryAfterSeconds: more.retryAfterSeconds }),
  });

export const keyOf = (thing: Pick<Thing, 'kind' | 'id'>) => `${thing.kind}\u001f${thing.id}`;
