import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Bus } from '../bus/index.ts';
import { type FromServer, liveClose, liveVersion, type PersonActor } from '../contract/index.ts';
import type { Db } from '../db/index.ts';
import type { Http, Log } from '../http/index.ts';
import { type StreamHead, wakeSubject } from '../outbox/index.ts';
import { type Asker, createCommands } from './commands.ts';
import type { Connection, Live, Presenter, SignalTarget } from './contract.ts';
import { textFrame } from './frame.ts';
import { fromPage } from './from-page.ts';
import { createSendingAway, type KeepsPages } from './sending-away.ts';
import { createStreamReader, type StreamReader, type Subscriber } from './stream-reader.ts';

export interface LiveOptions {
  db: Db;
  bus: Bus;
  http: Http;
  log: Log;
  nextId(): string;
  /** Named in `welcome`; a page of another build offers to reload itself. */
  build: string;
  /** How often every open socket's session is looked at again, in milliseconds. */
  sessionCheckMs?: number;
  pollMs?: number;
}

interface Page extends Subscriber, Asker {
  readonly socket: WebSocket;
  /** The stream under the socket, for frames that are the same for many pages. */
  readonly wire: Duplex;
  readonly actor: PersonActor;
  readonly openedAt: Date;
  readonly headers: IncomingMessage['headers'];
  readonly ip: string;
  alive: boolean;
  closed: boolean;
  /** More is buffered for it than should be; whether it reads is looked at in a moment. */
  watched: boolean;
}

const maxPagesPerPerson = 40;
const maxBufferedBytes = 4 * 1024 * 1024;
const slowAfterMs = 2000;
const maxSignalsTogether = 200;
const heartbeatMs = 15_000;
const signalSubject = 'live.signal';
const cutSubject = 'live.cut';

