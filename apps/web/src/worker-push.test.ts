import { apiBase } from '@liaison/core/web';
import { mustShow as mustShowOfContract, subscribe } from '@liaison/notify';
import { expect, it } from 'vitest';
import {
  mustShow,
  ownPath,
  pageInFront,
  pressed,
  readPush,
  shownFor,
  subscriptionsPath,
} from './worker-push.ts';

const now = Date.parse('2026-05-14T09:00:00Z');
const callId = '018f7a00-0000-7000-8000-000000000001';
const shown = { tag: 'tag', title: 'Port study', body: 'which pier', path: '/chat/1?m=2', needsMe: 3 };
const call = {
  ...shown,
  type: 'call',
  tag: callId,
  callId,
  until: '2026-05-14T09:00:30Z',
  answer: 'Answer',
  refuse: 'Refuse',
} as const;

it('reads what is a message of ours, and nothing else', () => {
  expect(readPush(JSON.stringify({ type: 'test', ...shown }))).toMatchObject({ title: 'Port study' });
  for (const json of [undefined, '', 'null', '"news"', '{}', '{"type":"other"}', '{"type":'])
    expect(readPush(json)).toBeNull();
});

it('shows news with its tag and its place', () => {
  const news = { type: 'news', kind: 'chat.mention', newsId: callId, at: '2026-05-14T09:00:00Z' } as const;
  expect(shownFor({ ...news, ...shown }, now)).toMatchObject({
    title: 'Port study',
    options: { body: 'which pier', tag: 'tag', data: { path: '/chat/1?m=2' } },
  });
  expect(shownFor({ type: 'withdraw', tags: ['tag'], needsMe: 0 }, now)).toBeNull();
});

it('rings with two buttons until somebody presses, and not once it is over', () => {
  const ring = shownFor(call, now);
  expect(ring?.options).toMatchObject({
    tag: callId,
    requireInteraction: true,
    actions: [
      { action: 'answer', title: 'Answer' },
      { action: 'refuse', title: 'Refuse' },
    ],
  });
  expect(ring?.options.vibrate?.length).toBeGreaterThan(1);
  expect(shownFor(call, now + 30_000)).toBeNull();
  expect(shownFor({ ...call, until: 'soon' }, now)).toBeNull();
});

it('leads to places of ours only', () => {
  expect(ownPath('/news')).toBe('/news');
  for (const path of [
    '//evil.example',
    '/\\evil.example',
    'https://evil.example',
    '',
    null,
    `/${'x'.repeat(500)}`,
  ])
    expect(ownPath(path)).toBe('/');
});

it('answers, refuses, and only opens what has ceased to ring', () => {
  const data = shownFor(call, now)?.options.data;
  expect(pressed('answer', data, now)).toEqual({
    open: '/chat/1?m=2',
    tell: { t: 'liaison.answer', callId },
  });
  expect(pressed('refuse', data, now)).toEqual({ refuse: callId });
  const go = { open: '/chat/1?m=2', tell: { t: 'liaison.go', path: '/chat/1?m=2' } };
  expect(pressed('answer', data, now + 31_000)).toEqual(go);
  expect(pressed('', data, now)).toEqual(go);
  expect(pressed('refuse', undefined, now)).toMatchObject({ open: '/' });
});

it('brings the page in use to the front, else one that is seen, else any', () => {
  const page = (focused: boolean, visibilityState: string) => ({ focused, visibilityState });
  const [hidden, seen, used] = [page(false, 'hidden'), page(false, 'visible'), page(true, 'visible')];
  expect(pageInFront([hidden, seen, used])).toBe(used);
  expect(pageInFront([hidden, seen])).toBe(seen);
  expect(pageInFront([hidden])).toBe(hidden);
  expect(pageInFront([])).toBeUndefined();
});

it('sends subscriptions where the contract takes them', () => {
  expect(subscriptionsPath).toBe(`${apiBase}${subscribe.path}`);
});

it('knows as the contract does whose browsers end what shows nothing', () => {
  const endpoints = [
    'https://web.push.apple.com/QGuQyavXutnMH',
    'https://fcm.googleapis.com/fcm/send/x',
    'https://updates.push.services.mozilla.com/wpush/v2/x',
    'https://push.example.org/web.push.apple.com/',
    'https://web.push.apple.com.example.org/x',
  ];
  expect(endpoints.map(mustShow)).toEqual([true, false, false, false, false]);
  expect(endpoints.map(mustShowOfContract)).toEqual(endpoints.map(mustShow));
  expect(mustShow(undefined)).toBe(false);
});
