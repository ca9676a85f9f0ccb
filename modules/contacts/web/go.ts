import { routeUrl } from '@liaison/core/web';
import { useRouter } from '@tanstack/react-router';
import { useCallback } from 'react';
import { getContactPhoto } from '../contract/index.ts';

export const contactPath = (contactId: string): string => `/contacts/${contactId}`;

/** Goes to an address of the suite. */
export function useGo(): (href: string) => void {
  const { history } = useRouter();
  return useCallback((href) => history.push(href), [history]);
}

/** Where a card's photo lies, or nothing where initials are shown. */
export const photoOf = ({ id, photo }: { id: string; photo: string | null }): { photo?: string } =>
  photo === null
    ? {}
    : { photo: routeUrl(getContactPhoto, { params: { contactId: id }, query: { v: photo } }) };
