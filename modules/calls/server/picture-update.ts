import { infoTypes } from './dtmf/info-keys.ts';

/**
 * A whole picture asked for by SIP INFO (RFC 5168): the way of video telephones that agreed on no RTCP feedback (RFC 4585),
 * in both directions. Nothing else of its schema is read or said.
 */
export const pictureUpdateType = 'application/media_control+xml';

/** All that a telephone may say by INFO. */
export const takenInfoTypes: readonly string[] = [...infoTypes, pictureUpdateType];

/** The longest body that still is one wish. */
const mostBytes = 1000;

/** Whether an INFO asks whoever shows something for a whole picture; one of its slices or blocks is asked for as a whole. */
export function asksForPicture(contentType: string, body: Buffer): boolean {
  if (contentType.split(';', 1)[0]!.trim().toLowerCase() !== pictureUpdateType) return false;
  return body.length <= mostBytes && /<(?:\w+:)?picture_fast_update(?:_gob)?\b/.test(body.toString('latin1'));
}

/** RFC 5168 §7.1. */
export const pictureUpdateBody = [
  '<?xml version="1.0" encoding="utf-8" ?>',
  '<media_control><vc_primitive><to_encoder><picture_fast_update/></to_encoder></vc_primitive></media_control>',
  '',
].join('\r\n');
