import { Agent, request as httpRequest, type IncomingHttpHeaders } from 'node:http';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The body as JSON, undefined where it is none. */
  readonly json: unknown;
  /** `code` of a problem, undefined where the answer is none. */
  readonly code: string | undefined;
}

export interface Asked {
  readonly method: string;
  /** Path and query, as they are sent. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON unless it is text or bytes already. */
  readonly body?: unknown;
  /** Sends the body without saying how long it is. */
  readonly chunked?: boolean;
}

/** A client that sends what it is told, as browsers would never do, and hears an answer that comes before the end. */
export interface Asker {
  ask(asked: Asked): Promise<Answer>;
  close(): void;
}

export function createAsker(url: string): Asker {
  const { hostname, port } = new URL(url);
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  return {
    ask: ({ method, path, headers = {}, body, chunked = false }) =>
      new Promise((resolve, reject) => {
        const bytes =
          body === undefined
            ? undefined
            : typeof body === 'string' || Buffer.isBuffer(body)
              ? Buffer.from(body)
              : Buffer.from(JSON.stringify(body));
        let answered = false;
        const request = httpRequest(
          {
            agent,
            hostname,
            port,
            method,
            path,
            headers: {
              ...(bytes === undefined ? {} : { 'content-type': 'application/json' }),
              ...(bytes === undefined || chunked ? {} : { 'content-length': String(bytes.length) }),
              ...headers,
            },
          },
          (response) => {
            answered = true;
            const parts: Buffer[] = [];
            response.on('data', (part: Buffer) => parts.push(part));
            response.on('error', reject);
            response.on('end', () => {
              const text = Buffer.concat(parts).toString();
              let json: unknown;
              try {
                json = text === '' ? undefined : JSON.parse(text);
              } catch {
                json = undefined;
              }
              const isProblem = String(response.headers['content-type']).startsWith(
                'application/problem+json',
              );
              resolve({
                status: response.statusCode ?? 0,
                headers: response.headers,
                text,
                json,
                code: isProblem ? (json as { code?: string } | undefined)?.code : undefined,
              });
            });
          },
        );
        request.setTimeout(20_000, () => request.destroy(new Error(`no answer to ${method} ${path}`)));
        // A server that refused early closes while the rest is still being written.
        request.on('error', (error) => (answered ? undefined : reject(error)));
        request.end(bytes);
      }),
    close: () => agent.destroy(),
  };
}
