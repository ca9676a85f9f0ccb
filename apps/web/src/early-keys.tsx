import { type RefObject, useLayoutEffect } from 'react';

/**
 * Stands between Ctrl+K and the palette while that is fetched: what is typed by then is the beginning of the question, wherever the
 * cursor still is, and Escape takes it back.
 */
export function EarlyKeys({ begun, onCancel }: { begun: RefObject<string>; onCancel: () => void }) {
  useLayoutEffect(() => {
    const hear = (event: KeyboardEvent): void => {
      const isShortcut =
        event.metaKey || ((event.ctrlKey || event.altKey) && !event.getModifierState('AltGraph'));
      if (isShortcut || event.isComposing) return;
      if (event.key === 'Escape') onCancel();
      else if (event.key === 'Backspace') begun.current = [...begun.current].slice(0, -1).join('');
      else if ([...event.key].length === 1) begun.current += event.key;
      else return;
      event.preventDefault();
      event.stopPropagation();
    };
    addEventListener('keydown', hear, { capture: true });
    return () => removeEventListener('keydown', hear, { capture: true });
  }, [begun, onCancel]);
  return null;
}
