import type { ReactNode } from 'react';
import { Button } from './button.tsx';
import { Dialog } from './dialog.tsx';
import { useLabels } from './labels.tsx';

export interface ConfirmDialogProps {
  opened: boolean;
  /** The question: "Delete 3 files?" */
  title: string;
  /** What will happen and what stays. */
  children?: ReactNode;
  /** The verb itself, never "OK": "Delete". */
  verb: string;
  /** Cannot be taken back: the verb is red, and focus starts on Cancel. */
  danger?: boolean;
  busy?: boolean;
  onConfirm: () => void;
  onCancel: () => void;
}

/** Asks before something that is hard to take back. Prefer doing it and offering to undo. */
export function ConfirmDialog({
  opened,
  title,
  children,
  verb,
  danger,
  busy,
  onConfirm,
  onCancel,
}: ConfirmDialogProps) {
  const labels = useLabels();
  return (
    <Dialog
      opened={opened}
      onClose={onCancel}
      role="alertdialog"
      title={title}
      footer={
        <>
          <Button variant="default" onClick={onCancel} data-autofocus={danger || undefined}>
            {labels.cancel}
          </Button>
          <Button
            variant={danger ? 'end' : 'filled'}
            loading={busy}
            onClick={onConfirm}
            data-autofocus={!danger || undefined}
          >
            {verb}
          </Button>
        </>
      }
    >
      {children}
    </Dialog>
  );
}
