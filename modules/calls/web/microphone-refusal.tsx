import { lazy, Suspense } from 'react';
import { useCalls } from './calls-provider.tsx';

// Few people ever see it, and dialogs weigh: it comes when there is something to say.
const MicrophoneDialog = lazy(() => import('./microphone-dialog.tsx'));

/** Over the page when a call found no microphone. */
export function MicrophoneRefusal() {
  const { refusal } = useCalls();
  if (!refusal) return null;
  return (
    <Suspense fallback={null}>
      <MicrophoneDialog />
    </Suspense>
  );
}
