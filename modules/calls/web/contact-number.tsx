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
