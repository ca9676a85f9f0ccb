import { invalidate, useAction, useApi, useLiveEvent, useProblemText, useSession } from '@liaison/core/web';
import { useToasts } from '@liaison/ui';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import {
  firstDays,
  getCalendarSettings,
  setCalendarSettings,
  settingsChanged,
} from '../../contract/index.ts';
import { firstDayOf } from './days.ts';
import { useKept } from './use-kept.ts';

export type FirstDay = (typeof firstDays)[number];

export interface Weeks {
  /** 1 Monday to 7 Sunday. */
  readonly firstDay: number;
  /** Null: as is usual where the language is at home. */
  readonly chosen: FirstDay | null;
  choose(day: FirstDay | null): void;
}

/** On which day weeks begin: as their reader chose it, else as is usual where her language is at home. */
export function useFirstDay(locale: string): Weeks {
  const client = useQueryClient();
  const problem = useProblemText();
  const toasts = useToasts();
  const { personId } = useSession();
  // What this browser was told last stands until it is told anew: weeks do not jump at each opening.
  const [kept, keep] = useKept(`calendar.first-day.${personId}`);
  const settings = useApi(getCalendarSettings);
  const change = useAction(setCalendarSettings, {
    invalidates: [getCalendarSettings],
    onFailed: (error) => toasts.show({ tone: 'danger', text: problem(error).text }),
  });
  useLiveEvent(settingsChanged, () => void invalidate(client, [getCalendarSettings]));
  const told = settings.data?.firstDay;
  useEffect(() => {
    if (told !== undefined) keep(told === null ? [] : [String(told)]);
  }, [told, keep]);
  const last = firstDays.find((day) => String(day) === kept[0]) ?? null;
  // What was chosen is shown at once; what was refused is as it was.
  const chosen = change.isPending ? change.variables.body.firstDay : told === undefined ? last : told;
  return {
    firstDay: chosen ?? firstDayOf(locale),
    chosen,
    choose: (firstDay) => change.mutate({ body: { firstDay } }),
  };
}
