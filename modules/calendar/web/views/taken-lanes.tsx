import { useFormat, usePersonView } from '@liaison/core/web';
import { useTranslation } from 'react-i18next';
import { wallFromLocal, wallOf } from '../../contract/zone-time.ts';
import classes from './taken-lanes.module.css';
import type { Colleague } from './view-props.ts';

/** When colleagues are taken on a day: a narrow lane for each at its edge, and nothing of why. */
export function TakenLanes({
  day,
  colleagues,
  hourPx,
}: {
  day: string;
  colleagues: readonly Colleague[];
  hourPx: number;
}) {
  return colleagues.map((each, lane) => (
    <Lane
      key={each.id}
      colleague={each}
      day={day}
      hourPx={hourPx}
      right={`calc(var(--lane, 9px) * ${colleagues.length - 1 - lane})`}
    />
  ));
}

function Lane({
  colleague: { id, colour, spans, isUnknown },
  day,
  hourPx,
  right,
}: {
  colleague: Colleague;
  day: string;
  hourPx: number;
  right: string;
}) {
  const { t } = useTranslation('calendar');
  const { timeZone, time } = useFormat();
  const name = usePersonView(id)?.name ?? t('somebody');
  if (isUnknown) {
    return <div className={classes.unknown} style={{ right }} title={t('colleagues.unknown', { name })} />;
  }
  const midnight = wallFromLocal(day);
  return spans.map(({ startMs, endMs }) => {
    const start = wallOf(startMs, timeZone) - midnight;
    const from = Math.max(0, start / 60_000);
    const to = Math.min(1440, (start + endMs - startMs) / 60_000);
    if (from >= to) return null;
    const label = t('colleagues.taken', { name, from: time(startMs), to: time(endMs) });
    return (
      <div
        key={startMs}
        role="img"
        aria-label={label}
        title={label}
        className={classes.taken}
        data-colour={colour}
        style={{ right, top: (from / 60) * hourPx, height: Math.max(4, ((to - from) / 60) * hourPx) }}
      />
    );
  });
}

/** Which lane is whose. */
export function LaneKey({ colleagues }: { colleagues: readonly Colleague[] }) {
  const { t } = useTranslation('calendar');
  if (colleagues.length === 0) return null;
  return (
    <ul className={classes.key} aria-label={t('colleagues.title')}>
      {colleagues.map((each) => (
        <KeyOf key={each.id} colleague={each} />
      ))}
    </ul>
  );
}

function KeyOf({ colleague: { id, colour, isUnknown } }: { colleague: Colleague }) {
  const { t } = useTranslation('calendar');
  const name = usePersonView(id)?.name ?? t('somebody');
  return (
    <li>
      <i data-colour={isUnknown ? 7 : colour} />
      {isUnknown ? t('colleagues.unknown', { name }) : name}
    </li>
  );
}
