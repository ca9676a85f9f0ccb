import { connect, type Socket } from 'node:net';

/**
 * A connection of HTTP that sends prepared requests one after another and looks at no more of an answer than its status and length:
 * what measures a server must not be slower than it.
 */
export class KeptConnection {
  readonly #socket: Socket;
  #received: Buffer = Buffer.alloc(0);
  #answered: { resolve(status: number): void; reject(error: Error): void } | null = null;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk) => this.#take(chunk));
    socket.on('close', () => this.#answered?.reject(new Error('the connection was closed')));
    socket.on('error', (error) => this.#answered?.reject(error));
  }

  static open(host: string, port: number): Promise<KeptConnection> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host, port, noDelay: true }, () => resolve(new KeptConnection(socket)));
      socket.once('error', reject);
    });
  }

  /** Answers the status, once all of the answer is here. */
  send(request: Uint8Array): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#answered = { resolve, reject };
      this.#socket.write(request);
    });
  }

  close(): void {
    this.#answered = null;
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    const end = this.#received.indexOf('\r\n\r\n');
    if (end === -1) return;
    const head = this.#received.toString('latin1', 0, end);
    const [, length] = /\r\ncontent-length: *(\d+)/i.exec(head) ?? [];
    if (length === undefined) {
      this.#answered?.reject(new Error(`an answer without a length: ${head.slice(0, 200)}`));
      return;
    }
    const whole = end + 4 + Number(length);
    if (this.#received.length < whole) return;
    this.#received = this.#received.subarray(whole);
    const answered = this.#answered;
    this.#answered = null;
    answered?.resolve(Number(head.slice(9, 12)));
  }
}
