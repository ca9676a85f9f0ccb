import type { Core } from '@liaison/core/floor';

/**
 * Whether somebody may have a page open that could be told something: most telephones ring where nobody looks. Where other
 * processes hold pages too nobody here knows, and the answer is yes. A page that opens asks for its calls by itself.
 */
export function createOpenPages({ bus, live }: Pick<Core, 'bus' | 'live'>): (personId: string) => boolean {
  const counts = new Map<string, number>();
  live.onOpen(({ actor: { personId } }) => {
    counts.set(personId, (counts.get(personId) ?? 0) + 1);
  });
  live.onClose(({ actor: { personId } }) => {
    const left = (counts.get(personId) ?? 0) - 1;
    if (left > 0) counts.set(personId, left);
    else counts.delete(personId);
  });
  return (personId) => bus.shared || counts.has(personId);
}
