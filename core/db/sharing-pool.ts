import { setTimeout as sleep } from 'node:timers/promises';
import pg, { type PoolClient } from 'pg';

/** For so long a pool makes do with what it has, before it asks for another one. */
const contentMs = 2000;
const pauseMs = 50;

/** Of PostgreSQL: as many are connected as it takes, in all or for one database or role. */
const isCrowded = (error: unknown): boolean => error instanceof pg.DatabaseError && error.code === '53300';

type Done = (error: Error | undefined, client: PoolClient | undefined, release: () => void) => void;

/**
 * A pool that shares a server with those of other processes: where no more connections are given, whoever wants one waits for one
 * of those that this pool has, as at a pool that is full, for as long as connecting may take. Several processes may want more
 * together than there are, and most want few at a time.
 */
export class SharingPool extends pg.Pool {
  #most: number;
  #withinMs: number;
  #again: ReturnType<typeof setTimeout> | undefined;

  constructor(options: pg.PoolConfig & { max: number; connectionTimeoutMillis: number }) {
    super(options);
    this.#most = options.max;
    this.#withinMs = options.connectionTimeoutMillis;
  }

  override connect(): Promise<PoolClient>;
  override connect(callback: Done): void;
  override connect(callback?: Done): Promise<PoolClient> | undefined {
    const begunMs = performance.now();
    const given = super.connect().catch((error: unknown) => this.#wait(error, begunMs));
    if (callback === undefined) return given;
    given.then(
      (client) => callback(undefined, client, () => client.release()),
      (error: Error) => callback(error, undefined, () => {}),
    );
    return undefined;
  }

  async #wait(refused: unknown, begunMs: number): Promise<PoolClient> {
    for (let last = refused; ; ) {
      if (!isCrowded(last) || performance.now() - begunMs > this.#withinMs) throw last;
      this.#makeDo();
      await sleep(pauseMs);
      try {
        return await super.connect();
      } catch (error) {
        last = error;
      }
    }
  }

  /** Each attempt costs the server a process, and a hundred may wait. */
  #makeDo(): void {
    this.options.max = Math.max(1, Math.min(this.options.max, this.totalCount));
    this.#again ??= setTimeout(() => {
      this.#again = undefined;
      this.options.max = this.#most;
    }, contentMs).unref();
  }
}
