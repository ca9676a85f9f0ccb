import { expect, test, vi } from 'vitest';
import { createIceServers } from './ice-servers.ts';

const server = { urls: ['turn:turn.example.org'], username: '1:me', credential: 'x' };

test('asked once while they are fresh, and again when half of their time is over', async () => {
  let nowMs = 0;
  const command = vi.fn(async () => ({ iceServers: [server], validSeconds: 600 }));
  const iceServers = createIceServers({ command: command as never }, () => nowMs);
  expect(await Promise.all([iceServers(), iceServers()])).toEqual([[server], [server]]);
  nowMs = 299_000;
  expect(await iceServers()).toEqual([server]);
  expect(command).toHaveBeenCalledTimes(1);
  nowMs = 300_000;
  await iceServers();
  expect(command).toHaveBeenCalledTimes(2);
});

test('a server that does not answer gives none, and is asked again', async () => {
  const command = vi
    .fn()
    .mockRejectedValueOnce(new Error('gone'))
    .mockResolvedValue({ iceServers: [server], validSeconds: 600 });
  const iceServers = createIceServers({ command });
  expect(await iceServers()).toEqual([]);
  expect(await iceServers()).toEqual([server]);
});
