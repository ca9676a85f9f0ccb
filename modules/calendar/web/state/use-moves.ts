import { api, codeOf, invalidate, routeKey, useAction, useProblemText } from '@liaison/core/web';
import { useToasts } from '@liaison/ui';
import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import {
  changeEvent,
  getEvent,
  listOccurrences,
  localFromWall,
  type Occurrence,
  type Scope,
  wallFromLocal,
  wallOf,
} from '../../contract/index.ts';
import type { Span } from '../views/view-props.ts';

/**
 * Moves appointments. What is moved stands in its new place at once, and moved again before the server has it, it goes where it was put
 * last; what the server refuses goes back.
 */
export function useMoves(timeZone: string) {
  const { t } = useTranslation('calendar');
  const client = useQueryClient();
  const toasts = useToasts();
  const problem = useProblemText();
  const change = useAction(changeEvent);
  // By meeting, which may lie in several calendars; what is true is in `wanted`, what is drawn follows.
  const wanted = useRef(new Map<string, Span>());
  const [put, setPut] = useState<ReadonlyMap<string, Span>>(new Map());
  const draw = () => setPut(new Map(wanted.current));

  async function write(occurrence: Occurrence, { startMs, endMs }: Span, scope: Scope): Promise<void> {
    const zone = occurrence.timeZone ?? timeZone;
    const there = await api(getEvent, { params: { eventId: occurrence.eventId }, query: {} });
    // The zone of the appointment stays: only what its clock shows is another hour. All move by as much as this one did.
    const wall = (ms: number) => wallOf(ms, zone);
    const shift = wall(startMs) - wall(Date.parse(occurrence.startsAt));
    const start =
      scope === 'all' && occurrence.isSeries
        ? wallFromLocal(there.fields.times.start) + shift
        : wall(startMs);
    await change.mutateAsync({
      params: { eventId: occurrence.eventId },
      body: {
        scope,
        at: occurrence.isSeries ? occurrence.at : null,
        version: there.version,
        fields: {
          times: {
            isAllDay: false,
            start: localFromWall(start),
            end: localFromWall(start + endMs - startMs),
            timeZone: zone,
          },
        },
      },
    });
    await invalidate(client, [listOccurrences, getEvent]);
    // An event of the server asks anew as well, and takes what was asked here back: what comes last is what tells.
    const seen = { queryKey: routeKey(listOccurrences), type: 'active' } as const;
    while (client.isFetching(seen) > 0) await client.refetchQueries(seen, { cancelRefetch: false });
  }

  async function move(occurrence: Occurrence, span: Span, scope: Scope): Promise<void> {
    const { meetingId } = occurrence;
    const isOnItsWay = wanted.current.has(meetingId);
    try {
      if (occurrence.isSeries) return await write(occurrence, span, scope);
      wanted.current.set(meetingId, span);
      draw();
      if (isOnItsWay) return;
      let written: Span | undefined;
      for (let next = span; next !== written; next = wanted.current.get(meetingId) ?? next) {
        await write(occurrence, next, scope);
        written = next;
      }
    } catch (error) {
      toasts.show({
        tone: 'danger',
        text: codeOf(error) === 'calendar-taken' ? t('problem.calendar-taken') : problem(error).text,
      });
    }
    wanted.current.delete(meetingId);
    draw();
  }

  /** As they stand now. */
  const placed = useCallback(
    (rows: readonly Occurrence[]): readonly Occurrence[] =>
      put.size === 0
        ? rows
        : rows.map((row) => {
            const span = row.isSeries ? undefined : put.get(row.meetingId);
            return span
              ? {
                  ...row,
                  startsAt: new Date(span.startMs).toISOString(),
                  endsAt: new Date(span.endMs).toISOString(),
                }
              : row;
          }),
    [put],
  );
  return { move, placed };
}
