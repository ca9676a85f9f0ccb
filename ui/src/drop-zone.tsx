import { type DragEvent, type ReactNode, useRef, useState } from 'react';
import { Button } from './button.tsx';
import classes from './drop-zone.module.css';

export interface FileDrop {
  readonly isOver: boolean;
  /** Of the place that takes what is dropped. */
  readonly handlers: {
    onDragEnter(event: DragEvent): void;
    onDragOver(event: DragEvent): void;
    onDragLeave(event: DragEvent): void;
    onDrop(event: DragEvent): void;
  };
}

/**
 * Files that are dragged over a place and dropped on it.
 *
 * @param onDrop what it is given holds folders too, and nothing any more once it has returned. Null: nothing is taken here.
 */
export function useFileDrop(onDrop: ((dropped: DataTransfer) => void) | null): FileDrop {
  const [isOver, setOver] = useState(false);
  const takes = (event: DragEvent): boolean => {
    if (onDrop === null || !event.dataTransfer.types.includes('Files')) return false;
    event.preventDefault();
    return true;
  };
  const enter = (event: DragEvent): void => {
    if (takes(event)) setOver(true);
  };
  return {
    isOver: isOver && onDrop !== null,
    handlers: {
      onDragEnter: enter,
      onDragOver: enter,
      onDragLeave(event) {
        // What lies within it is still it.
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setOver(false);
      },
      onDrop(event) {
        setOver(false);
        if (takes(event)) onDrop?.(event.dataTransfer);
      },
    },
  };
}

/** Over a page that takes files, while some are dragged over it: where they would go. Its parent is positioned. */
export function DropHint({ drop, children }: { drop: FileDrop; children: ReactNode }) {
  return drop.isOver ? <div className={classes.hint}>{children}</div> : null;
}

export interface DropZoneProps {
  /** What may be dropped here, in words. */
  hint: string;
  /** The same by a button, for keys and fingers. */
  choose: string;
  onFiles: (files: readonly File[]) => void;
  /** As of an `<input type="file">`. What is dropped may be of any kind. */
  accept?: string;
  /** All that is dropped or chosen at once, and not the first alone. */
  multiple?: boolean;
  icon?: ReactNode;
  /** In the place of the button, while what was dropped is on its way. */
  children?: ReactNode;
  /** A quiet line below. */
  note?: ReactNode;
}

/** A place on a page that takes files: dropped on it, or chosen by its button. */
export function DropZone({
  hint,
  choose,
  onFiles,
  accept,
  multiple = false,
  icon,
  children,
  note,
}: DropZoneProps) {
  const field = useRef<HTMLInputElement>(null);
  const take = (list: FileList | null): void => {
    const files = [...(list ?? [])].slice(0, multiple ? undefined : 1);
    if (files.length > 0) onFiles(files);
  };
  const isTaking = children !== undefined && children !== null;
  const drop = useFileDrop(isTaking ? null : ({ files }) => take(files));
  return (
    <div className={classes.zone} data-over={drop.isOver || undefined} {...drop.handlers}>
      {icon}
      <p>{hint}</p>
      {isTaking ? children : <Button onClick={() => field.current?.click()}>{choose}</Button>}
      {note ? <p className={classes.note}>{note}</p> : null}
      <input
        ref={field}
        type="file"
        accept={accept}
        multiple={multiple}
        hidden
        aria-label={choose}
        onChange={(event) => {
          take(event.currentTarget.files);
          // The same file may be chosen again.
          event.currentTarget.value = '';
        }}
      />
    </div>
  );
}
