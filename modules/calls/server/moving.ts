import type { Log } from '@liaison/core/log';
import type { CallMedia } from './call-media.ts';
import type { Side } from './handover.ts';
import type { Leg } from './leg.ts';
import type { WebLeg } from './web-leg.ts';

/** What moving between a person's devices needs of the call. */
export interface MovingNeeds {
  readonly callId: string;
  readonly media: CallMedia;
  readonly log: Log;
  isConnected(): boolean;
  legOf(side: Side): Leg | null;
  /** The leg that a side talks with. */
  partnerOf(side: Side): Leg | null;
  /** Gives a side another leg, and answers the one that it had; nothing else is known of that one from then on. */
  seat(side: Side, next: Leg): Leg | null;
  changed(): void;
}

/** A person's own leg is replaced by another one of hers while she talks; nobody else notices. */
export interface Moving {
  /** The device that rings to take over for a side. */
  ringingFor(side: Side): Leg | null;
  ringing(): Leg | null;
  /** A page that is getting its sound, while the telephone of its side still talks. */
  arrivingFor(side: Side): WebLeg | null;
  arrivingOf(personId: string): WebLeg | null;
  /** Rings another leg of a side, and goes on there once it answers. */
  to(side: Side, leg: Leg, timeoutMs: number): Promise<boolean>;
  /** The leg that rings answered: it takes its place. */
  answered(): void;
  stop(): void;
  /** A page takes over from a telephone, which talks until the page does, so that nobody misses a word. */
  bring(side: Side, from: Leg, page: WebLeg): void;
  /** A leg was put down; true when its page was on the way to take over, and has by this. */
  putDown(leg: Leg): boolean;
  /** The connection of a page that was arriving is gone. */
  pageLost(connectionId: string): void;
  /** Another leg, that is there already, takes the place of a side's. */
  replace(side: Side, next: Leg): void;
  /** Whatever was moving stops; of `left` alone pages that were arriving. */
  close(left?: Side): void;
}

export function createMoving(needs: MovingNeeds): Moving {
  const { callId, media, log, isConnected, legOf, partnerOf, seat, changed } = needs;
  let moving: { side: Side; leg: Leg; timer: NodeJS.Timeout } | null = null;
  let arriving: { side: Side; leg: WebLeg } | null = null;

  function stop(): void {
    if (!moving) return;
    clearTimeout(moving.timer);
    moving.leg.stop('cancelled');
    moving = null;
    changed();
  }

  function replace(side: Side, next: Leg): void {
    const old = seat(side, next);
    changed();
    const partner = partnerOf(side);
    const joined = partner ? media.join(partner, next) : Promise.resolve();
    void joined.finally(() => {
      old?.end('completed');
      if (old) media.leave(old);
    });
  }

  function finishArrival(): void {
    if (!arriving) return;
    const { side, leg } = arriving;
    arriving = null;
    const old = seat(side, leg);
    if (old) {
      media.leave(old);
      old.end('completed');
    }
    changed();
  }

  return {
    ringingFor: (side) => (moving?.side === side ? moving.leg : null),
    ringing: () => moving?.leg ?? null,
    arrivingFor: (side) => (arriving?.side === side ? arriving.leg : null),
    arrivingOf: (personId) => (arriving?.side.personId === personId ? arriving.leg : null),
    async to(side, leg, timeoutMs) {
      if (arriving?.side === side) return false;
      stop();
      moving = { side, leg, timer: setTimeout(stop, timeoutMs) };
      changed();
      try {
        await leg.ring();
      } catch (error) {
        log.warn({ callId, err: error }, 'a telephone could not be rung to take a call over');
        if (moving?.leg === leg) stop();
      }
      return true;
    },
    answered() {
      if (!moving) return;
      const { side, leg, timer } = moving;
      clearTimeout(timer);
      moving = null;
      if (isConnected()) replace(side, leg);
      else leg.end('completed');
    },
    stop,
    bring(side, from, page) {
      stop();
      if (arriving) media.leave(arriving.leg);
      arriving = { side, leg: page };
      changed();
      void media.replace(from, page).then((isThere) => {
        if (arriving?.leg !== page) return;
        if (isThere) return finishArrival();
        arriving = null;
        changed();
      });
    },
    putDown(leg) {
      if (!arriving || legOf(arriving.side) !== leg) return false;
      finishArrival();
      return true;
    },
    pageLost(connectionId) {
      if (arriving?.leg.connectionId !== connectionId) return;
      media.leave(arriving.leg);
      arriving = null;
      changed();
    },
    replace,
    close(left) {
      stop();
      if (left === undefined || arriving?.side === left) arriving = null;
    },
  };
}
