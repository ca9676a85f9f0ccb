import { cityName, useFormat } from '@liaison/core/web';
import {
  type CSSProperties,
  type KeyboardEvent,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import { useTranslation } from 'react-i18next';
import type { Occurrence } from '../../contract/appointment.ts';
import { instantOf, offsetMinutesAt, wallFromLocal, wallOf } from '../../contract/zone-time.ts';
import classes from '../calendar.module.css';
import { addDays } from '../state/days.ts';
import { blocksOf, isLong, keyOf, onDay } from '../state/placed.ts';
import { EventChip } from './event-chip.tsx';
import { TakenLanes } from './taken-lanes.tsx';
import { type Slot, stepMinutes, useDrag } from './use-drag.ts';
import type { ViewProps } from './view-props.ts';
import { WeekdayName } from './weekday-name.tsx';

const hourPx = 52;

/** Days with their hours: one, or seven. Drag or keys make, move and stretch; a tap opens. */
export function TimeGrid({
  days,
  day: chosen,
  occurrences,
  zones,
  today,
  now,
  onOpen,
  onCreate,
  onMove,
  colourOf,
  alsoIn,
  canMove,
  current,
  colleagues,
  made,
  onShown,
}: ViewProps & {
  /** A new appointment, which is scrolled to once it is there, if it is out of sight. */
  made: string | null;
  onShown: () => void;
}) {
  const { t } = useTranslation('calendar');
  const format = useFormat();
  const { timeZone } = format;
  const scroller = useRef<HTMLDivElement>(null);
  const body = useRef<HTMLDivElement>(null);
  const [slot, setSlot] = useState<Slot | null>(null);
  const first = days[0]!;
  // Shown from a quarter past seven on; the hours before are a scroll away.
  useEffect(() => {
    scroller.current?.scrollTo({ top: 7.25 * hourPx });
  }, []);
  // Where not all of them are on screen, the chosen one is.
  useEffect(() => {
    const box = scroller.current;
    const head = box?.querySelector<HTMLElement>(`[data-head="${chosen}"]`);
    if (box && head && box.scrollWidth > box.clientWidth) {
      const fixed = box.querySelector<HTMLElement>('[data-fixed]')?.offsetWidth ?? 0;
      box.scrollTo({ left: head.offsetLeft - fixed });
    }
  }, [chosen]);
  const blocks = useMemo(
    () => days.map((day) => blocksOf(occurrences, day, timeZone)),
    [days, occurrences, timeZone],
  );
  const showMinute = (minute: number): void => {
    const top = (minute / 60) * hourPx;
    const box = scroller.current;
    if (box && (top < box.scrollTop || top > box.scrollTop + box.clientHeight - 120))
      box.scrollTo({ top: top - 100 });
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is drawn is what tells
  useEffect(() => {
    const block = made && blocks.flat().find(({ occurrence }) => occurrence.eventId === made);
    if (!block) return;
    showMinute(block.fromMinute);
    onShown();
  }, [blocks, made, onShown]);
  // Moved to another day by keys it is another element: whoever moves it on is still on it.
  const held = useRef<{ readonly key: string; readonly startMs: number } | null>(null);
  useLayoutEffect(() => {
    const block = held.current && blocks.flat().find(({ occurrence }) => isAt(occurrence, held.current!));
    if (!block) return;
    held.current = null;
    if (document.activeElement === document.body) {
      body.current?.querySelector<HTMLElement>(`[data-key="${keyOf(block.occurrence)}"] button`)?.focus();
    }
  }, [blocks]);
  const long = useMemo(() => occurrences.filter(isLong), [occurrences]);
  const nowWall = wallOf(now, timeZone);
  const nowDay = days.indexOf(today);
  const instant = (day: number, minute: number) =>
    instantOf(wallFromLocal(addDays(first, day)) + minute * 60_000, timeZone);
  const say = ({ day, minute }: Slot) => format.dateTime(instant(day, minute));

  function slotAt({ clientX, clientY }: { clientX: number; clientY: number }): Slot {
    const area = body.current!.getBoundingClientRect();
    const width = area.width / days.length;
    const day = Math.min(days.length - 1, Math.max(0, Math.floor((clientX - area.left) / width)));
    const minute = ((clientY - area.top) / hourPx) * 60;
    return { day, minute: Math.max(0, Math.min(1440, minute)) };
  }
  const { drag, begin, area } = useDrag({
    scroller,
    body,
    slotAt,
    start: (occurrence, day) =>
      canMove(occurrence)
        ? {
            from: (wallOf(Date.parse(occurrence.startsAt), timeZone) - wallFromLocal(days[day]!)) / 60_000,
            length: (Date.parse(occurrence.endsAt) - Date.parse(occurrence.startsAt)) / 60_000,
          }
        : null,
    onTap: onOpen,
    onDrop: ({ kind, occurrence, day, from, to, isMoved }) => {
      if (!occurrence) {
        // A click without a drag is half an hour there.
        onCreate({ startMs: instant(day, from), endMs: instant(day, isMoved ? to : from + 30) });
        return;
      }
      if (!isMoved) {
        onOpen(occurrence);
        return;
      }
      const startMs = kind === 'move' ? instant(day, from) : Date.parse(occurrence.startsAt);
      onMove(occurrence, { startMs, endMs: startMs + (to - from) * 60_000 });
    },
  });

  /** Arrows move the slot, Enter opens what is there or makes something. */
  function keys(event: KeyboardEvent): void {
    if (event.target !== event.currentTarget) return;
    const at = slot ?? { day: Math.max(0, nowDay), minute: 540 };
    const move = {
      ArrowUp: { day: at.day, minute: Math.max(0, at.minute - 30) },
      ArrowDown: { day: at.day, minute: Math.min(1410, at.minute + 30) },
      ArrowLeft: { day: Math.max(0, at.day - 1), minute: at.minute },
      ArrowRight: { day: Math.min(days.length - 1, at.day + 1), minute: at.minute },
    }[event.key];
    if (move) {
      event.preventDefault();
      setSlot(move);
      showMinute(move.minute);
    } else if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      const there = blocks[at.day]?.find(
        (block) => block.fromMinute <= at.minute && at.minute < block.toMinute,
      );
      if (there) onOpen(there.occurrence);
      else onCreate({ startMs: instant(at.day, at.minute), endMs: instant(at.day, at.minute + 30) });
    } else if (event.key === 'Escape') setSlot(null);
  }
  /** On a block: Alt with arrows moves it, with Shift as well it gets longer or shorter. */
  function blockKeys(event: KeyboardEvent, occurrence: Occurrence): void {
    if (!event.altKey || !canMove(occurrence)) return;
    const startMs = Date.parse(occurrence.startsAt);
    const endMs = Date.parse(occurrence.endsAt);
    const minutes = { ArrowUp: -stepMinutes, ArrowDown: stepMinutes }[event.key] ?? 0;
    const byDays = { ArrowLeft: -1, ArrowRight: 1 }[event.key] ?? 0;
    if (minutes === 0 && byDays === 0) return;
    event.preventDefault();
    if (event.shiftKey) {
      if (endMs + minutes * 60_000 > startMs)
        onMove(occurrence, { startMs, endMs: endMs + minutes * 60_000 });
      return;
    }
    // By the clock: the same hour of the next day, whatever clocks do between.
    const moved = instantOf(wallOf(startMs, timeZone) + byDays * 86_400_000 + minutes * 60_000, timeZone);
    held.current = { key: keyOf(occurrence), startMs: moved };
    onMove(occurrence, { startMs: moved, endMs: moved + endMs - startMs });
  }

  const style = {
    '--days': days.length,
    '--zones': zones.length + 1,
    '--hour': `${hourPx}px`,
    '--colleagues': colleagues.length,
  } as CSSProperties;
  return (
    <div className={classes.grid} data-several={days.length > 1 || undefined} style={style} ref={scroller}>
      <div className={classes.heads}>
        <div className={classes.zoneHeads} data-fixed>
          {[timeZone, ...zones].map((zone) => (
            <span key={zone} title={zone.replaceAll('_', ' ')}>
              {cityName(zone, format.language)}
              {offsetMinutesAt(instant(0, 0), zone) ===
              offsetMinutesAt(instant(days.length, 0), zone) ? null : (
                <abbr title={t('clocksChange')}>*</abbr>
              )}
            </span>
          ))}
        </div>
        {days.map((day) => (
          <div key={day} className={classes.dayHead} data-head={day} data-today={day === today || undefined}>
            <WeekdayName day={day} locale={format.locale} /> <b>{Number(day.slice(8))}</b>
          </div>
        ))}
        <div className={classes.wholeHead}>{t('wholeDays')}</div>
        {days.map((day) => (
          <div key={day} className={classes.whole}>
            {onDay(long, day, timeZone).map((occurrence) => (
              <EventChip
                key={keyOf(occurrence)}
                occurrence={occurrence}
                colour={colourOf(occurrence)}
                also={alsoIn(occurrence)}
                isCurrent={current === occurrence.eventId}
                onOpen={onOpen}
              />
            ))}
          </div>
        ))}
      </div>
      <div className={classes.hours}>
        <div className={classes.clock} aria-hidden="true">
          {[timeZone, ...zones].map((zone) => (
            <div key={zone}>
              {Array.from({ length: 24 }, (_, hour) => {
                const wall = wallOf(instant(Math.max(0, nowDay), hour * 60), zone);
                const minute = new Date(wall).getUTCMinutes();
                return (
                  // biome-ignore lint/suspicious/noArrayIndexKey: hours of a day are always these
                  <span key={hour}>
                    {String(new Date(wall).getUTCHours()).padStart(2, '0')}
                    <small>:{String(minute).padStart(2, '0')}</small>
                  </span>
                );
              })}
            </div>
          ))}
        </div>
        {/* biome-ignore lint/a11y/useSemanticElements: no element is a week's hours */}
        <div
          ref={body}
          className={classes.body}
          data-held={drag ? true : undefined}
          role="group"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: its slots are moved through by arrows
          tabIndex={0}
          aria-label={t('hours')}
          aria-describedby="calendar-keys"
          onKeyDown={keys}
          {...area}
        >
          {days.map((day, index) => (
            // biome-ignore lint/a11y/noStaticElementInteractions: the group listens for keys
            // biome-ignore lint/a11y/useKeyWithClickEvents: Enter on the group does the same
            <div
              key={day}
              className={classes.column}
              data-today={day === today || undefined}
              onPointerDown={(event) => begin(event, 'create')}
              onClick={(event) => {
                if ((event.nativeEvent as globalThis.PointerEvent).pointerType !== 'touch') return;
                if (event.target !== event.currentTarget) return;
                const top = event.clientY - event.currentTarget.getBoundingClientRect().top;
                const minute = Math.floor(((top / hourPx) * 60) / 30) * 30;
                onCreate({ startMs: instant(index, minute), endMs: instant(index, minute + 30) });
              }}
            >
              <TakenLanes day={day} colleagues={colleagues} hourPx={hourPx} />
              {blocks[index]?.map((block) => {
                const isDragged = drag?.occurrence === block.occurrence && drag.isMoved;
                return (
                  <EventChip
                    key={keyOf(block.occurrence)}
                    occurrence={block.occurrence}
                    colour={colourOf(block.occurrence)}
                    also={alsoIn(block.occurrence)}
                    isCurrent={current === block.occurrence.eventId}
                    isFaint={isDragged}
                    onOpen={onOpen}
                    onKeyDown={(event) => blockKeys(event, block.occurrence)}
                    onGrab={(event) => begin(event, 'move', block.occurrence)}
                    {...(canMove(block.occurrence)
                      ? { onStretch: (event) => begin(event, 'stretch', block.occurrence) }
                      : {})}
                    style={{
                      top: (block.fromMinute / 60) * hourPx,
                      height: Math.max(18, ((block.toMinute - block.fromMinute) / 60) * hourPx - 2),
                      left: `calc((100% - var(--taken)) * ${block.lane / block.lanes} + 2px)`,
                      width: `calc((100% - var(--taken)) / ${block.lanes} - 5px)`,
                    }}
                  />
                );
              })}
              {drag && drag.day === index && (drag.isMoved || drag.kind === 'create' || drag.isTouched) ? (
                <div
                  className={classes.ghost}
                  style={{
                    top: (drag.from / 60) * hourPx,
                    height: ((drag.to - drag.from) / 60) * hourPx - 2,
                  }}
                >
                  {format.time(instant(index, drag.from))} – {format.time(instant(index, drag.to))}
                </div>
              ) : null}
              {slot?.day === index ? (
                <div
                  className={classes.slot}
                  style={{ top: (slot.minute / 60) * hourPx, height: hourPx / 2 }}
                />
              ) : null}
              {nowDay === index ? (
                <div
                  className={classes.now}
                  style={{ top: ((nowWall - wallFromLocal(day)) / 3_600_000) * hourPx }}
                />
              ) : null}
            </div>
          ))}
        </div>
      </div>
      <p id="calendar-keys" className={classes.hidden}>
        {t('keys')}
      </p>
      <p className={classes.hidden} aria-live="polite">
        {slot ? say(slot) : ''}
      </p>
    </div>
  );
}

const isAt = (occurrence: Occurrence, { key, startMs }: { key: string; startMs: number }): boolean =>
  keyOf(occurrence) === key && Date.parse(occurrence.startsAt) === startMs;
