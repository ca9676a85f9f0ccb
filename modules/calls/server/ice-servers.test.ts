import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { iceServersOf } from './ice-servers.ts';

const turnUrls = ['turn:turn.example.org:3478', 'turns:turn.example.org:443?transport=tcp'];
const turnSecret = 'a secret of the tests';

test('credentials name a person and an end, and are signed with the secret', () => {
  const [server] = iceServersOf({ turnUrls, turnSecret }, '0199-person', 1_000_500);
  expect(server).toEqual({
    urls: turnUrls,
    username: '1600:0199-person',
    credential: createHmac('sha1', turnSecret).update('1600:0199-person').digest('base64'),
  });
  const [another] = iceServersOf({ turnUrls, turnSecret }, '0199-another', 1_000_500);
  expect(another?.credential).not.toBe(server?.credential);
  expect(JSON.stringify(server)).not.toContain(turnSecret);
});

test('without a TURN server there are no credentials', () => {
  expect(iceServersOf({}, '0199-person', 0)).toEqual([]);
});
