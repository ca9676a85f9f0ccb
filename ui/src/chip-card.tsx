import '@mantine/core/styles/Popover.layer.css';
import { Popover } from '@mantine/core';
import { type ReactNode, type Ref, type RefObject, useLayoutEffect } from 'react';

export interface ChipCardProps {
  /** The chip that it hangs on. */
  chip: RefObject<HTMLElement | null>;
  opened: boolean;
  onChange: (opened: boolean) => void;
  onEnter: () => void;
  onLeave: () => void;
  children: ReactNode;
}

/** The card that floats at a person's chip. */
export default function ChipCard({ chip, opened, onChange, onEnter, onLeave, children }: ChipCardProps) {
  return (
    <Popover
      opened={opened}
      onChange={onChange}
      position="bottom-start"
      offset={6}
      trapFocus={false}
      returnFocus={false}
      withRoles={false}
      transitionProps={{ transition: 'fade', duration: 140 }}
    >
      <Popover.Target>
        <Anchor at={chip} />
      </Popover.Target>
      <Popover.Dropdown p={16} onPointerEnter={onEnter} onPointerLeave={onLeave}>
        {children}
      </Popover.Dropdown>
    </Popover>
  );
}

/** Stands for an element that is drawn elsewhere, and was there before. */
function Anchor({ at, ref }: { at: RefObject<HTMLElement | null>; ref?: Ref<HTMLElement> }) {
  useLayoutEffect(() => {
    if (typeof ref !== 'function') return;
    ref(at.current);
    return () => void ref(null);
  }, [at, ref]);
  return null;
}
