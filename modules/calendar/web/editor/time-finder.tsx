import { Trouble, useAction, useFormat, usePersonView, useSession } from '@liaison/core/web';
import { Button } from '@liaison/ui';
import { IconCalendarSearch } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { findTimes, type Invitee, instantOf, wallFromLocal } from '../../contract/index.ts';
import classes from '../calendar.module.css';

/** Proposes times at which all of them are free, in everybody's own hours where that can be. */
export function TimeFinder({
  invitees,
  minutes,
  day,
  onPick,
}: {
  invitees: readonly Invitee[];
  minutes: number;
  day: string;
  onPick: (startMs: number, endMs: number) => void;
}) {
  const { t } = useTranslation('calendar');
  const { personId } = useSession();
  const format = useFormat();
  const find = useAction(findTimes);
  const [picked, setPicked] = useState<string | null>(null);
  const from = instantOf(wallFromLocal(day), format.timeZone);
  const ask = () =>
    find.mutate({
      body: {
        personIds: [personId, ...invitees.flatMap((each) => (each.kind === 'person' ? each.personId : []))],
        calendarIds: invitees.flatMap((each) => (each.kind === 'resource' ? each.calendarId : [])),
        from: new Date(from).toISOString(),
        to: new Date(from + 14 * 86_400_000).toISOString(),
        minutes: Math.min(1440, minutes),
      },
    });
  return (
    <div className={classes.finder}>
      <Button
        variant="default"
        leftSection={<IconCalendarSearch size={18} />}
        loading={find.isPending}
        onClick={ask}
      >
        {t('find.verb')}
      </Button>
      <Trouble error={find.error} />
      {find.data?.rows.length === 0 ? <p className={classes.quiet}>{t('find.none')}</p> : null}
      <ul className={classes.slots}>
        {find.data?.rows.map((row) => (
          <li key={row.startsAt}>
            <button
              type="button"
              aria-pressed={picked === row.startsAt}
              onClick={() => {
                setPicked(row.startsAt);
                onPick(Date.parse(row.startsAt), Date.parse(row.endsAt));
              }}
            >
              <b>
                {format.dayTitle(row.startsAt)}, {format.time(row.startsAt)}
              </b>
              {row.taken.length + row.outsideHours.length === 0 ? <span>{t('find.all')}</span> : null}
              {row.taken.map((id) => (
                <Who key={id} id={id} what="taken" startsAt={row.startsAt} />
              ))}
              {row.outsideHours.map((id) => (
                <Who key={id} id={id} what="outside" startsAt={row.startsAt} />
              ))}
            </button>
          </li>
        ))}
      </ul>
      {find.data && find.data.unknown.length > 0 ? (
        <p className={classes.quiet}>{t('find.unknown', { count: find.data.unknown.length })}</p>
      ) : null}
    </div>
  );
}

/** Who cannot come, or when it is there where she is: the hour, never an offset. */
function Who({ id, what, startsAt }: { id: string; what: 'taken' | 'outside'; startsAt: string }) {
  const { t } = useTranslation('calendar');
  const person = usePersonView(id);
  const { time } = useFormat();
  return <span>{t(`find.${what}`, { name: person?.name ?? t('somebody'), time: time(startsAt) })}</span>;
}
