import { type DestinationStream, type Level, type Logger, pino } from 'pino';
import { createReadableStream } from './readable.ts';
import { redact, serializeError } from './redaction.ts';

export type Log = Logger;
export type LogLevel = Level | 'silent';

export interface LogOptions {
  level: LogLevel;
  /** Where lines go; standard output when not given. */
  destination?: DestinationStream;
  /** Lines for people instead of JSON; by default only where standard output is a terminal. */
  readable?: boolean;
  /** Fields of every line, such as the duty. */
  bindings?: Record<string, unknown>;
}

/**
 * The log of a process: JSON lines, or readable ones in a terminal. Fields with secrets or people's content are
 * replaced (see `redaction.ts`); errors go in `err`. Use `log.child({ part: 'sip' })` per part and `forRequest` per
 * request. Messages are fixed sentences: what varies is a field, so that it can be redacted and searched.
 */
export function createLog(options: LogOptions): Log {
  const { level, bindings = {} } = options;
  const readable = options.readable ?? (options.destination === undefined && process.stdout.isTTY === true);
  const output = options.destination ?? pino.destination({ dest: 1, sync: true });
  const colour = readable && options.destination === undefined && !process.env.NO_COLOR;
  const log = pino(
    {
      level,
      base: bindings,
      timestamp: pino.stdTimeFunctions.isoTime,
      messageKey: 'msg',
      errorKey: 'err',
      formatters: { level: (label) => ({ level: label }), bindings: redact, log: redactFields },
      serializers: { err: (error: unknown) => error },
    },
    readable ? createReadableStream(output, { colour }) : output,
  );
  // Pino formats the fields of the first log only; a child's must be redacted before they get there.
  const createChild = log.child;
  log.child = function child(this: Log, fields: Record<string, unknown>, childOptions) {
    return createChild.call(this, redact(fields), childOptions) as ReturnType<typeof createChild>;
  } as typeof log.child;
  return log;
}

/** A log whose every line carries the id of the request, the same from the browser to the database. */
export function forRequest(log: Log, requestId: string): Log {
  return log.child({ requestId });
}

function redactFields(fields: Record<string, unknown>): Record<string, unknown> {
  const { err, ...others } = fields;
  const shown = redact(others);
  if (err !== undefined) shown.err = serializeError(err);
  return shown;
}
