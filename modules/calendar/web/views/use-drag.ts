import { type PointerEvent, type RefObject, useEffect, useRef, useState } from 'react';
import type { Occurrence } from '../../contract/appointment.ts';

/** A place among days and their hours. */
export interface Slot {
  readonly day: number;
  readonly minute: number;
}
export interface Drag {
  readonly kind: 'create' | 'move' | 'stretch';
  readonly occurrence?: Occurrence;
  readonly day: number;
  readonly from: number;
  readonly to: number;
  /** Where in the block it was taken, in minutes. */
  readonly grip: number;
  readonly isMoved: boolean;
  /** By a finger: that it was taken is shown before it moves. */
  readonly isTouched: boolean;
}

interface Press {
  readonly pointerId: number;
  readonly x: number;
  readonly y: number;
  readonly kind: Drag['kind'];
  readonly occurrence: Occurrence | undefined;
  readonly timer: ReturnType<typeof setTimeout>;
}

export const stepMinutes = 15;
/** A finger that rests so long takes what is below it; one that moves before scrolls. */
const holdMs = 350;
const restPx = 8;
/** A tap that belongs to a finger that was lifted comes within this. */
const tapMs = 300;
/** So near to an edge the hours scroll along. */
const edgePx = 48;

const snapped = (minute: number): number => Math.round(minute / stepMinutes) * stepMinutes;

/**
 * Makes, moves and stretches by a pointer: a mouse at once, a finger once it has rested. What is drawn follows `drag`; what it came to
 * is said once, when it is let go.
 */
export function useDrag({
  scroller,
  body,
  slotAt,
  start,
  onDrop,
  onTap,
}: {
  scroller: RefObject<HTMLElement | null>;
  body: RefObject<HTMLElement | null>;
  slotAt: (point: { readonly clientX: number; readonly clientY: number }) => Slot;
  /** Minutes of the day at which a block stands, and how long it is; null where it cannot be moved. */
  start: (occurrence: Occurrence, day: number) => { readonly from: number; readonly length: number } | null;
  onDrop: (drag: Drag) => void;
  /** A finger that touched the edge by which a block is stretched, and let it go. */
  onTap: (occurrence: Occurrence) => void;
}) {
  const [drag, drawDrag] = useState<Drag | null>(null);
  // A button let go may come before the last move was drawn: what is true is here, what is drawn follows.
  const now = useRef<Drag | null>(null);
  const press = useRef<Press | null>(null);
  const point = useRef({ clientX: 0, clientY: 0 });
  const wasTouched = useRef(false);
  const setDrag = (next: Drag | null): void => {
    now.current = next;
    drawDrag(next);
  };

  // The browser listens for whether it may scroll before React is asked.
  useEffect(() => {
    const area = body.current;
    const hold = (event: Event) => {
      if (now.current && event.cancelable) event.preventDefault();
    };
    area?.addEventListener('touchmove', hold, { passive: false });
    area?.addEventListener('contextmenu', hold);
    return () => {
      area?.removeEventListener('touchmove', hold);
      area?.removeEventListener('contextmenu', hold);
      if (press.current) clearTimeout(press.current.timer);
    };
  }, [body]);
  const isDragged = drag !== null;
  const move = useRef<() => void>(() => undefined);
  useEffect(() => {
    if (!isDragged) return;
    let frame = requestAnimationFrame(function scroll() {
      const box = scroller.current;
      if (box) {
        const area = box.getBoundingClientRect();
        const { clientY } = point.current;
        const by = clientY < area.top + edgePx ? -6 : clientY > area.bottom - edgePx ? 6 : 0;
        const before = box.scrollTop;
        // Only what was moved on purpose: a finger that rests near the edge stays where it is.
        if (by !== 0 && now.current?.isMoved) box.scrollTop += by;
        if (box.scrollTop !== before) move.current();
      }
      frame = requestAnimationFrame(scroll);
    });
    return () => cancelAnimationFrame(frame);
  }, [isDragged, scroller]);

  function take(pointerId: number, kind: Drag['kind'], occurrence: Occurrence | undefined): void {
    const at = slotAt(point.current);
    const there = occurrence
      ? start(occurrence, at.day)
      : { from: Math.floor(at.minute / stepMinutes) * stepMinutes, length: 30 };
    if (!there) return;
    body.current?.setPointerCapture(pointerId);
    setDrag({
      kind,
      ...(occurrence ? { occurrence } : {}),
      day: at.day,
      from: there.from,
      to: there.from + there.length,
      grip: at.minute - there.from,
      isMoved: false,
      isTouched: wasTouched.current,
    });
  }

  function begin(event: PointerEvent<HTMLElement>, kind: Drag['kind'], occurrence?: Occurrence): void {
    if (event.button !== 0) return;
    const { clientX, clientY, pointerId } = event;
    point.current = { clientX, clientY };
    if (event.pointerType !== 'touch') {
      wasTouched.current = false;
      event.stopPropagation();
      take(pointerId, kind, occurrence);
      return;
    }
    event.stopPropagation();
    wasTouched.current = false;
    if (press.current) {
      // A second finger is no drag.
      letGo();
      return;
    }
    const timer = setTimeout(() => {
      press.current = null;
      wasTouched.current = true;
      take(pointerId, kind, occurrence);
      if (now.current) navigator.vibrate?.(10);
    }, holdMs);
    press.current = { pointerId, x: clientX, y: clientY, kind, occurrence, timer };
  }

  function letGo(): void {
    if (press.current) clearTimeout(press.current.timer);
    press.current = null;
    setDrag(null);
  }

  move.current = () => {
    const drag = now.current;
    if (!drag) return;
    const at = slotAt(point.current);
    if (drag.kind === 'move') {
      const from = snapped(at.minute - drag.grip);
      const isMoved = drag.isMoved || from !== drag.from || at.day !== drag.day;
      setDrag({ ...drag, day: at.day, from, to: from + drag.to - drag.from, isMoved });
    } else {
      const to = Math.max(drag.from + stepMinutes, snapped(at.minute));
      setDrag({ ...drag, to, isMoved: drag.isMoved || Math.abs(to - drag.to) >= stepMinutes });
    }
  };

  return {
    drag,
    begin,
    /** What the element with the days listens to. */
    area: {
      onPointerMove: (event: PointerEvent): void => {
        const { clientX, clientY } = event;
        const held = press.current;
        if (held) {
          if (Math.hypot(clientX - held.x, clientY - held.y) > restPx) letGo();
          return;
        }
        point.current = { clientX, clientY };
        move.current();
      },
      onPointerUp: (): void => {
        const held = press.current;
        if (held) {
          letGo();
          if (held.kind === 'stretch' && held.occurrence) onTap(held.occurrence);
          return;
        }
        const drag = now.current;
        if (!drag) return;
        // A browser may send no tap after a long touch: the next one, or a key's, is meant.
        setTimeout(() => {
          wasTouched.current = false;
        }, tapMs);
        setDrag(null);
        onDrop(drag);
      },
      onPointerCancel: letGo,
      onClickCapture: (event: { stopPropagation(): void; preventDefault(): void }): void => {
        // The finger that let go of a block has not tapped it.
        if (!wasTouched.current) return;
        wasTouched.current = false;
        event.stopPropagation();
        event.preventDefault();
      },
    },
  };
}
