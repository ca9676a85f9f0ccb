/** A signal holds this long; a page that goes on writing says so again earlier. */
const holdsMs = 5_000;

export interface Typing {
  heard(place: string, personId: string): void;
  /** What they wrote has arrived: they write no longer. */
  ended(place: string, personId: string): void;
  in(place: string): readonly string[];
  subscribe(listener: () => void): () => void;
  stop(): void;
}

const nobody: readonly string[] = [];

/** Who is writing where. `place` is a conversation, or a conversation and a thread. */
export function createTyping(): Typing {
  const places = new Map<string, ReadonlyMap<string, ReturnType<typeof setTimeout>>>();
  const names = new Map<string, readonly string[]>();
  const listeners = new Set<() => void>();
  function set(place: string, people: ReadonlyMap<string, ReturnType<typeof setTimeout>>): void {
    if (people.size === 0) {
      places.delete(place);
      names.delete(place);
    } else {
      places.set(place, people);
      names.set(place, [...people.keys()]);
    }
    for (const listener of [...listeners]) listener();
  }
  function ended(place: string, personId: string): void {
    const people = places.get(place);
    const timer = people?.get(personId);
    if (!people || timer === undefined) return;
    clearTimeout(timer);
    const left = new Map(people);
    left.delete(personId);
    set(place, left);
  }
  return {
    heard(place, personId) {
      const people = new Map(places.get(place));
      clearTimeout(people.get(personId));
      people.set(
        personId,
        setTimeout(() => ended(place, personId), holdsMs),
      );
      set(place, people);
    },
    ended,
    in: (place) => names.get(place) ?? nobody,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    stop() {
      for (const people of places.values()) for (const timer of people.values()) clearTimeout(timer);
      places.clear();
      names.clear();
    },
  };
}

export const typingPlace = (conversationId: string, threadId: string | null): string =>
  threadId === null ? conversationId : `${conversationId}/${threadId}`;
