import type { FileHandle } from 'node:fs/promises';
import { ServerResponse } from 'node:http';
import { Readable, type Writable } from 'node:stream';

/** What is read at once: each reading is a way through a thread and back, and two such pieces stay in a processor's cache. */
const readBytes = 256 * 1024;

/**
 * A part of an open file, which is closed with the stream.
 *
 * Sent as an answer (`pipe` to a `ServerResponse`, which is how Fastify sends), two pieces of memory carry all of it: one is read
 * into while the other is written, and each is used again once the socket says that its bytes have left. Whoever reads it in
 * another way may keep what it gets, and gets pieces of its own.
 */
export class FileStream extends Readable {
  readonly #handle: FileHandle;
  readonly #end: number;
  #at: number;

  /** @param end behind the last byte. */
  constructor(handle: FileHandle, start: number, end: number) {
    super({ highWaterMark: readBytes });
    this.#handle = handle;
    this.#at = start;
    this.#end = end;
  }

  override _read(): void {
    this.#fill(Buffer.allocUnsafeSlow(Math.min(readBytes, this.#end - this.#at))).then(
      (piece) => this.push(piece.length > 0 ? piece : null),
      (error: Error) => this.destroy(error),
    );
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    // A reading that is under way ends first.
    this.#handle.close().then(
      () => done(error),
      (failed: Error) => done(error ?? failed),
    );
  }

  override pipe<To extends NodeJS.WritableStream>(to: To, options: { end?: boolean } = {}): To {
    // What others than a response do with a piece once they have taken it, nobody knows.
    if (!(to instanceof ServerResponse) || this.readableFlowing !== null) return super.pipe(to, options);
    if (options.end !== false) this.once('end', () => to.end());
    this.#send(to).then(
      (isWhole) => {
        // Whoever went away is no fault of the file's.
        if (!isWhole) return void this.destroy();
        this.push(null);
        this.resume();
      },
      (error: Error) => this.destroy(error),
    );
    return to;
  }

  /** Answers whether all of it was taken. */
  async #send(to: Writable): Promise<boolean> {
    const left = () => Math.min(readBytes, this.#end - this.#at);
    let memory: Buffer = Buffer.allocUnsafeSlow(left());
    let other: Buffer | undefined;
    let next = this.#fill(memory);
    for (;;) {
      const piece = await next;
      if (piece.length === 0) return true;
      other ??= Buffer.allocUnsafeSlow(left());
      [memory, other] = [other, memory];
      next = this.#fill(memory);
      // Whoever goes away meanwhile has not asked for it.
      next.catch(() => {});
      if (!(await this.#written(to, piece))) return false;
    }
  }

  /** Resolves when nothing needs the memory of this piece any more; false where nobody takes any more. */
  #written(to: Writable, piece: Buffer): Promise<boolean> {
    return new Promise((resolve) => {
      const cut = () => resolve(false);
      if (this.destroyed || to.destroyed) return cut();
      this.once('close', cut);
      to.once('close', cut);
      to.write(piece, (error) => {
        this.off('close', cut);
        to.off('close', cut);
        resolve(!error);
      });
    });
  }

  /** Reads the next bytes; none behind the end. */
  async #fill(into: Buffer): Promise<Buffer> {
    const at = this.#at;
    const wanted = Math.min(into.length, this.#end - at);
    if (wanted <= 0 || this.destroyed) return into.subarray(0, 0);
    const { bytesRead } = await this.#handle.read(into, 0, wanted, at);
    // A blob is never shortened: whoever finds less must not take it for all of it.
    if (bytesRead === 0) throw new Error('the file is shorter than it was');
    this.#at = at + bytesRead;
    return into.subarray(0, bytesRead);
  }
}
