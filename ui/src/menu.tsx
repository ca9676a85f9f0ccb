/** Menus and hints that float over the page, in our skin. */
import '@mantine/core/styles/UnstyledButton.layer.css';
import '@mantine/core/styles/Popover.layer.css';
import '@mantine/core/styles/Menu.layer.css';
import '@mantine/core/styles/Tooltip.layer.css';
import * as mantine from '@mantine/core';
import {
  createContext,
  type KeyboardEvent,
  type RefObject,
  useContext,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import classes from './menu.module.css';

export const Popover = mantine.Popover;
export const Tooltip = mantine.Tooltip;

interface Keys {
  close(): void;
  /** What had the keys before the menu, and gets them back. */
  before: RefObject<HTMLElement | null>;
}

const KeysContext = createContext<Keys | null>(null);

/**
 * A menu has the keys from the moment in which it is opened: whoever presses Enter and an arrow at once chooses what she means
 * to. So it is there without a transition, and neither waits for the library's trap nor uses it: Tab leaves a menu.
 */
function OurMenu({ opened, defaultOpened = false, onChange, ...props }: mantine.MenuProps) {
  const [own, setOwn] = useState(defaultOpened);
  const before = useRef<HTMLElement | null>(null);
  const change = (isOpen: boolean): void => {
    setOwn(isOpen);
    onChange?.(isOpen);
  };
  return (
    <KeysContext value={{ close: () => change(false), before }}>
      <mantine.Menu
        {...props}
        opened={opened ?? own}
        onChange={change}
        trapFocus={false}
        returnFocus={false}
        withInitialFocusPlaceholder={false}
        transitionProps={{ duration: 0 }}
      />
    </KeysContext>
  );
}

function Dropdown({ children, onKeyDown, ...props }: mantine.MenuDropdownProps) {
  const keys = useContext(KeysContext);
  const onKey = (event: KeyboardEvent<HTMLDivElement>): void => {
    onKeyDown?.(event);
    if (event.key === 'Tab') {
      // From where the menu was opened the focus goes on by itself.
      keys?.before.current?.focus({ preventScroll: true });
      keys?.close();
    }
    if (event.key === 'ArrowUp' && !event.defaultPrevented) {
      event.preventDefault();
      [...event.currentTarget.querySelectorAll<HTMLElement>('[data-menu-item]:not([data-disabled])')]
        .at(-1)
        ?.focus();
    }
  };
  return (
    <mantine.Menu.Dropdown {...props} onKeyDown={onKey}>
      <TakesKeys />
      {children}
    </mantine.Menu.Dropdown>
  );
}

/** Has the focus until an entry has it. */
function TakesKeys() {
  const keys = useContext(KeysContext);
  const here = useRef<HTMLDivElement>(null);
  const before = keys?.before;
  useLayoutEffect(() => {
    const place = here.current;
    const menu = place?.closest('[role=menu]');
    if (!place || !before) return;
    if (document.activeElement instanceof HTMLElement) before.current = document.activeElement;
    place.focus({ preventScroll: true });
    return () => {
      // Only from the menu: what an entry or a press elsewhere gave the focus to keeps it.
      if (menu?.contains(document.activeElement)) before.current?.focus({ preventScroll: true });
    };
  }, [before]);
  return <div ref={here} role="presentation" tabIndex={-1} className={classes.first} />;
}

export const Menu = Object.assign(OurMenu, {
  Target: mantine.Menu.Target,
  Dropdown,
  Item: mantine.Menu.Item,
  Label: mantine.Menu.Label,
  Divider: mantine.Menu.Divider,
});
