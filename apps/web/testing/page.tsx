import { useConnection, useDraft, usePageTitle, useTitleCount } from '@liaison/core/web';
import { Button, PageHeader, Panes, Textarea } from '@liaison/ui';
import { useState } from 'react';

/** A page with unsent words, and with a way to break. */
export function Page() {
  const title = 'Port study';
  usePageTitle(title);
  useTitleCount(4);
  const draft = useDraft('test:1');
  const { status } = useConnection();
  const [broken, setBroken] = useState(false);
  if (broken) throw new Error('this page is broken on purpose');
  return (
    <Panes>
      <PageHeader title={title} />
      <Textarea label="Words" value={draft.text} onChange={(event) => draft.set(event.currentTarget.value)} />
      <output>{status}</output>
      <Button onClick={() => setBroken(true)}>Break</Button>
    </Panes>
  );
}
