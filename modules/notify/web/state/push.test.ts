import { expect, it } from 'vitest';
import { pushStateOf } from './push.ts';

const able = { isSecure: true, hasPush: true, permission: 'default', isApplePocket: false } as const;

it('says why a browser cannot be pushed to, the first reason first', () => {
  expect(pushStateOf(able)).toBe('not-asked');
  expect(pushStateOf({ ...able, permission: 'granted' })).toBe('allowed');
  expect(pushStateOf({ ...able, permission: 'denied' })).toBe('blocked');
  expect(pushStateOf({ ...able, hasPush: false })).toBe('unsupported');
  expect(pushStateOf({ ...able, permission: undefined })).toBe('unsupported');
  expect(pushStateOf({ ...able, hasPush: false, isApplePocket: true })).toBe('install-first');
  expect(pushStateOf({ ...able, isSecure: false, hasPush: false, isApplePocket: true })).toBe('insecure');
});
