import { expect, test } from 'vitest';
import { cityName, zoneName } from './city-name.ts';
import { languages } from './language.ts';

const inAll = (zone: string): string[] => languages.map((language) => cityName(zone, language));

test('a city is called as the reader calls it', () => {
  expect(languages).toEqual(['en', 'fr', 'es', 'pt']);
  expect(inAll('Europe/Lisbon')).toEqual(['Lisbon', 'Lisbonne', 'Lisboa', 'Lisboa']);
  expect(inAll('America/Sao_Paulo')[0]).toBe('São Paulo');
  expect(inAll('America/Argentina/Buenos_Aires')).toEqual(Array(4).fill('Buenos Aires'));
  expect(inAll('UTC')).toEqual(Array(4).fill('UTC'));
});

test('whichever of its names a browser uses, it is one city', () => {
  for (const [old, now] of [
    ['Asia/Calcutta', 'Asia/Kolkata'],
    ['Europe/Kiev', 'Europe/Kyiv'],
    ['America/Godthab', 'America/Nuuk'],
  ] as const) {
    expect(inAll(old)).toEqual(inAll(now));
  }
});

test('what is no zone of ours is said as it is, and never something of the language', () => {
  expect(inAll('Elsewhere/constructor')).toEqual(Array(4).fill('constructor'));
  expect(inAll('')).toEqual(Array(4).fill(''));
});

test('every zone that a browser offers has a name without signs of the machine', () => {
  for (const zone of Intl.supportedValuesOf('timeZone'))
    for (const name of inAll(zone)) expect([zone, /^[^_/]+$/.test(name)]).toEqual([zone, true]);
});

test('in a list of zones both names stand where they differ', () => {
  const zones = ['Europe/Lisbon', 'Europe/Oslo', 'America/New_York', 'UTC'];
  expect(zones.map((zone) => zoneName(zone, 'pt'))).toEqual([
    'Europe/Lisbon, Lisboa',
    'Europe/Oslo',
    'America/New York, Nova Iorque',
    'UTC',
  ]);
  expect(zoneName('Europe/Lisbon', 'en')).toBe('Europe/Lisbon');
});
