/** News of an organisation's people, told in a row of short messages. */
export interface Gather {
  /** Tells at once what comes alone; what comes within the window after it is told together at its end. */
  add(orgId: string, personIds: readonly string[]): void;
  /** Everything that was added has been told. */
  settled(): Promise<void>;
}

/**
 * When many pages open or close (a morning, a restart), each changes somebody's state, and every page of the organisation
 * hears of it: gathered, that is a message per window and page instead of a message per page and page.
 */
export function createGather(
  windowMs: number,
  tell: (orgId: string, personIds: readonly string[]) => Promise<void>,
  failed: (error: Error) => void,
): Gather {
  const waiting = new Map<string, Set<string>>();
  const underWay = new Map<string, Promise<void>>();

  async function work(orgId: string): Promise<void> {
    for (let people = waiting.get(orgId); people; people = waiting.get(orgId)) {
      waiting.delete(orgId);
      await tell(orgId, [...people]).catch(failed);
      await new Promise((resolve) => setTimeout(resolve, windowMs));
    }
    underWay.delete(orgId);
  }

  return {
    add(orgId, personIds) {
      const people = waiting.get(orgId) ?? new Set();
      for (const personId of personIds) people.add(personId);
      waiting.set(orgId, people);
      if (!underWay.has(orgId)) underWay.set(orgId, work(orgId));
    },
    async settled() {
      while (underWay.size > 0) await Promise.all(underWay.values());
    },
  };
}
