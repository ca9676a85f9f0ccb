import { Portal } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import { IconButton } from './icon-button.tsx';
import { useLabels } from './labels.tsx';
import classes from './toast.module.css';

export interface Toast {
  /** Showing the same id again replaces it. */
  id?: string;
  text: ReactNode;
  /** What can still be done: "Undo". */
  action?: { label: string; onSelect: () => void };
  tone?: 'plain' | 'danger';
  /** How long it stays, in milliseconds; 0 until closed. 7 s usually, longer with an action. */
  durationMs?: number;
}

type ShownToast = Toast & { id: string };

interface Toasts {
  show: (toast: Toast) => string;
  hide: (id: string) => void;
}

const ToastContext = createContext<Toasts>({ show: () => '', hide: () => {} });

/** Notices for things that have no home on the page. Never for calls: those have the line. */
export function useToasts(): Toasts {
  return useContext(ToastContext);
}

/** Holds the stack, at the bottom of the reading start; at most four. */
export function ToastProvider({ children }: { children: ReactNode }) {
  const labels = useLabels();
  const [toasts, setToasts] = useState<readonly ShownToast[]>([]);
  const counter = useRef(0);
  const hide = useCallback(
    (id: string) => setToasts((before) => before.filter((toast) => toast.id !== id)),
    [],
  );
  const show = useCallback((toast: Toast) => {
    counter.current += 1;
    const id = toast.id ?? `toast-${counter.current}`;
    setToasts((before) => [...before.filter((other) => other.id !== id), { ...toast, id }].slice(-4));
    return id;
  }, []);
  const value = useMemo(() => ({ show, hide }), [show, hide]);
  return (
    <ToastContext value={value}>
      {children}
      <Portal>
        <section className={classes.stack} aria-label={labels.notices} aria-live="polite">
          {toasts.map((toast) => (
            <ToastCard key={toast.id} toast={toast} onHide={hide} />
          ))}
        </section>
      </Portal>
    </ToastContext>
  );
}

/** One notice. Its time stands still while it is pointed at or holds the focus. */
export function ToastCard({ toast, onHide }: { toast: ShownToast; onHide: (id: string) => void }) {
  const labels = useLabels();
  const [held, setHeld] = useState(false);
  const durationMs = toast.durationMs ?? (toast.action ? 12_000 : 7_000);
  useEffect(() => {
    if (held || durationMs === 0) return;
    const timer = setTimeout(() => onHide(toast.id), durationMs);
    return () => clearTimeout(timer);
  }, [held, durationMs, onHide, toast.id]);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: only stops the clock
    <div
      className={classes.toast}
      data-tone={toast.tone}
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      <span className={classes.text}>{toast.text}</span>
      {toast.action ? (
        <button
          type="button"
          className={classes.action}
          onClick={() => {
            toast.action?.onSelect();
            onHide(toast.id);
          }}
        >
          {toast.action.label}
        </button>
      ) : null}
      <IconButton aria-label={labels.close} className={classes.close} onClick={() => onHide(toast.id)}>
        <IconX size={16} />
      </IconButton>
    </div>
  );
}
