import { type DragEvent, useRef, useState } from 'react';
import { type Dropped, readDrop } from './dropped.ts';

/** Files and folders dragged over the page; with null nothing can be dropped. */
export function useDropArea(onDropped: ((dropped: Dropped) => void) | null) {
  const [isOver, setOver] = useState(false);
  const depth = useRef(0);
  const takes = (event: DragEvent): boolean =>
    onDropped !== null && event.dataTransfer.types.includes('Files');
  return {
    isOver,
    handlers: {
      onDragEnter(event: DragEvent) {
        if (!takes(event)) return;
        event.preventDefault();
        depth.current += 1;
        setOver(true);
      },
      onDragOver(event: DragEvent) {
        if (takes(event)) event.preventDefault();
      },
      onDragLeave(event: DragEvent) {
        if (!takes(event)) return;
        depth.current = Math.max(0, depth.current - 1);
        if (depth.current === 0) setOver(false);
      },
      onDrop(event: DragEvent) {
        depth.current = 0;
        setOver(false);
        if (!takes(event)) return;
        event.preventDefault();
        void readDrop(event.dataTransfer).then(onDropped);
      },
    },
  };
}
