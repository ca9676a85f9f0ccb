import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { existsSync } from 'node:fs';
import { WebSocket, WebSocketServer } from 'ws';
import { z } from 'zod';
import { StartError } from '../config/index.ts';
import { defineEvent } from '../contract/index.ts';
import type { Core } from '../floor/index.ts';
import { reactTo } from '../outbox/index.ts';
import { masterKeyFile, openSecrets, type Secrets } from '../secrets/index.ts';
import { type Examined, failed, good, reasonOf, type Step, warning } from './finding.ts';
import { urlOf } from './server.ts';

const path = '/api/v1/doctor';
const subject = 'doctor.answered';
/** How long a doctor may come with what he was given, and how long his socket stays. */
const lifeMs = 5 * 60_000;
const maxQuestions = 20;
/** No organisation and no space has this id: UUIDv7 begins so in the year 9257. Events of nobody's need a stream, too. */
const nobodys = 'd0c70000-0000-8000-8000-000000000000';

const questionAsked = defineEvent({
  name: 'core.doctor-asked',
  version: 1,
  stream: 'streamId',
  payload: z.object({ streamId: z.uuid(), question: z.string().max(64) }),
});

type Key = Pick<Secrets, 'derive' | 'deriveAll'>;
const purpose = 'core.doctor';

/**
 * A pass that is written down nowhere: until when it holds, and what only somebody with the master key can make of that. So the
 * operator's command has one, and nobody else.
 */
export function makePass(secrets: Pick<Key, 'derive'>, nowMs = Date.now()): string {
  const head = Buffer.alloc(14);
  head.writeUIntBE(nowMs + lifeMs, 0, 6);
  randomBytes(8).copy(head, 6);
  const mac = createHmac('sha256', secrets.derive(purpose)).update(head).digest();
  return Buffer.concat([head, mac]).toString('base64url');
}

export function holdsPass(secrets: Pick<Key, 'deriveAll'>, pass: string, nowMs = Date.now()): boolean {
  const bytes = Buffer.from(pass, 'base64url');
  // One spelling each: the last sign has bits that say nothing.
  if (bytes.length !== 14 + 32 || bytes.toString('base64url') !== pass) return false;
  const until = bytes.readUIntBE(0, 6);
  if (until <= nowMs || until > nowMs + lifeMs) return false;
  return secrets
    .deriveAll(purpose)
    .some((key) =>
      timingSafeEqual(createHmac('sha256', key).update(bytes.subarray(0, 14)).digest(), bytes.subarray(14)),
    );
}

/**
 * Lets the operator's doctor send a message along the way that every message takes: a socket, a transaction with an event, the
 * reaction of a worker, the bus, and the socket again. Nobody is told of it, and nothing stays but the event, for 14 days.
 */
export function serveDoctor({ http, outbox, db, bus, secrets, log }: Core): void {
  const waiting = new Map<string, () => void>();
  bus.subscribe(subject, (data) => {
    const question = (data as { question?: unknown } | null)?.question;
    if (typeof question === 'string') waiting.get(question)?.();
  });
  outbox.react(
    reactTo('core.answer-doctor', questionAsked, async ({ payload }) =>
      bus.publish(subject, { question: payload.question }),
    ),
  );
  const sockets = new WebSocketServer({ noServer: true, maxPayload: 1024, perMessageDeflate: false });
  http.upgrade(
    path,
    (request, socket, head) => {
      const pass = /^Bearer ([\w-]{20,80})$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
      if (!holdsPass(secrets, pass))
        return void socket.end('HTTP/1.1 401 Unauthorized\r\nconnection: close\r\n\r\n');
      sockets.handleUpgrade(request, socket, head, (webSocket) => {
        let questions = 0;
        const end = setTimeout(() => webSocket.terminate(), lifeMs).unref();
        const mine = new Set<string>();
        webSocket.on('error', () => webSocket.terminate());
        webSocket.on('close', () => {
          clearTimeout(end);
          for (const question of mine) waiting.delete(question);
        });
        webSocket.on('message', () => {
          questions += 1;
          if (questions > maxQuestions) return webSocket.close();
          const question = randomBytes(12).toString('base64url');
          mine.add(question);
          waiting.set(question, () => {
            waiting.delete(question);
            webSocket.send('{"t":"answered"}');
          });
          db.system(async (tx) =>
            outbox.emit(
              tx,
              questionAsked,
              { streamId: nobodys, question },
              { orgId: nobodys, personId: null },
            ),
          ).then(
            () => webSocket.send('{"t":"stored"}'),
            (error: Error) => {
              log.warn({ err: error }, 'a doctor’s question could not be stored');
              webSocket.send('{"t":"failed"}');
            },
          );
        });
      });
    },
    // It signs in by itself and reads no cookie.
    { anySite: true },
  );
}

