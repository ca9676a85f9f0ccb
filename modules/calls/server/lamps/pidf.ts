import type { ReachState } from '@liaison/reach';
import { xmlText } from './xml-text.ts';

/** RFC 4480 §3.2: the activity that says why, where there is one. */
const activities: Partial<Record<ReachState, string>> = {
  ringing: 'on-the-phone',
  call: 'on-the-phone',
  meeting: 'meeting',
  dnd: 'busy',
  away: 'away',
};

/** `open` where a call would be taken up by something (RFC 3863 §4.1.4). */
const isOpen = (state: ReachState): boolean => state === 'free' || state === 'away';

/**
 * Somebody's reachability as `application/pidf+xml` (RFC 3863), with the activity of RFC 4480.
 *
 * @param entity the address of record that is watched.
 */
export function writePidf(options: { entity: string; state: ReachState; atMs: number }): string {
  const { entity, state, atMs } = options;
  const activity = activities[state];
  const person = activity
    ? `<dm:person id="person"><rpid:activities><rpid:${activity}/></rpid:activities></dm:person>`
    : '';
  return (
    '<?xml version="1.0" encoding="UTF-8"?>\r\n' +
    '<presence xmlns="urn:ietf:params:xml:ns:pidf" xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model" ' +
    `xmlns:rpid="urn:ietf:params:xml:ns:pidf:rpid" entity="${xmlText(entity)}">` +
    `<tuple id="line"><status><basic>${isOpen(state) ? 'open' : 'closed'}</basic></status>` +
    `<contact>${xmlText(entity)}</contact>` +
    `<timestamp>${new Date(atMs).toISOString()}</timestamp></tuple>${person}</presence>\r\n`
  );
}
