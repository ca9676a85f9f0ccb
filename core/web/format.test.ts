import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  formatBytes,
  formatClockOf,
  formatDay,
  formatDuration,
  formatRow,
  formatTime,
  formatTitle,
  localeFor,
} from './format.ts';
import { pickLanguage } from './language.ts';

const lisbon = { locale: 'pt-PT', timeZone: 'Europe/Lisbon' };
const dakar = { locale: 'fr-FR', timeZone: 'Africa/Dakar' };
const london = { locale: 'en-GB', timeZone: 'Europe/London' };
const when = '2026-05-14T12:41:00Z';
/** Formatters put narrow and unbreakable spaces where they belong; here only the words matter. */
const plain = (text: string): string => text.replace(/\s/g, ' ');

test('hours are those of the reader', () => {
  expect(formatTime(when, lisbon)).toBe('13:41');
  expect(formatTime(when, dakar)).toBe('12:41');
});

test("the other person's hour is said only where it differs", () => {
  expect(formatClockOf('Africa/Nairobi', lisbon, when)).toBe('15:41');
  // Another zone with the same clock in May, and not in every zone in December.
  expect(formatClockOf('Europe/London', lisbon, when)).toBeNull();
  expect(formatClockOf('Africa/Dakar', lisbon, when)).toBe('12:41');
  expect(formatClockOf('Africa/Dakar', lisbon, '2026-12-14T12:41:00Z')).toBeNull();
  expect(formatClockOf('Asia/Kathmandu', lisbon, when)).toBe('18:26');
  expect(formatClockOf('Atlantis/Center', lisbon, when)).toBeNull();
  expect(formatClockOf(null, lisbon, when)).toBeNull();
});

test('days are named in the language, with the year where it is another', () => {
  expect(formatDay(when, london, '2026-06-01T00:00:00Z')).toBe('Thursday 14 May');
  expect(plain(formatDay(when, dakar, '2027-01-01T00:00:00Z'))).toBe('jeudi 14 mai 2026');
  expect(plain(formatTitle(formatDay(when, dakar, when), dakar))).toBe('Jeudi 14 mai');
  expect(formatTitle('23–29 de novembro', lisbon)).toBe('23–29 de novembro');
  expect(formatTitle('', lisbon)).toBe('');
});

test('rows say the hour today, the weekday this week, then the date; midnight is the reader’s', () => {
  expect(formatRow(when, lisbon, '2026-05-14T22:30:00Z')).toBe('13:41');
  // 23:30 UTC is already the next day in Lisbon in May.
  expect(formatRow(when, london, '2026-05-14T23:30:00Z')).toBe('Thu');
  expect(formatRow(when, london, '2026-05-25T12:00:00Z')).toBe('14 May');
  expect(formatRow('2025-05-14T12:00:00Z', london, when)).toBe('14 May 2025');
});

test('lengths count up like a clock', () => {
  expect([0, 6_000, 59_999, 60_000, 768_000, 3_729_000, -5].map(formatDuration)).toEqual([
    '0:00',
    '0:06',
    '0:59',
    '1:00',
    '12:48',
    '1:02:09',
    '0:00',
  ]);
  fc.assert(
    fc.property(fc.nat(360_000_000), (ms) => {
      const parts = formatDuration(ms).split(':').map(Number);
      const seconds = parts.reduce((sum, part) => sum * 60 + part, 0);
      return seconds === Math.floor(ms / 1000) && parts.slice(1).every((part) => part < 60);
    }),
  );
});

test('sizes are decimal', () => {
  expect(plain(formatBytes(12_400, { locale: 'en-GB' }))).toBe('12.4 kB');
  expect(plain(formatBytes(4_200_000, { locale: 'pt-PT' }))).toBe('4,2 MB');
  expect(plain(formatBytes(999, { locale: 'en-GB' }))).toBe('999 bytes');
  expect(plain(formatBytes(0, { locale: 'en-GB' }))).toBe('0 bytes');
});

test("language and region: the browser's where they agree", () => {
  expect(localeFor('en', ['fr-CA', 'en-US'])).toBe('en-US');
  expect(localeFor('pt', ['en-US'])).toBe('pt-PT');
  expect(pickLanguage(['ar-SN', 'FR-sn', 'en'])).toBe('fr');
  expect(pickLanguage(['zh-Hans'])).toBe('en');
});
