import fc from 'fast-check';
import { expect, test } from 'vitest';
import { answeredProfileLevelId } from './h264-level.ts';
import { answeredFormat, type VideoFormat, videoFormatLines } from './video.ts';

test.each([
  // offered, may differ, read by, answered
  ['42e01f', true, '42e01f', '42e01f'],
  ['42e028', true, '42e01f', '42e01f'],
  ['42e00d', true, '42e01f', '42e01f'],
  ['42e00d', false, '42e01f', '42e00d'],
  ['42e028', false, '42e01f', '42e01f'],
  // The profile stays as it is written by who offers.
  ['4d8028', false, '42e01f', '4d801f'],
  ['58c01f', true, '42e014', '58c014'],
  ['42001e', false, '42e033', '42001e'],
  // Level 1b is 1.1 with a flag, and comes before 1.1.
  ['42f00b', false, '42e01f', '42f00b'],
  ['42e01f', false, '42f00b', '42f00b'],
  ['42f00b', true, '42e01f', '42e01f'],
  ['42e00b', false, '42f00b', '42f00b'],
  ['42e00a', false, '42f00b', '42e00a'],
])(
  '%s (levels may differ: %s), seen by one that reads %s, is answered %s',
  (offered, may, readBy, answer) => {
    expect(answeredProfileLevelId(offered, may, readBy)).toBe(answer);
  },
);

test('where nobody is known to see it, level 3.1 is what we take', () => {
  expect(answeredProfileLevelId('42e033', true)).toBe('42e01f');
  expect(answeredProfileLevelId('42e00a', true)).toBe('42e01f');
  expect(answeredProfileLevelId('42e00a', false)).toBe('42e00a');
});

const level = (id: string) => (id.startsWith('f00b', 2) ? 10.5 : Number.parseInt(id.slice(4), 16));

test('the profile is never changed, and no level exceeds what is read or, where they must agree, offered', () => {
  const id = fc
    .tuple(fc.constantFrom('42', '4d', '58'), fc.constantFrom(10, 11, 12, 13, 20, 21, 30, 31, 40, 51))
    .map(([profile, idc]) => `${profile}e0${idc.toString(16).padStart(2, '0')}`);
  fc.assert(
    fc.property(id, fc.boolean(), id, (offered, mayDiffer, readBy) => {
      const answer = answeredProfileLevelId(offered, mayDiffer, readBy);
      expect(answer).toMatch(/^[0-9a-f]{6}$/);
      expect(answer.slice(0, 4)).toBe(offered.slice(0, 4));
      expect(level(answer)).toBeLessThanOrEqual(level(readBy));
      if (!mayDiffer) expect(level(answer)).toBeLessThanOrEqual(level(offered));
    }),
  );
});

const offered: VideoFormat = {
  key: 'H264/0',
  payloadType: 97,
  profileLevelId: '42800d',
  levelsMayDiffer: false,
  feedback: { nack: false, pli: false, fir: false },
};

test('an answer keeps payload type and packetization mode, and says of levels what both sides know', () => {
  expect(videoFormatLines(answeredFormat(offered, '42e01f'))).toEqual([
    'a=rtpmap:97 H264/90000',
    'a=fmtp:97 profile-level-id=42800d;packetization-mode=0',
  ]);
  expect(videoFormatLines(answeredFormat({ ...offered, levelsMayDiffer: true }, '42e01f'))[1]).toBe(
    'a=fmtp:97 profile-level-id=42801f;packetization-mode=0;level-asymmetry-allowed=1',
  );
  const vp8: VideoFormat = { key: 'VP8', payloadType: 96, feedback: offered.feedback };
  expect(answeredFormat(vp8, '42e01f')).toBe(vp8);
});