export function createLive(options: LiveOptions): Live {
  const { db, bus, http, log } = options;
  const commands = createCommands(log);
  const presenters = new Map<string, Presenter<Record<string, unknown>>>();
  const opened: ((connection: Connection) => void)[] = [];
  const closed: ((connection: Connection) => void)[] = [];
  const pages = new Map<string, Page>();
  const byPerson = new Map<string, Set<Page>>();
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: 256 * 1024,
    // Compression costs a context per socket, and what we send is small.
    perMessageDeflate: false,
    clientTracking: false,
  });
  let reader: StreamReader | undefined;
  let ends: (() => void)[] = [];
  let draining: ReturnType<typeof createSendingAway> | undefined;
  const keepers: KeepsPages[] = [];

  const connectionOf = (page: Page): Connection => ({
    id: page.id,
    actor: page.actor,
    openedAt: page.openedAt,
  });

  function send(page: Page, message: FromServer): void {
    sendFrames(page, textFrame(JSON.stringify(message)));
  }

  /**
   * Whole frames in one write. Going past `ws` is safe because without compression it writes each frame of its own
   * (pings, closing) at once and whole; and it halves the cost of an event to a large room.
   */
  function sendFrames(page: Page, frames: Buffer): void {
    if (page.socket.readyState !== 1 || frames.length === 0) return;
    if (page.socket.bufferedAmount > maxBufferedBytes) {
      endSlow(page);
      return;
    }
    page.wire.write(frames);
    // A batch may be larger than that by itself; whoever reads has taken it soon, also when nothing follows.
    if (page.wire.writableLength > maxBufferedBytes && !page.watched) {
      page.watched = true;
      setTimeout(() => {
        page.watched = false;
        if (page.wire.writableLength > maxBufferedBytes) endSlow(page);
      }, slowAfterMs).unref();
    }
  }

  /** It may come back and resume from where it was; keeping its backlog would cost everybody memory. */
  function endSlow(page: Page): void {
    page.socket.close(liveClose.tooSlow, 'this page does not read');
    setTimeout(() => page.socket.terminate(), 1000).unref();
  }

  function accept(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const ip = request.socket.remoteAddress ?? '';
    if (draining) {
      socket.end('HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\nconnection: close\r\n\r\n');
      return;
    }
    http
      .authenticate({ headers: request.headers, ip })
      .then((actor) => {
        if (socket.destroyed) return;
        if (!actor) {
          socket.end('HTTP/1.1 401 Unauthorized\r\nconnection: close\r\n\r\n');
          return;
        }
        server.handleUpgrade(request, socket, head, (webSocket) =>
          open(webSocket, socket, request, actor, ip),
        );
      })
      .catch((error: Error) => {
        log.warn({ err: error }, 'a live socket could not be opened');
        socket.end('HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\n\r\n');
      });
  }

  function open(
    socket: WebSocket,
    wire: Duplex,
    request: IncomingMessage,
    actor: PersonActor,
    ip: string,
  ): void {
    const mine = byPerson.get(actor.personId) ?? new Set<Page>();
    if (mine.size >= maxPagesPerPerson) {
      socket.close(liveClose.tooMany, 'too many pages are open');
      return;
    }
    const page: Page = {
      id: options.nextId(),
      orgId: actor.orgId,
      personId: actor.personId,
      guest: actor.role === 'guest',
      actor,
      socket,
      wire,
      openedAt: new Date(),
      headers: request.headers,
      ip,
      alive: true,
      closed: false,
      watched: false,
      commandsUnderWay: 0,
      spaces: new Map(),
      sendFrames: (frames) => sendFrames(page, frames),
    };
    pages.set(page.id, page);
    mine.add(page);
    byPerson.set(actor.personId, mine);
    socket.on('pong', () => {
      page.alive = true;
    });
    socket.on('error', (error) =>
      log.info({ connectionId: page.id, reason: error.message }, 'a live socket failed'),
    );
    socket.on('message', (data, binary) => {
      page.alive = true;
      if (binary) return socket.close(liveClose.badMessage, 'text only');
      receive(page, String(data));
    });
    socket.on('close', () => {
      page.closed = true;
      pages.delete(page.id);
      mine.delete(page);
      if (mine.size === 0) byPerson.delete(actor.personId);
      reader?.leaveAll(page);
      for (const handler of closed) guarded('a close handler failed', () => handler(connectionOf(page)));
    });
    for (const handler of opened) guarded('an open handler failed', () => handler(connectionOf(page)));
  }

  function guarded(message: string, work: () => void): void {
    try {
      work();
    } catch (error) {
      log.error({ err: error }, message);
    }
  }

  function receive(page: Page, text: string): void {
    const message = fromPage(text);
    if (!message) {
      page.socket.close(liveClose.badMessage, 'this message is not understood');
    } else if (message.t === 'ping') {
      send(page, { t: 'pong' });
    } else if (message.t === 'hello') {
      const known = message.v <= liveVersion && message.v >= liveVersion - 1;
      if (known) void hello(page, message.positions);
      else page.socket.close(liveClose.reload, 'reload');
    } else {
      void commands.answer(page, message).then((reply) => send(page, reply));
    }
  }

  async function hello(page: Page, positions: Record<string, number>): Promise<void> {
    try {
      const spaces = await spacesOf(page.orgId, page.personId);
      // Whoever has read the welcome gets the signals of its spaces from then on.
      await reader!.open(spaces);
      const heads = await reader!.heads(spaces);
      send(page, {
        t: 'welcome',
        v: liveVersion,
        build: options.build,
        connectionId: page.id,
        personId: page.personId,
        positions: Object.fromEntries(heads),
      });
      await Promise.all(
        spaces.map((space) => reader!.join(page, space, positions[space] ?? heads.get(space) ?? 0)),
      );
    } catch (error) {
      log.warn({ err: error, connectionId: page.id }, 'a page could not be welcomed');
      page.socket.close(1013, 'try again');
    }
  }

  const spacesOf = (orgId: string, personId: string): Promise<string[]> =>
    db.read(orgId, async (tx) =>
      (
        await tx.query<{ space_id: string }>('select space_id from core.member where person_id = $1', [
          personId,
        ])
      ).map((row) => row.space_id),
    );

  function deliver(target: SignalTarget, messages: readonly FromServer[]): void {
    const frame = Buffer.concat(messages.map((message) => textFrame(JSON.stringify(message))));
    if ('connectionId' in target) {
      const page = pages.get(target.connectionId);
      if (page) sendFrames(page, frame);
    } else if ('personIds' in target) {
      for (const personId of target.personIds)
        for (const page of byPerson.get(personId) ?? []) sendFrames(page, frame);
    } else if ('spaceId' in target) {
      for (const page of reader?.subscribers(target.spaceId) ?? []) page.sendFrames(frame);
    } else {
      for (const page of pages.values()) {
        if (page.orgId !== target.orgId || (target.guests === false && page.actor.role === 'guest')) continue;
        sendFrames(page, frame);
      }
    }
  }

  function membersMoved(heads: readonly StreamHead[]): void {
    for (const { members } of heads) {
      for (const personId of members ?? []) {
        for (const page of byPerson.get(personId) ?? []) void follow(page);
      }
    }
  }

  /** Brings a page's streams in step with its person's memberships. */
  async function follow(page: Page): Promise<void> {
    if (!reader || page.spaces.size === 0) return;
    try {
      const now = new Set(await spacesOf(page.orgId, page.personId));
      const heads = await reader.heads([...now].filter((space) => !page.spaces.has(space)));
      for (const [space, head] of heads) {
        if (page.spaces.has(space)) continue;
        send(page, { t: 'joined', space, seq: head });
        await reader.join(page, space, head);
      }
      for (const space of page.spaces.keys()) {
        if (now.has(space)) continue;
        reader.leave(page, space);
        send(page, { t: 'left', space });
      }
    } catch (error) {
      log.warn({ err: error }, 'memberships could not be followed');
    }
  }

  function cutLocal(whom: { sessionId?: string; personId?: string }): void {
    for (const page of [...pages.values()]) {
      if (page.actor.sessionId === whom.sessionId || page.personId === whom.personId) {
        page.socket.close(liveClose.signedOut, 'signed out');
        setTimeout(() => page.socket.terminate(), 500).unref();
      }
    }
  }

  /** The bus may lose a cut, so every open socket's session is looked at again every few seconds. */
  async function checkSessions(): Promise<void> {
    const bySession = new Map<string, Page>();
    for (const page of pages.values()) bySession.set(page.actor.sessionId, page);
    for (const [sessionId, page] of bySession) {
      const actor = await http.authenticate({ headers: page.headers, ip: page.ip });
      if (!actor) cutLocal({ sessionId });
      // Rights follow memberships; a changed role needs a new socket.
      else if (actor.role !== page.actor.role)
        for (const each of byPerson.get(page.personId) ?? []) each.socket.close(1012);
    }
  }

  return {
    command: commands.add,
    commands: commands.list,
    present: (event, presenter) =>
      void presenters.set(event.name, (orgId, events, guests) =>
        presenter(
          orgId,
          events.map((each) => ({ ...each, payload: event.payload.parse(each.payload) })),
          guests,
        ),
      ),
    signal(target, definition, data) {
      bus.publish(signalSubject, { target, name: definition.name, data: definition.data.parse(data) });
    },
    signalAll(target, definition, data) {
      // A bus carries a message of a bounded size.
      for (let from = 0; from < data.length; from += maxSignalsTogether) {
        const all = data.slice(from, from + maxSignalsTogether).map((each) => definition.data.parse(each));
        bus.publish(signalSubject, { target, name: definition.name, all });
      }
    },
    signalHere(connectionIds, definition, data) {
      const { name } = definition;
      const messages = data.map(
        (each) => ({ t: 'signal', name, data: definition.data.parse(each) }) as const,
      );
      for (const connectionId of connectionIds) deliver({ connectionId }, messages);
    },
    onOpen: (handler) => void opened.push(handler),
    onClose: (handler) => void closed.push(handler),
    cut: (whom) => bus.publish(cutSubject, whom),
    connections: () => [...pages.values()].map(connectionOf),
    keepWhileDraining: (keeps) => void keepers.push(keeps),
    drain(withinMs) {
      draining ??= createSendingAway({
        pages: () => [...pages.values()].filter(({ socket }) => socket.readyState === 1).map(({ id }) => id),
        close(connectionId) {
          const page = pages.get(connectionId);
          page?.socket.close(1012, 'restart');
          setTimeout(() => page?.socket.terminate(), 1000).unref();
        },
        keepers,
        withinMs,
        log,
      });
    },
    async start() {
      draining?.stop();
      draining = undefined;
      reader = createStreamReader({
        db,
        log,
        presenters,
        pollMs: options.pollMs ?? (bus.shared ? 1000 : 5000),
      });
      http.upgrade('/api/v1/live', accept);
      const heartbeat = setInterval(() => {
        for (const page of pages.values()) {
          if (!page.alive) page.socket.terminate();
          page.alive = false;
          if (page.socket.readyState === 1) page.socket.ping();
        }
      }, heartbeatMs);
      let checking = false;
      const sessions = setInterval(() => {
        if (checking) return;
        checking = true;
        checkSessions()
          .catch((error: Error) => log.warn({ err: error }, 'sessions could not be checked'))
          .finally(() => {
            checking = false;
          });
      }, options.sessionCheckMs ?? 3000);
      // Where the bus may lose a wake, memberships are looked at again from time to time.
      const memberships = bus.shared
        ? setInterval(() => {
            for (const page of pages.values()) void follow(page);
          }, 10_000)
        : undefined;
      ends = [
        () => clearInterval(heartbeat),
        () => clearInterval(sessions),
        () => clearInterval(memberships),
        bus.subscribe(wakeSubject, (data) => {
          const heads = data as StreamHead[];
          membersMoved(heads);
          reader?.wake(heads);
        }),
        bus.subscribe(signalSubject, (data) => {
          const { target, name, ...told } = data as {
            target: SignalTarget;
            name: string;
            data?: unknown;
            all?: readonly unknown[];
          };
          const all = told.all ?? [told.data];
          deliver(
            target,
            all.map((each) => ({ t: 'signal', name, data: each })),
          );
        }),
        bus.subscribe(cutSubject, (data) => cutLocal(data as { sessionId?: string; personId?: string })),
      ];
    },
    async stop() {
      for (const end of ends) end();
      ends = [];
      draining?.stop();
      // 1012: the server restarts; pages come back by themselves and resume.
      for (const page of pages.values()) page.socket.close(1012, 'restart');
      await reader?.stop();
      for (const page of pages.values()) page.socket.terminate();
    },
  };
}
