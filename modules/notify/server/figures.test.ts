import { expect, it } from 'vitest';
import { makerOf } from './figures.ts';

it.each([
  ['https://fcm.googleapis.com/fcm/send/x', 'google'],
  ['https://updates.push.services.mozilla.com/wpush/v2/x', 'mozilla'],
  ['https://web.push.apple.com/x', 'apple'],
  ['https://wns2-db5p.notify.windows.com/w/?token=x', 'microsoft'],
  ['https://fcm.googleapis.com.example.org/x', 'other'],
  ['no address', 'other'],
])('names the maker of %s as %s', (endpoint, maker) => expect(makerOf(endpoint)).toBe(maker));
