import { contactsChanged } from '@liaison/contacts';
import { useLiveEvent } from '@liaison/core/web';
import { personChanged, personCreated, personErased, personRestored, personSuspended } from '@liaison/people';
import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef } from 'react';

/** An import changes thousands of cards and people in a minute: chips ask again once for all of them. */
const gatherMs = 400;

/** Stands beside the pages: whose a number is changes with people, their numbers, and cards. Draws nothing. */
export function HoldersFreshness() {
  const client = useQueryClient();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const gather = useCallback(() => {
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      void client.invalidateQueries({ queryKey: ['reach', 'holder'] });
    }, gatherMs);
  }, [client]);
  useLiveEvent(personCreated.name, gather);
  useLiveEvent(personChanged.name, gather);
  useLiveEvent(personSuspended.name, gather);
  useLiveEvent(personRestored.name, gather);
  useLiveEvent(personErased.name, gather);
  useLiveEvent(contactsChanged.name, gather);
  return null;
}
