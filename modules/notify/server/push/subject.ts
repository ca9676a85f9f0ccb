import type { Settings } from '@liaison/core/config';

/**
 * RFC 8292 §2.1: whom an operator of a push service turns to, an address of mail or a page. Null where nothing is known: what stands
 * in its place then leads nowhere, and Apple's service takes no message with it.
 */
export function subjectOf({ contact, publicUrl }: Pick<Settings, 'contact' | 'publicUrl'>): string | null {
  if (contact !== undefined) return contact;
  return publicUrl?.startsWith('https:') && !/^https:\/\/(localhost|127\.|\[::1\])/.test(publicUrl)
    ? publicUrl
    : null;
}

export const unknownSubject = 'mailto:postmaster@liaison.invalid';