/** The installation's keys; none are made for a folder that has none. */
export async function secretsOf({ settings: { dataFolder } }: Pick<Examined, 'settings'>): Promise<Secrets> {
  if (!existsSync(masterKeyFile(dataFolder)))
    throw new StartError({
      what: `${dataFolder} holds no master key`,
      setting: 'LIAISON_DATA',
      mend: 'run the doctor with the LIAISON_DATA of the running server',
    });
  return openSecrets({ dataFolder });
}

const patienceMs = 10_000;

/** A message through the running server, measured from end to end. */
export const messageStep: Step = {
  name: 'message',
  limitMs: patienceMs + 5000,
  async look(examined) {
    const { settings } = examined;
    if (settings.httpPort === 0) return [];
    const secrets = await secretsOf(examined);
    const url = `${urlOf(examined).replace(/^http/, 'ws')}${path}`;
    const seen = await ask(url, makePass(secrets));
    if ('refused' in seen) {
      if (seen.refused === 401)
        return [
          failed(
            'the server refuses the doctor’s pass',
            'run the doctor with the LIAISON_DATA of the running server; restart the server if its master key was rotated since; its clock and this one must agree within minutes',
          ),
        ];
      if (seen.refused === 404)
        return [
          warning('the server knows no doctor', 'it is of an earlier version: look again after the update'),
        ];
      return [
        failed(
          `the server refuses the socket (${seen.refused})`,
          'look at /readyz and into the log of the server',
        ),
      ];
    }
    if ('unreached' in seen)
      return [
        failed(
          `no socket to the server: ${seen.unreached}`,
          'look whether the server runs and LIAISON_HTTP_PORT is its port',
        ),
      ];
    if (seen.storedMs === null)
      return [
        failed(
          'a message is not stored',
          'look at the line about the database, and into the log of the server',
        ),
      ];
    if (seen.answeredMs === null)
      return [
        failed(
          `a message is stored after ${seen.storedMs} ms, and nobody hears of it within ${patienceMs / 1000} s`,
          'look whether a process with the duty worker lives, at the line about the bus, and at stuck work in the administration',
        ),
      ];
    const figure = { value: seen.answeredMs, unit: 'ms' };
    const words = `a message is stored after ${seen.storedMs} ms, and heard of after ${seen.answeredMs} ms`;
    return seen.answeredMs > 2000
      ? [warning(words, 'look what the machine and the database are busy with: people wait', figure)]
      : [good(words, figure)];
  },
};

type Asked =
  | { readonly refused: number }
  | { readonly unreached: string }
  | { readonly storedMs: number | null; readonly answeredMs: number | null };

function ask(url: string, pass: string): Promise<Asked> {
  return new Promise((resolve) => {
    const socket = new WebSocket(url, {
      headers: { authorization: `Bearer ${pass}` },
      handshakeTimeout: 5000,
    });
    let askedAt = 0;
    let storedMs: number | null = null;
    const since = () => Math.round(performance.now() - askedAt);
    const end = (seen: Asked): void => {
      clearTimeout(timer);
      socket.terminate();
      resolve(seen);
    };
    const timer = setTimeout(
      () => end(askedAt === 0 ? { unreached: 'no answer in time' } : { storedMs, answeredMs: null }),
      patienceMs,
    );
    socket.on('unexpected-response', (_request, response) => end({ refused: response.statusCode ?? 0 }));
    socket.on('error', (error) => end({ unreached: reasonOf(error) }));
    socket.on('open', () => {
      askedAt = performance.now();
      socket.send('?');
    });
    socket.on('message', (data) => {
      const text = String(data);
      if (text.includes('stored')) storedMs ??= since();
      else if (text.includes('failed')) end({ storedMs: null, answeredMs: null });
      // The way back may be quicker than the word that it is stored.
      else if (text.includes('answered')) end({ storedMs: storedMs ?? since(), answeredMs: since() });
    });
  });
}
