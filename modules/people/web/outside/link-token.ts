import { useState } from 'react';

/** The token of a one-time link. It is in the fragment, so no server's or proxy's log has it. */
export function useLinkToken(): string {
  const [token] = useState(() => window.location.hash.slice(1));
  return token;
}

/** Something that the server would look up at all. */
export const looksLikeToken = (token: string): boolean => /^[\w-]{20,100}$/.test(token);
