import type { Duplex } from 'node:stream';
import { Readable } from 'node:stream';
import type pg from 'pg';
import { StartError } from '../config/index.ts';
import { openClient } from './client.ts';

/**
 * A connection that speaks PostgreSQL's streaming replication protocol (its manual, chapter "Frontend/Backend Protocol",
 * section "Streaming Replication Protocol"): copies of the whole cluster and its write-ahead log, from the embedded server
 * and from any other alike, with nothing but a login that may replicate. `replication=database` because such a connection
 * also takes SQL, and is let in by the rules for ordinary databases.
 */
export interface Walsender {
  identify(): Promise<{ systemId: string; timeline: number; position: bigint }>;
  /** A statement of SQL, or a replication command that answers with rows. No parameters. */
  rows(text: string): Promise<Record<string, string | null>[]>;
  /** Copies the cluster as one tar with the log that it needs. `ended` resolves after the archive's last byte. */
  baseBackup(label: string): { archive: Readable; ended: Promise<BaseRange> };
  /** The log from a position on, until `close` or the server ends it; acknowledge what is safe with `confirm`. */
  stream(options: {
    slot: string;
    from: bigint;
    timeline: number;
    onData: (start: bigint, bytes: Buffer) => void;
    /** The server wants to hear at once how far we are, for instance because it shuts down. */
    onAsked: () => void;
  }): LogStream;
  close(): Promise<void>;
}

export interface BaseRange {
  /** Where the log has to be read from. */
  start: bigint;
  /** Where the copy is whole. */
  end: bigint;
  timeline: number;
}

export interface LogStream {
  /** Up to here everything is safe with us: the server may forget it. */
  confirm(safe: bigint): void;
  pause(): void;
  resume(): void;
  /** Resolves when the server has ended the stream, rejects when the connection is lost. */
  readonly ended: Promise<void>;
}

/** What pg's connection has and its types do not say. */
interface Connection {
  readonly stream: Duplex;
  query(text: string): void;
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
}

/** A PostgreSQL position `16/B374D848` as a number. */
export function parseLsn(text: string): bigint {
  const [, high = '', low = ''] = /^([0-9A-F]{1,8})\/([0-9A-F]{1,8})$/i.exec(text) ?? [];
  if (high === '') throw new TypeError('not a position in the log');
  return (BigInt(`0x${high}`) << 32n) | BigInt(`0x${low}`);
}

export function formatLsn(position: bigint): string {
  return `${(position >> 32n).toString(16).toUpperCase()}/${(position & 0xffffffffn).toString(16).toUpperCase()}`;
}

export async function openWalsender(url: string): Promise<Walsender> {
  const client = openClient(url, { replication: 'database' });
  try {
    await client.connect();
  } catch (error) {
    throw mayNot(error) ?? error;
  }
  const rows = async (text: string) => {
    try {
      return (await client.query<Record<string, string | null>>(text)).rows;
    } catch (error) {
      throw mayNot(error) ?? error;
    }
  };
  return {
    rows,
    async identify() {
      const [row] = await rows('IDENTIFY_SYSTEM');
      return {
        systemId: String(row?.systemid),
        timeline: Number(row?.timeline),
        position: parseLsn(String(row?.xlogpos)),
      };
    },
    baseBackup: (label) => baseBackup(client, label),
    stream: (options) => streamLog(client, options),
    close: () => client.end().catch(() => {}),
  };
}

/** What every answer to a query of our own begins with; pg calls these by name. */
abstract class Answer implements pg.Submittable {
  readonly text: string;
  protected connection: Connection | undefined;

  constructor(text: string) {
    this.text = text;
  }

  readonly submit = (connection: pg.Connection): void => {
    this.connection = connection as unknown as Connection;
    this.connection.query(this.text);
  };
  handleRowDescription(_message: unknown): void {}
  handleDataRow(_message: { fields: (string | null)[] }): void {}
  handleCommandComplete(_message: unknown): void {}
  handleEmptyQuery(): void {}
  handlePortalSuspended(): void {}
  handleCopyInResponse(): void {}
  abstract handleCopyData(message: { chunk: Buffer }): void;
  abstract handleReadyForQuery(): void;
  abstract handleError(error: Error): void;
}

