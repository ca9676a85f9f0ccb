/** Before each further try, in milliseconds. */
const waitsMs = [250, 500, 1000, 2000, 4000, 8000];

/** For what a page needs and nothing would fetch again: a network that changes loses what is on its way. Rejects as the last try did. */
export async function tryPatiently<T>(attempt: () => Promise<T>): Promise<T> {
  for (const waitMs of waitsMs) {
    try {
      return await attempt();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  }
  return attempt();
}
