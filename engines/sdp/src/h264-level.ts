/** The level inside an H.264 profile-level-id (RFC 6184 §8.1): six hexadecimal digits, lower case. */

/** What we can take where nobody says what whoever sees it can: 3.1, 1280×720 at 30 pictures a second. */
export const USUAL_PROFILE_LEVEL_ID = '42e01f';

/** RFC 6184 §8.1: in the profiles that we pass on, level 1b is written as 1.1 with constraint_set3_flag. */
const ONE_B_FLAG = 0x10;
const ONE_B_IDC = 11;
/** Between level 1 (10) and 1.1 (11). */
const ONE_B = 10.5;

const iopOf = (profileLevelId: string): number => Number.parseInt(profileLevelId.slice(2, 4), 16);

/** Levels in their order: ten times their number. */
function levelOf(profileLevelId: string): number {
  const idc = Number.parseInt(profileLevelId.slice(4), 16);
  return idc === ONE_B_IDC && (iopOf(profileLevelId) & ONE_B_FLAG) !== 0 ? ONE_B : idc;
}

const hex = (byte: number): string => byte.toString(16).padStart(2, '0');

function withLevel(profileLevelId: string, level: number): string {
  if (level === levelOf(profileLevelId)) return profileLevelId;
  const iop = iopOf(profileLevelId) & ~ONE_B_FLAG;
  return level === ONE_B
    ? `${profileLevelId.slice(0, 2)}${hex(iop | ONE_B_FLAG)}${hex(ONE_B_IDC)}`
    : `${profileLevelId.slice(0, 2)}${hex(iop)}${hex(level)}`;
}

/**
 * What an answer says to an offer (RFC 6184 §8.2.2): the profile as it was offered, which both sides share, and the level
 * that we can receive. That may be any where both say that levels may differ; otherwise it is never above the offered one,
 * because the lower of the two holds in both directions then.
 *
 * @param readBy the profile-level-id of whoever is to see it, where that is known.
 */
export function answeredProfileLevelId(
  offered: string,
  levelsMayDiffer: boolean,
  readBy: string = USUAL_PROFILE_LEVEL_ID,
): string {
  const own = levelOf(readBy);
  return withLevel(offered, levelsMayDiffer ? own : Math.min(own, levelOf(offered)));
}
