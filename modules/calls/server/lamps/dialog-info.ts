import type { ReachState } from '@liaison/reach';
import { xmlText } from './xml-text.ts';

/** What a lamp shows of a state (RFC 4235 §3.7.1): dark, blinking, or steady. */
export function lampOf(state: ReachState): 'dark' | 'blinking' | 'steady' {
  if (state === 'ringing') return 'blinking';
  // Who asks not to be disturbed, or sits in a meeting, cannot be had either: that is what one looks at a lamp for.
  return state === 'call' || state === 'meeting' || state === 'dnd' ? 'steady' : 'dark';
}

/**
 * The whole state of somebody's line as `application/dialog-info+xml` (RFC 4235 §4.1). It tells that she is rung or
 * talks, and never with whom: a lamp is no window.
 *
 * @param version grows by one with each document of a subscription (RFC 4235 §4.1).
 * @param entity the address of record that is watched.
 */
export function writeDialogInfo(options: { entity: string; version: number; state: ReachState }): string {
  const { entity, version, state } = options;
  const lamp = lampOf(state);
  // One line is one dialog here, under a name that stays the same while it is lit: telephones match by it.
  const dialog =
    lamp === 'dark'
      ? ''
      : `<dialog id="line"${lamp === 'blinking' ? ' direction="recipient"' : ''}><state>${lamp === 'blinking' ? 'early' : 'confirmed'}</state></dialog>`;
  return (
    '<?xml version="1.0" encoding="UTF-8"?>\r\n' +
    `<dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info" version="${version}" state="full" entity="${xmlText(entity)}">${dialog}</dialog-info>\r\n`
  );
}
