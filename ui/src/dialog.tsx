import { FocusTrap, Portal } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { type ReactNode, useEffect, useId, useRef } from 'react';
import classes from './dialog.module.css';
import { IconButton } from './icon-button.tsx';
import { useLabels } from './labels.tsx';

export interface DialogProps {
  opened: boolean;
  onClose: () => void;
  title: ReactNode;
  children: ReactNode;
  /** Buttons, at the end of the reading path. */
  footer?: ReactNode;
  /** Pixels at most. */
  width?: number;
  /** A question that must be answered: announced at once, and no cross. */
  role?: 'dialog' | 'alertdialog';
}

/**
 * A dialog below the line: a running call stays at hand, so this is not the browser's own modal, whose top layer would
 * cover it. Focus stays inside, Escape closes, focus returns to where it was.
 */
export function Dialog({ opened, ...props }: DialogProps) {
  if (!opened) return null;
  return (
    <Portal>
      <OpenDialog {...props} />
    </Portal>
  );
}

function OpenDialog({
  onClose,
  title,
  children,
  footer,
  width = 460,
  role = 'dialog',
}: Omit<DialogProps, 'opened'>) {
  const labels = useLabels();
  const titleId = useId();
  useReturnFocus();
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: only listens for Escape from what is inside
    <div
      className={classes.scrim}
      onMouseDown={(event) => {
        if (event.target === event.currentTarget && role === 'dialog') onClose();
      }}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.stopPropagation();
        onClose();
      }}
    >
      <FocusTrap active>
        {/* biome-ignore lint/a11y/useAriaPropsSupportedByRole: both roles that it can have take aria-modal */}
        <div
          className={classes.dialog}
          role={role}
          aria-modal="true"
          aria-labelledby={titleId}
          style={{ maxWidth: width }}
        >
          <header className={classes.head}>
            <h2 id={titleId}>{title}</h2>
            {role === 'dialog' ? (
              <IconButton aria-label={labels.close} onClick={onClose}>
                <IconX size={18} />
              </IconButton>
            ) : null}
          </header>
          <div className={classes.body}>{children}</div>
          {footer ? <footer className={classes.foot}>{footer}</footer> : null}
        </div>
      </FocusTrap>
    </div>
  );
}

/** Gives focus back to where it was when the component goes. */
export function useReturnFocus(): void {
  const before = useRef<Element | null>(typeof document === 'undefined' ? null : document.activeElement);
  useEffect(() => {
    const element = before.current;
    return () => {
      if (element instanceof HTMLElement && element.isConnected) element.focus({ preventScroll: true });
    };
  }, []);
}
