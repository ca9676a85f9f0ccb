import type { Whispered } from '@liaison/chat';
import { api } from '@liaison/core/web';
import { useEffect } from 'react';
import { mayTell } from '../contract/index.ts';

/** Where nobody can be asked, nothing is said: the count in the title goes on. */
const ask = (query: Whispered): Promise<boolean> =>
  api(mayTell, { query }).then(
    ({ may }) => may,
    () => false,
  );

/** Before a hidden page of chat says something: what is chosen, and quiet hours, hold there as for what is pushed. */
export function WhisperGate({
  decide,
}: {
  decide: (may: (whispered: Whispered) => Promise<boolean>) => () => void;
}): null {
  useEffect(() => decide(ask), [decide]);
  return null;
}
