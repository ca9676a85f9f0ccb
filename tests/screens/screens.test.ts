import { beforeAll, expect, test, vi } from 'vitest';
import { missingFrom, unevenRoutes } from './routes.ts';
import { screens } from './screens.ts';

let routes: readonly string[];

beforeAll(async () => {
  // The app asks who is here as soon as it is loaded; here nobody answers.
  vi.stubGlobal('location', new URL('http://localhost/'));
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('there is no server')));
  const { routesOfTheApp } = await import('@liaison/app-web/testing');
  routes = routesOfTheApp();
  return () => vi.unstubAllGlobals();
});

test('screenshots are taken of every page of the app, and of no page that it does not have', () => {
  expect(routes.length).toBeGreaterThan(50);
  expect(unevenRoutes(routes)).toEqual([]);
  expect(new Set(screens.map(({ name }) => name)).size).toBe(screens.length);
});

test('a page that is new, or gone, is named', () => {
  expect(unevenRoutes([...routes.filter((route) => route !== '/phone'), '/mail/$folderId'])).toEqual([
    'no screen shows /mail/$folderId',
    'the app has no /phone',
  ]);
});

test('an address that a page leads to belongs to a screen, below /admin and /settings to its own one', () => {
  expect(missingFrom(['/people/teams', '/people/01900000', '/admin/rooms', '/api/v1/x'])).toEqual([]);
  expect(missingFrom(['/mail', '/admin/floors', '/settings/mail', '/mail'])).toEqual([
    '/mail',
    '/admin/floors',
    '/settings/mail',
  ]);
});
