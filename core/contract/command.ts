import type { z } from 'zod';

/** A request over the live socket that is answered on it: for what must be tied to one connection, such as a call. */
export interface CommandDefinition<
  Params extends z.ZodType = z.ZodType,
  Result extends z.ZodType = z.ZodType,
> {
  /** `module.verb`, for instance `calls.start`. */
  readonly name: `${string}.${string}`;
  readonly params: Params;
  readonly result: Result;
}

/** Declares a command; the identity function that keeps the types. */
export function defineCommand<Params extends z.ZodType, Result extends z.ZodType>(
  definition: CommandDefinition<Params, Result>,
): CommandDefinition<Params, Result> {
  return definition;
}

/** A message that the server pushes to pages without keeping it (typing, reachability, a ringing call). */
export interface SignalDefinition<Data extends z.ZodType = z.ZodType> {
  /** `module.noun`, for instance `reach.state`. */
  readonly name: `${string}.${string}`;
  readonly data: Data;
}

/** Declares a signal; the identity function that keeps the type. */
export function defineSignal<Data extends z.ZodType>(
  definition: SignalDefinition<Data>,
): SignalDefinition<Data> {
  return definition;
}
