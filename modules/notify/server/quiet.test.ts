import { describe, expect, it } from 'vitest';
import { type Quiet, type Times, usualTimes, type When } from '../contract/index.ts';
import { type Chosen, whenOf } from './kinds.ts';
import { isQuiet, lastTimeOf, mayPushNews, mayRing } from './quiet.ts';

const night: Quiet = {
  on: true,
  days: [1, 2, 3, 4, 5],
  from: '22:00',
  until: '07:00',
  zone: null,
  calls: 'ring',
};
const at = (text: string) => new Date(text);

describe('quiet hours', () => {
  it.each([
    // Lisbon is UTC in winter. 2026-11-23 is a Monday.
    ['2026-11-23T21:59:59Z', false],
    ['2026-11-23T22:00:00Z', true],
    ['2026-11-24T06:59:00Z', true],
    ['2026-11-24T07:00:00Z', false],
    // The night that begins on Friday goes on until Saturday morning; Saturday’s own does not begin.
    ['2026-11-28T06:00:00Z', true],
    ['2026-11-28T22:30:00Z', false],
    ['2026-11-29T06:00:00Z', false],
    // Sunday’s does not begin either, so Monday morning is none.
    ['2026-11-30T06:00:00Z', false],
    // In summer the same clock is an hour earlier in UTC.
    ['2026-07-13T21:00:00Z', true],
    ['2026-07-14T06:00:00Z', false],
  ])('from ten to seven in Lisbon: %s %s', (moment, quiet) => {
    expect(isQuiet(night, 'Europe/Lisbon', at(moment))).toBe(quiet);
  });

  it('go by the clock on the wall in the nights when it is changed', () => {
    const early: Quiet = { ...night, days: [7], from: '01:00', until: '03:00' };
    // 2026-03-29 in Paris: 2 becomes 3; the quiet hour from 1 is followed by the end.
    expect(isQuiet(early, 'Europe/Paris', at('2026-03-29T00:30:00Z'))).toBe(true);
    expect(isQuiet(early, 'Europe/Paris', at('2026-03-29T01:00:00Z'))).toBe(false);
    // 2026-10-25: from 3 back to 2; the hour that comes twice is quiet twice.
    expect(isQuiet(early, 'Europe/Paris', at('2026-10-25T00:30:00Z'))).toBe(true);
    expect(isQuiet(early, 'Europe/Paris', at('2026-10-25T01:30:00Z'))).toBe(true);
    expect(isQuiet(early, 'Europe/Paris', at('2026-10-25T02:00:00Z'))).toBe(false);
  });

  it('are those of the zone that was named before the person’s own', () => {
    const there = { ...night, zone: 'Asia/Tokyo' };
    expect(isQuiet(there, 'Europe/Lisbon', at('2026-11-23T14:00:00Z'))).toBe(true);
    expect(isQuiet(night, 'Europe/Lisbon', at('2026-11-23T14:00:00Z'))).toBe(false);
    expect(isQuiet({ ...night, on: false }, 'Europe/Lisbon', at('2026-11-23T23:00:00Z'))).toBe(false);
  });

  it('hold back news, and calls only where that was chosen', () => {
    const times = (more: Partial<Times> = {}): Times => ({ ...usualTimes, quiet: night, ...more });
    const now = at('2026-11-23T23:00:00Z');
    const common = { zone: 'UTC', now, isBusy: false, looks: false };
    expect(mayPushNews({ ...common, times: times() })).toBe(false);
    expect(mayPushNews({ ...common, times: usualTimes })).toBe(true);
    expect(mayPushNews({ ...common, times: usualTimes, looks: true })).toBe(false);
    expect(mayPushNews({ ...common, times: usualTimes, isBusy: true })).toBe(false);
    expect(
      mayPushNews({ ...common, times: { ...usualTimes, inCalls: 'everything' as const }, isBusy: true }),
    ).toBe(true);
    expect(mayRing({ ...common, times: times() })).toBe(true);
    expect(mayRing({ ...common, times: times({ quiet: { ...night, calls: 'silent' } }) })).toBe(false);
  });
});

it('finds the last time that a clock showed an hour, also when it passed over it', () => {
  const last = (clock: string, zone: string, now: string) => lastTimeOf(clock, zone, at(now)).toISOString();
  expect(last('08:00', 'Europe/Lisbon', '2026-11-23T08:00:00Z')).toBe('2026-11-23T08:00:00.000Z');
  expect(last('08:00', 'Europe/Lisbon', '2026-11-23T07:59:59Z')).toBe('2026-11-22T08:00:00.000Z');
  expect(last('08:00', 'America/Sao_Paulo', '2026-11-23T10:00:00Z')).toBe('2026-11-22T11:00:00.000Z');
  expect(last('02:30', 'Europe/Paris', '2026-03-29T12:00:00Z')).toBe('2026-03-29T01:30:00.000Z');
});

describe('a choice', () => {
  const about = { kind: 'chat.message', spaceId: 'space', containerId: 'room' };
  const chosen = (place: { space?: string; container?: string; kind?: string }, when: When): Chosen => ({
    person_id: 'she',
    space_id: place.space ?? null,
    container_id: place.container ?? null,
    kind: place.kind ?? null,
    chosen: when,
  });
  const kind = 'chat.message';
  it.each<[string, Chosen[], When]>([
    ['nothing', [], 'now'],
    ['the kind', [chosen({ kind }, 'digest')], 'digest'],
    ['another kind', [chosen({ kind: 'chat.mention' }, 'never')], 'now'],
    [
      'the space before the kind',
      [chosen({ kind }, 'never'), chosen({ space: 'space' }, 'digest')],
      'digest',
    ],
    [
      'the kind in the space before the space',
      [chosen({ space: 'space', kind }, 'never'), chosen({ space: 'space' }, 'digest')],
      'never',
    ],
    [
      'the conversation before the kind in the space',
      [chosen({ space: 'space', container: 'room' }, 'digest'), chosen({ space: 'space', kind }, 'never')],
      'digest',
    ],
    [
      'the kind in the conversation before all',
      [
        chosen({ space: 'space', container: 'room' }, 'never'),
        chosen({ space: 'space', container: 'room', kind }, 'now'),
      ],
      'now',
    ],
    ['another conversation', [chosen({ space: 'space', container: 'other' }, 'never')], 'now'],
    ['another space', [chosen({ space: 'elsewhere' }, 'never')], 'now'],
  ])('of %s holds', (_what, choices, when) => {
    expect(whenOf('now', about, choices)).toBe(when);
    expect(whenOf('now', about, choices.toReversed())).toBe(when);
  });
});
