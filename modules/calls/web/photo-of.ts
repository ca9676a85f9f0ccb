import { routeUrl } from '@liaison/core/web';
import { getPhoto, type PersonSummary } from '@liaison/people';

/** The address of a person's picture, where there is one. */
export const photoOf = (person: Pick<PersonSummary, 'id' | 'photo'>): string | undefined =>
  person.photo === null
    ? undefined
    : routeUrl(getPhoto, { params: { id: person.id }, query: { v: person.photo } });
