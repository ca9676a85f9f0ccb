import { cityName, type Format, useFormat } from '@liaison/core/web';
import { IconRepeat, IconUsers } from '@tabler/icons-react';
import type { CSSProperties, KeyboardEvent, PointerEvent } from 'react';
import { useTranslation } from 'react-i18next';
import type { Occurrence } from '../../contract/appointment.ts';
import classes from '../calendar.module.css';
import { keyOf } from '../state/placed.ts';
import type { AlsoIn } from './view-props.ts';

/** An appointment as a block or line. Somebody else's that may not be known says that the time is taken. */
export function EventChip({
  occurrence,
  colour,
  also,
  isCurrent,
  isFaint,
  style,
  onOpen,
  onKeyDown,
  onGrab,
  onStretch,
}: {
  occurrence: Occurrence;
  colour: number;
  also: readonly AlsoIn[];
  isCurrent?: boolean;
  isFaint?: boolean;
  style?: CSSProperties;
  onOpen: (occurrence: Occurrence) => void;
  onKeyDown?: (event: KeyboardEvent) => void;
  onGrab?: (event: PointerEvent<HTMLElement>) => void;
  onStretch?: (event: PointerEvent<HTMLElement>) => void;
}) {
  const { t } = useTranslation('calendar');
  const format = useFormat();
  const title = occurrence.title || t(occurrence.isSeries || occurrence.timeZone ? 'untitled' : 'taken');
  const time = occurrence.isAllDay
    ? ''
    : `${format.time(occurrence.startsAt)} – ${format.time(occurrence.endsAt)}`;
  const there = occurrence.timeZone && occurrence.timeZone !== 'UTC' ? clockThere(occurrence, format) : null;
  const answer = occurrence.answer === null ? '' : t(`answerOf.${occurrence.answer}`);
  const marks = Number(occurrence.isSeries) + Number(occurrence.people > 0);
  const elsewhere = also.length > 0 ? t('alsoIn', { names: format.list(also.map(({ name }) => name)) }) : '';
  const words = [title, time, there, occurrence.place, answer, elsewhere].filter(Boolean);
  return (
    <div
      className={classes.event}
      style={style}
      data-block={style ? true : undefined}
      data-key={keyOf(occurrence)}
    >
      <button
        type="button"
        className={classes.chip}
        data-colour={colour}
        data-answer={occurrence.answer ?? undefined}
        data-free={occurrence.isBusy ? undefined : true}
        data-current={isCurrent || undefined}
        data-faint={isFaint || undefined}
        data-marks={marks}
        data-short={style && Number(style.height) < 36 ? true : undefined}
        title={words.join('\n')}
        onClick={(event) => {
          // With a mouse the drag that did not move has opened it already.
          if (
            !onGrab ||
            event.detail === 0 ||
            (event.nativeEvent as globalThis.PointerEvent).pointerType === 'touch'
          ) {
            onOpen(occurrence);
          }
        }}
        onKeyDown={onKeyDown}
        onPointerDown={(event) => {
          event.stopPropagation();
          onGrab?.(event);
        }}
      >
        {occurrence.isAllDay ? null : <time aria-hidden="true">{format.time(occurrence.startsAt)}</time>}
        <b>{title}</b>
        {[time && there ? `${time}, ${there}` : time, occurrence.place].filter(Boolean).map((each) => (
          <span key={each}>{each}</span>
        ))}
        {answer ? <span className={classes.hidden}>{answer}</span> : null}
        {elsewhere ? <span className={classes.hidden}>{elsewhere}</span> : null}
        {also.slice(0, 3).map(({ calendarId, colour }) => (
          <em key={calendarId} data-colour={colour} aria-hidden="true" />
        ))}
        {marks > 0 ? (
          <i aria-hidden="true">
            {occurrence.isSeries ? <IconRepeat size={12} /> : null}
            {occurrence.people > 0 ? <IconUsers size={12} /> : null}
          </i>
        ) : null}
      </button>
      {onStretch ? <span className={classes.handle} onPointerDown={onStretch} /> : null}
    </div>
  );
}

const clocks = new Map<string, Intl.DateTimeFormat>();

/** Made once for each zone: a list shows hundreds. */
function clockIn(timeZone: string, locale: string): Intl.DateTimeFormat {
  const key = `${locale} ${timeZone}`;
  const there = clocks.get(key);
  if (there) return there;
  const made = new Intl.DateTimeFormat(locale, { timeZone, hour: '2-digit', minute: '2-digit' });
  if (clocks.size > 100) clocks.clear();
  clocks.set(key, made);
  return made;
}

/** "15:00 Nairobi" where the appointment's own clock shows something else than mine. */
function clockThere(occurrence: Occurrence, format: Format): string | null {
  const zone = occurrence.timeZone;
  if (!zone || zone === format.timeZone) return null;
  const clock = (timeZone: string) => clockIn(timeZone, format.locale).format(new Date(occurrence.startsAt));
  return clock(zone) === clock(format.timeZone) ? null : `${clock(zone)} ${cityName(zone, format.language)}`;
}
