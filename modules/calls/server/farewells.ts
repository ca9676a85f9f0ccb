import type { Leg } from './leg.ts';

/** A telephone that asked for a transfer hangs up by itself once it hears that it went well; if not, we do after this. */
const farewellMs = 2000;

/** Telephones that are in no call any more and are about to hang up. */
export interface Farewells {
  letGo(leg: Leg): void;
  /** It hung up; false when it is none of these. */
  left(leg: Leg): boolean;
  /** Ends all that are left. */
  close(): void;
}

export function createFarewells(): Farewells {
  const leaving = new Map<Leg, NodeJS.Timeout>();
  const end = (leg: Leg): void => {
    clearTimeout(leaving.get(leg));
    leaving.delete(leg);
    leg.end('transferred');
  };
  return {
    letGo(leg) {
      leaving.set(leg, setTimeout(() => end(leg), farewellMs).unref());
    },
    left(leg) {
      clearTimeout(leaving.get(leg));
      return leaving.delete(leg);
    },
    close() {
      for (const leg of [...leaving.keys()]) end(leg);
    },
  };
}
