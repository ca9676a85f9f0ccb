import type { z } from 'zod';
import { runInContext } from '../context/index.ts';
import {
  type CommandDefinition,
  type FromServer,
  invalid,
  type PersonActor,
  Problem,
} from '../contract/index.ts';
import { type Log, malformedAt, toProblem } from '../http/index.ts';

export interface CommandContext {
  readonly actor: PersonActor;
  readonly connectionId: string;
  readonly requestId: string;
}

/** A page as its commands see it. */
export interface Asker {
  readonly id: string;
  readonly actor: PersonActor;
  commandsUnderWay: number;
}

export type Reply = Extract<FromServer, { t: 'reply' }>;

/** What pages may ask on their socket: the list of it, and the answer to each. */
export interface Commands {
  add<P extends z.ZodType, R extends z.ZodType>(
    definition: CommandDefinition<P, R>,
    handler: (context: CommandContext, params: z.output<P>) => Promise<z.input<R>>,
  ): void;
  list(): readonly CommandDefinition[];
  /** Never rejects: what goes wrong is in the reply, and what nobody foresaw in the log. */
  answer(page: Asker, message: { id: number; name: string; params: unknown }): Promise<Reply>;
}

const maxUnderWay = 32;

export function createCommands(log: Log): Commands {
  const commands = new Map<
    string,
    { definition: CommandDefinition; handler: (c: CommandContext, p: unknown) => Promise<unknown> }
  >();

  async function resultOf(
    page: Asker,
    requestId: string,
    { name, params }: { name: string; params: unknown },
  ): Promise<unknown> {
    const command = commands.get(name);
    if (!command)
      throw new Problem(404, 'unknown-command', 'This page asks for something this server does not know.');
    const malformed = malformedAt(params);
    if (malformed) {
      throw invalid('Something in the request is not as it should be.', [
        { path: malformed.path.slice(1), message: malformed.message },
      ]);
    }
    const parsed = command.definition.params.safeParse(params);
    if (!parsed.success) {
      throw invalid(
        'Something in the request is not as it should be.',
        parsed.error.issues
          .slice(0, 5)
          .map((issue) => ({ path: issue.path.join('.'), message: issue.message })),
      );
    }
    const { actor } = page;
    const result = await runInContext({ requestId, personId: actor.personId, orgId: actor.orgId }, () =>
      command.handler({ actor, connectionId: page.id, requestId }, parsed.data),
    );
    return command.definition.result.parse(result);
  }

  return {
    add: (definition, handler) =>
      void commands.set(definition.name, {
        definition,
        handler: handler as (c: CommandContext, p: unknown) => Promise<unknown>,
      }),
    list: () => [...commands.values()].map(({ definition }) => definition),
    async answer(page, message) {
      const requestId = `${page.id.slice(-12)}-${message.id}`;
      page.commandsUnderWay += 1;
      try {
        if (page.commandsUnderWay > maxUnderWay) {
          throw new Problem(429, 'too-many', 'Too many things at once; try again in a moment.', {
            retryAfterSeconds: 1,
          });
        }
        return { t: 'reply', id: message.id, result: await resultOf(page, requestId, message) };
      } catch (error) {
        const problem = toProblem(error as Error);
        if (!(error instanceof Problem))
          log.error({ err: error, requestId, command: message.name }, 'a command failed');
        return {
          t: 'reply',
          id: message.id,
          error: { code: problem.code, title: problem.message, status: problem.status },
        };
      } finally {
        page.commandsUnderWay -= 1;
      }
    },
  };
}