function baseBackup(client: pg.Client, label: string): { archive: Readable; ended: Promise<BaseRange> } {
  const { promise: ended, resolve, reject } = Promise.withResolvers<BaseRange>();
  // The archive says the same; whoever reads only that must not end the process by not listening here.
  ended.catch(() => {});
  const answer = new (class extends Answer {
    readonly #results: (string | null)[][][] = [];
    #archives = 0;
    #failed: Error | undefined;
    readonly archive = new Readable({
      highWaterMark: 4 * 1024 * 1024,
      read: () => void this.connection?.stream.resume(),
      destroy: (error, done) => {
        // There is no way to stop a copy but to hang up.
        if (error !== null || !this.archive.readableEnded) void client.end().catch(() => {});
        this.connection?.stream.resume();
        done(error);
      },
    });

    override handleRowDescription(): void {
      this.#results.push([]);
    }
    override handleDataRow({ fields }: { fields: (string | null)[] }): void {
      this.#results.at(-1)?.push(fields);
    }
    handleCopyData({ chunk }: { chunk: Buffer }): void {
      const kind = chunk[0];
      if (kind === 0x6e) {
        // 'n': an archive begins. Every tablespace is one of its own.
        if (++this.#archives > 1) {
          this.handleError(
            new StartError({
              what: 'the database has tablespaces of its own',
              mend: 'move its tables into pg_default',
            }),
          );
        }
      } else if (kind === 0x64 && this.#failed === undefined) {
        // 'd': its bytes. They stand in a buffer that is used again.
        if (!this.archive.push(Buffer.from(chunk.subarray(1)))) this.connection?.stream.pause();
      }
    }
    handleReadyForQuery(): void {
      const [first, , last] = this.#results;
      if (this.#failed !== undefined) return;
      resolve({
        start: parseLsn(String(first?.[0]?.[0])),
        timeline: Number(first?.[0]?.[1]),
        end: parseLsn(String(last?.[0]?.[0])),
      });
      this.archive.push(null);
    }
    handleError(error: Error): void {
      this.#failed ??= mayNot(error) ?? error;
      reject(this.#failed);
      this.archive.destroy(this.#failed);
    }
  })(`BASE_BACKUP (LABEL '${label}', CHECKPOINT 'fast', WAL true, WAIT true)`);
  client.query(answer);
  return { archive: answer.archive, ended };
}

/** Microseconds between the Unix epoch and PostgreSQL's, which is the year 2000. */
const epochMicroseconds = 946_684_800_000_000n;

function streamLog(client: pg.Client, options: Parameters<Walsender['stream']>[0]): LogStream {
  const { slot, from, timeline, onData, onAsked } = options;
  const { promise: ended, resolve, reject } = Promise.withResolvers<void>();
  ended.catch(() => {});
  let [received, safe] = [from, from];
  const answer = new (class extends Answer {
    handleCopyData({ chunk }: { chunk: Buffer }): void {
      if (chunk[0] === 0x77) {
        // 'w' XLogData: start, end of the log there, time; then the log itself.
        const start = chunk.readBigUInt64BE(1);
        const bytes = Buffer.from(chunk.subarray(25));
        received = start + BigInt(bytes.length);
        onData(start, bytes);
      } else if (chunk[0] === 0x6b && chunk[17] === 1) {
        // 'k' primary keepalive that asks for an answer.
        onAsked();
        this.tell();
      }
    }
    /** 'r' standby status update: written, flushed, applied, our clock, no answer wanted. */
    tell(): void {
      const message = Buffer.alloc(34);
      message.write('r', 'latin1');
      message.writeBigUInt64BE(received, 1);
      message.writeBigUInt64BE(safe, 9);
      message.writeBigUInt64BE(safe, 17);
      message.writeBigInt64BE(BigInt(Date.now()) * 1000n - epochMicroseconds, 25);
      this.connection?.sendCopyFromChunk(message);
    }
    pause(): void {
      this.connection?.stream.pause();
    }
    resume(): void {
      this.connection?.stream.resume();
    }
    override handleCommandComplete(): void {
      this.connection?.endCopyFrom();
    }
    handleReadyForQuery(): void {
      clearInterval(telling);
      resolve();
    }
    handleError(error: Error): void {
      clearInterval(telling);
      reject(error);
    }
  })(`START_REPLICATION SLOT ${slot} PHYSICAL ${formatLsn(from)} TIMELINE ${timeline}`);
  // More often than any server's wal_sender_timeout.
  const telling = setInterval(() => answer.tell(), 2000);
  telling.unref();
  client.query(answer);
  return {
    ended,
    confirm(position) {
      safe = position;
      answer.tell();
    },
    pause: () => answer.pause(),
    resume: () => answer.resume(),
  };
}

/** What the operator can mend: a login that may not, a server that is not set for it. */
function mayNot(error: unknown): StartError | undefined {
  const code = (error as { code?: unknown } | undefined)?.code;
  if (code === '42501') {
    return new StartError({
      what: 'the login of the database may not replicate, so that it cannot be copied',
      setting: 'DATABASE_URL',
      mend: 'give it REPLICATION (ALTER ROLE … REPLICATION), or let who runs the database back it up',
      cause: error,
    });
  }
  if (code === '53300') {
    return new StartError({
      what: 'the database has no free connection for replication',
      setting: 'DATABASE_URL',
      mend: 'raise its max_wal_senders and max_replication_slots, with two more of each than its standbys take',
      cause: error,
    });
  }
  return undefined;
}
