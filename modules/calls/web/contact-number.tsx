import { useSession } from '@liaison/core/web';
import type { Person } from '@liaison/people';
import { Button, IconButton, useLabels } from '@liaison/ui';
import { IconPhone } from '@tabler/icons-react';
import { useTelephone } from './calls-provider.tsx';

/** Calls the number or SIP address of a card. */
export function ContactNumberVerb({
  number,
  name,
  asButton = false,
}: {
  number: string;
  name: string;
  asButton?: boolean;
}) {
  const labels = useLabels();
  const { controller } = useTelephone();
  const call = (): void => void controller.call(number, name);
  if (asButton) {
    return (
      <Button variant="call" size="md" leftSection={<IconPhone size={18} />} onClick={call}>
        {labels.call}
      </Button>
    );
  }
  return (
    <IconButton aria-label={labels.verbFor(labels.call, `${name}, ${number}`)} onClick={call}>
      <IconPhone size={18} />
    </IconButton>
  );
}

/** Calls an outside number of a colleague; not one's own. */
export function PersonNumberVerb({ number, person }: { number: string; person: Person }) {
  const { personId: me } = useSession();
  return person.id === me ? null : <ContactNumberVerb number={number} name={person.name} />;
}
