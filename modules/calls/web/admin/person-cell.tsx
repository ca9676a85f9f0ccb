import { usePersonView } from '@liaison/core/web';
import { PersonChip } from '@liaison/ui';

/** A person as a chip where she is one of ours, otherwise her name or number alone. */
export function PersonCell({ personId, name }: { personId: string | null; name: string | null }) {
  const view = usePersonView(personId ?? '', name ? { name } : undefined);
  if (personId === null || !view) return <span>{name || '…'}</span>;
  return <PersonChip size="small" person={view} />;
}
