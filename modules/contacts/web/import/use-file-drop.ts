import { type DragEvent, useState } from 'react';

export type FileDrop = ReturnType<typeof useFileDrop>;

/** What a place needs that takes a file which is dropped on it; `null` for one that takes none. */
export function useFileDrop(onFile: ((file: File) => void) | null) {
  const [isOver, setOver] = useState(false);
  if (!onFile) return {};
  const over = (event: DragEvent, isHere: boolean): void => {
    if (!event.dataTransfer.types.includes('Files')) return;
    event.preventDefault();
    setOver(isHere);
  };
  return {
    'data-over': isOver || undefined,
    onDragOver: (event: DragEvent) => over(event, true),
    onDragLeave: (event: DragEvent) => {
      // What lies within it is still it.
      if (!event.currentTarget.contains(event.relatedTarget as Node | null)) over(event, false);
    },
    onDrop: (event: DragEvent) => {
      over(event, false);
      const [file] = event.dataTransfer.files;
      if (file) onFile(file);
    },
  };
}
