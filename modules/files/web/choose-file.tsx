import { lazy, Suspense } from 'react';
import { folderPath } from './go.ts';

const ChooseFileDialog = lazy(() => import('./dialogs/choose-file-dialog.tsx'));

/** On others' pages: a file to write about. */
export function ChooseFile({
  onChoose,
  onClose,
}: {
  onChoose: (chosen: { name: string; href: string }) => void;
  onClose: () => void;
}) {
  return (
    <Suspense fallback={null}>
      <ChooseFileDialog
        onClose={onClose}
        onChoose={({ id, name }) => onChoose({ name, href: folderPath(id) })}
      />
    </Suspense>
  );
}
