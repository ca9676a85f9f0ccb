import { formatNameAddr, type NameAddr } from '@liaison/sip';
import type { FarParty } from './messages.ts';

/** Somebody as telephones are told of her. */
export const address = ({ name, user, host }: FarParty): NameAddr => ({
  displayName: name,
  uri: { scheme: 'sip', user, host, params: new Map() },
  params: new Map(),
});

/**
 * Who handed the caller over (RFC 3892 §2.1), told to telephones that have signed in.
 * Departs from RFC 3892 §2.2: what the REFER said of this is not copied. Who sent that has signed in: we know better.
 */
export const referredByHeader = (who: FarParty | undefined): [string, string][] =>
  who ? [['referred-by', formatNameAddr(address(who))]] : [];
