import { useAction, useApi, useProblemText } from '@liaison/core/web';
import { useToasts } from '@liaison/ui';
import { useMemo } from 'react';
import { colours } from '../../contract/calendar.ts';
import { getOverlay, listBusy, setOverlay } from '../../contract/index.ts';
import type { Colleague } from '../views/view-props.ts';

export interface Colleagues {
  readonly ids: readonly string[];
  /** With their taken times, as far as they are told. */
  readonly shown: readonly Colleague[];
  choose(ids: readonly string[]): void;
}

/** Those whose taken times lie over my days, and when they are taken in these. */
export function useColleagues(window: { from: string; to: string } | null): Colleagues {
  const problem = useProblemText();
  const toasts = useToasts();
  const chosen = useApi(getOverlay);
  const change = useAction(setOverlay, { invalidates: [getOverlay] });
  const told = chosen.data?.personIds;
  // What was chosen is shown at once; what was refused is as it was.
  const ids = useMemo(
    () => (change.isPending ? change.variables.body.personIds : told) ?? [],
    [change.isPending, change.variables, told],
  );
  // Nothing tells of what colleagues change: only that they are taken is mine to know.
  const busy = useApi(
    listBusy,
    window && ids.length > 0 ? { query: { ...window, ids: ids.join(',') } } : null,
    {
      keepLast: true,
      everyMs: 60_000,
    },
  );
  const shown = useMemo(
    () =>
      ids.map((id, index): Colleague => {
        const row = busy.data?.rows.find((each) => each.id === id);
        return {
          id,
          colour: (index + 1) % colours,
          isUnknown: row?.isKnown === false,
          spans: (row?.spans ?? []).map(({ startsAt, endsAt }) => ({
            startMs: Date.parse(startsAt),
            endMs: Date.parse(endsAt),
          })),
        };
      }),
    [ids, busy.data],
  );
  return {
    ids,
    shown,
    choose: (personIds) =>
      change.mutate(
        { body: { personIds: [...personIds] } },
        { onError: (error) => toasts.show({ tone: 'danger', text: problem(error).text }) },
      ),
  };
}
