import type { PersonView } from '@liaison/ui';
import { lazy, Suspense } from 'react';
import { useCalls } from './calls-provider.tsx';

// Most calls have no picture: what draws one, and what says why there is none, comes when it is wanted.
const PicturePanel = lazy(() => import('./picture-panel.tsx'));
const CameraDialog = lazy(() => import('./camera-dialog.tsx'));

/** What is seen in the call that is talked in, beside the page. */
export function CallPicture({ person }: { person: PersonView | null }) {
  const { here, myPicture, theirPicture, cameraRefusal } = useCalls();
  const isSeen = here !== null && (myPicture !== null || theirPicture !== null);
  return (
    <Suspense fallback={null}>
      {isSeen && person ? <PicturePanel person={person} /> : null}
      {cameraRefusal ? <CameraDialog refusal={cameraRefusal} /> : null}
    </Suspense>
  );
}
