import { connect, Socket } from 'node:net';
import pg from 'pg';

/** How long a server has to take a connection, and how often it is tried before it counts as gone. */
const connectWithinMs = 2500;
const tries = 2;

interface Watched {
  readonly stream: Socket;
  /** Of the server's end. */
  readonly address: string;
  readonly port: number;
  heardAt: number;
  writtenWhenHeard: number;
  /** Since when it was seen to wait for an answer, and when its server was last looked for. */
  askedAt: number | undefined;
  lookedAt: number;
}

/**
 * Ends connections whose server went without a word: a machine without power, a cut cable. TCP goes on sending to it for a
 * quarter of an hour, and whoever waits for an answer waits with it, while the name has long led to another server.
 *
 * A slow statement is silent too. So whoever has waited for `silentMs` has it looked whether that server still takes
 * connections; if not, every connection to it that was not heard of meanwhile is ended, those that nobody uses too. One that
 * waits for nothing is found by TCP itself (`keepAlive` of the connection options). After `answerMs` no answer is waited for,
 * whatever the server takes: a library's pool would hand such a connection to the next, who would wait as long.
 *
 * @returns the class of clients to be watched
 */
export function watchForSilence(options: {
  silentMs: number;
  answerMs: number;
  onGone(address: string): void;
}): typeof pg.Client {
  const { silentMs, answerMs, onGone } = options;
  const all = new Set<Watched>();
  const looking = new Set<string>();
  let timer: ReturnType<typeof setInterval> | undefined;

  function watch(stream: unknown): void {
    // One through a socket file has no machine that could go.
    if (!(stream instanceof Socket) || stream.destroyed) return;
    const { remoteAddress: address, remotePort: port } = stream;
    if (address === undefined || port === undefined) return;
    const one: Watched = {
      ...{ stream, address, port, heardAt: performance.now() },
      ...{ writtenWhenHeard: stream.bytesWritten, askedAt: undefined, lookedAt: 0 },
    };
    all.add(one);
    // First, because whoever is answered may ask the next at once.
    stream.prependListener('data', () => {
      one.heardAt = performance.now();
      one.writtenWhenHeard = stream.bytesWritten;
      one.askedAt = undefined;
    });
    stream.once('close', () => {
      all.delete(one);
      if (all.size > 0) return;
      clearInterval(timer);
      timer = undefined;
    });
    timer ??= setInterval(look, Math.ceil(silentMs / 5)).unref();
  }

  function look(): void {
    const now = performance.now();
    for (const one of all) {
      if (one.stream.bytesWritten > one.writtenWhenHeard) one.askedAt ??= now;
      if (one.askedAt === undefined) continue;
      if (now - one.askedAt >= answerMs)
        one.stream.destroy(new Error(`the database did not answer within ${answerMs / 1000} s`));
      else if (now - Math.max(one.askedAt, one.lookedAt) >= silentMs) {
        one.lookedAt = now;
        void lookFor(one);
      }
    }
  }

  async function lookFor({ address, port }: Watched): Promise<void> {
    const place = `${address}:${port}`;
    if (looking.has(place)) return;
    looking.add(place);
    const begun = performance.now();
    try {
      for (let at = 0; at < tries; at++) if (await takesConnections(address, port)) return;
    } finally {
      looking.delete(place);
    }
    onGone(place);
    const error = new Error(`the database at ${place} does not answer any more`);
    for (const one of [...all])
      if (one.address === address && one.port === port && one.heardAt < begun) one.stream.destroy(error);
  }

  return class extends pg.Client {
    constructor(config?: string | pg.ClientConfig) {
      super(config);
      // Whoever waits hears of it by the statement that fails; an event that nobody listened to would end the process.
      this.on('error', () => {});
      this.once('connect', () => watch(this.connection.stream));
    }
  };
}

/** What says that nobody is there; anything else is a lack of our own. */
const gone = new Set(['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT', 'EHOSTDOWN']);

function takesConnections(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const end = (takes: boolean) => {
      clearTimeout(late);
      socket.destroy();
      resolve(takes);
    };
    const socket = connect({ host, port });
    const late = setTimeout(end, connectWithinMs, false);
    socket.once('connect', () => end(true));
    socket.once('error', ({ code = '' }: NodeJS.ErrnoException) => end(!gone.has(code)));
  });
}
