import { Problem } from '@liaison/core/contract';
import type { Core } from '@liaison/core/floor';
import { MediaError, type MediaPool, type Relay, type RelayReport } from '../media/media.ts';
import {
  type RelayMethod,
  relayCreated,
  relayKey,
  relayKeyPressed,
  relayLost,
  relayPicture,
  relayPictureWanted,
  relaysOf,
} from './messages.ts';

const timeoutMs = 5000;
/** Codes of media errors and of problems share no name. */
const problemCodes = new Set(['not-running', 'command-failed', 'command-too-large', 'answer-too-large']);

interface RelayThere {
  readonly processId: string;
  readonly handlers: (() => void)[];
  readonly keyHandlers: Parameters<Relay['onKey']>[0][];
  readonly pictureHandlers: Parameters<Relay['onPictureWanted']>[0][];
}

/**
 * Relays on processes with the duty `media`, for a process without it: as a pool of one's own, but each relay is chosen at
 * random among those processes, and every request to it crosses the bus.
 */
export function createFarRelays({ owned, bus, log }: Pick<Core, 'owned' | 'bus' | 'log'>): MediaPool {
  const lost = new Map<string, RelayThere>();

  const lose = (id: string) => {
    const relay = lost.get(id);
    lost.delete(id);
    for (const handler of relay?.handlers ?? []) handler();
  };
  owned.onProcessLost((processId) => {
    for (const [id, relay] of [...lost]) if (relay.processId === processId) lose(id);
  });
  // May be lost; then the next request to that relay says it.
  let unsubscribe: (() => void) | undefined;
  let unsubscribeKeys: (() => void) | undefined;
  let unsubscribePictures: (() => void) | undefined;
  const pressed = (data: unknown): void => {
    const { data: press } = relayKey.safeParse(data);
    if (!press) return;
    for (const handler of lost.get(press.id)?.keyHandlers ?? []) handler(press.end, press);
  };

  const pictureWanted = (data: unknown): void => {
    const { data: wish } = relayPicture.safeParse(data);
    if (!wish) return;
    for (const handler of lost.get(wish.id)?.pictureHandlers ?? []) handler(wish.end);
  };

  async function send(processId: string, params: unknown): Promise<unknown> {
    try {
      return await owned.send(relaysOf(processId), 'relay', params, { timeoutMs });
    } catch (error) {
      if (error instanceof Problem && !problemCodes.has(error.code)) {
        throw new MediaError(error.code as MediaError['code'], error.message);
      }
      throw new MediaError('lost', 'the process of a relay does not answer');
    }
  }

  function relayAt(processId: string, id: string): Relay {
    const ask = <Answer>(method: RelayMethod, ...args: unknown[]): Promise<Answer> =>
      send(processId, { order: 'ask', id, method, args }) as Promise<Answer>;
    const entry: RelayThere = { processId, handlers: [], keyHandlers: [], pictureHandlers: [] };
    lost.set(id, entry);
    return {
      id,
      // Each request is a command by itself on the bus.
      keepsOrder: false,
      webrtcAnswer: (...args) => ask('webrtcAnswer', ...args),
      webrtcOffer: (...args) => ask('webrtcOffer', ...args),
      webrtcAccept: (...args) => ask('webrtcAccept', ...args),
      rtpOffer: (...args) => ask('rtpOffer', ...args),
      rtpAccept: (...args) => ask('rtpAccept', ...args),
      rtpRefused: (...args) => ask('rtpRefused', ...args),
      rtpAnswer: (...args) => ask('rtpAnswer', ...args),
      connect: (...args) => ask('connect', ...args),
      hold: (...args) => ask('hold', ...args),
      pressKey: (...args) => ask('pressKey', ...args),
      askForPicture: (...args) => ask('askForPicture', ...args),
      serve: (...args) => ask('serve', ...args),
      removeEnd: (...args) => ask('removeEnd', ...args),
      stats: () => ask('stats'),
      headers: () => ask('headers'),
      async close() {
        if (!lost.delete(id)) return { ends: [] };
        try {
          return (await send(processId, { order: 'close', id })) as RelayReport;
        } catch (error) {
          // Its process closes what belongs to a lost one; a lost order leaves it to the end of that process's idle time.
          log.warn({ relayId: id, err: error }, 'a relay on another process could not be closed');
          return { ends: [] };
        }
      },
      onLost: (handler) => void entry.handlers.push(handler),
      // Nobody here asks for it; a call hears of its ends from its pages and telephones.
      onEndState() {},
      onPictureWanted: (handler) => void entry.pictureHandlers.push(handler),
      onKey: (handler) => void entry.keyHandlers.push(handler),
    };
  }

  return {
    async createRelay() {
      unsubscribe ??= bus.subscribe(relayLost, (data) => {
        if (typeof data === 'string') lose(data);
      });
      unsubscribeKeys ??= bus.subscribe(relayKeyPressed, pressed);
      unsubscribePictures ??= bus.subscribe(relayPictureWanted, pictureWanted);
      const processes = await owned.processesWith('media', { taking: true });
      const processId = processes[Math.floor(Math.random() * processes.length)];
      if (processId === undefined) throw new MediaError('lost', 'no process has the duty media');
      const made = await send(processId, { order: 'create', owner: owned.processId });
      return relayAt(processId, relayCreated.parse(made).id);
    },
    async stop() {
      unsubscribe?.();
      unsubscribeKeys?.();
      unsubscribePictures?.();
      await Promise.all(
        [...lost].map(async ([id, { processId }]) => {
          lost.delete(id);
          // What cannot be told is closed by its keeper when this process's lease ends.
          await send(processId, { order: 'close', id }).catch(() => {});
        }),
      );
    },
    stats: () => ({ processes: [], relays: lost.size, crashes: 0 }),
  };
}
