import { invalidate, useAction, useApi, useLiveEvent, useProblemText, useSession } from '@liaison/core/web';
import { useToasts } from '@liaison/ui';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import {
  getContactsSettings,
  type Sorting,
  setContactsSettings,
  settingsChanged,
  sortings,
} from '../../contract/index.ts';

export interface Sorted {
  readonly by: Sorting;
  choose(by: Sorting): void;
}

/** By what the reader has her contacts sorted. */
export function useSorting(): Sorted {
  const client = useQueryClient();
  const problem = useProblemText();
  const toasts = useToasts();
  const { personId } = useSession();
  // What this browser was told last stands until it is told anew: the list waits for nothing, and does not jump at each opening.
  const [last] = useState(() => readKept(personId));
  const settings = useApi(getContactsSettings);
  const change = useAction(setContactsSettings, {
    invalidates: [getContactsSettings],
    onFailed: (error) => toasts.show({ tone: 'danger', text: problem(error).text }),
  });
  useLiveEvent(settingsChanged, () => void invalidate(client, [getContactsSettings]));
  const told = settings.data?.sortBy;
  useEffect(() => {
    if (told !== undefined) keep(personId, told);
  }, [personId, told]);
  return {
    // What was chosen is shown at once; what was refused is as it was.
    by: change.isPending ? change.variables.body.sortBy : (told ?? last),
    choose: (sortBy) => change.mutate({ body: { sortBy } }),
  };
}

const nameOf = (personId: string): string => `liaison.contacts.sort.${personId}`;

function readKept(personId: string): Sorting {
  try {
    return sortings.find((each) => each === localStorage.getItem(nameOf(personId))) ?? 'name';
  } catch {
    return 'name';
  }
}

function keep(personId: string, sorting: Sorting): void {
  try {
    localStorage.setItem(nameOf(personId), sorting);
  } catch {
    // A browser that keeps nothing begins by names, until it is told.
  }
}
