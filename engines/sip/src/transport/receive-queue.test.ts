import { createSocket } from 'node:dgram';
import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createDropCounter, grantedBytes, procAddress, readDrops } from './receive-queue.ts';

const table = `   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
  171: 0100007F:13C4 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 52810 2 00000000d8cd1f33 417
  172: 00000000:13C5 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 52811 2 00000000d8cd1f34 0
`;
const local = { address: '127.0.0.1', port: 5060 };

test('addresses as the system writes them', () => {
  expect(procAddress(local)).toBe('0100007F:13C4');
  expect(procAddress({ address: '0.0.0.0', port: 5061 })).toBe('00000000:13C5');
  expect(procAddress({ address: '::', port: 80 })).toBe(`${'0'.repeat(32)}:0050`);
  expect(procAddress({ address: '::1', port: 5060 })).toBe('00000000000000000000000001000000:13C4');
  expect(procAddress({ address: 'nowhere', port: 5060 })).toBeUndefined();
});

test('what was dropped is the last column of our own socket', () => {
  expect(readDrops(table, local)).toBe(417);
  expect(readDrops(table, { address: '0.0.0.0', port: 5061 })).toBe(0);
  expect(readDrops(table, { address: '127.0.0.1', port: 5062 })).toBeUndefined();
  expect(readDrops('', local)).toBeUndefined();
  expect(readDrops('  1: 0100007F:13C4 nonsense', local)).toBeUndefined();
});

test('counted from one time to the next, as long as they are near each other', async () => {
  let drops: number | null = 10;
  let nowMs = 0;
  const counter = createDropCounter(
    local,
    () => nowMs,
    async (file) => {
      expect(file).toBe('/proc/net/udp');
      if (drops === null) throw new Error('ENOENT');
      return table.replace(' 417', ` ${drops}`);
    },
  );
  const after = (ms: number, count: number | null) => {
    nowMs += ms;
    drops = count;
    return counter.lost();
  };
  expect(await after(0, 10)).toBe(0);
  expect(await after(1000, 25)).toBe(15);
  expect(await after(1000, 25)).toBe(0);
  expect(await after(10_000, 90)).toBe(0);
  expect(await after(1000, 91)).toBe(1);
  expect(await after(1000, null)).toBe(0);
  expect(await after(1000, 95)).toBe(0);
  expect(await counter.dropped()).toBe(95);
  drops = null;
  expect(await counter.dropped()).toBeUndefined();
});

test('Linux says the double of what it grants', () => {
  expect(grantedBytes(425_984, 'linux')).toBe(212_992);
  expect(grantedBytes(425_984, 'darwin')).toBe(425_984);
});

test.runIf(existsSync('/proc/net/udp'))('what the system really lost is seen', async () => {
  const slow = createSocket({ type: 'udp4', recvBufferSize: 2048 });
  const sender = createSocket('udp4');
  try {
    await new Promise<void>((resolve) => slow.bind(0, '127.0.0.1', resolve));
    const at = { address: '127.0.0.1', port: slow.address().port };
    const counter = createDropCounter(at, () => Date.now());
    await counter.lost();
    const big = Buffer.alloc(1000);
    let lost = 0;
    const untilMs = Date.now() + 10_000;
    while (lost === 0 && Date.now() < untilMs) {
      // In one turn of the event loop, so that nobody reads meanwhile.
      for (let each = 0; each < 200; each++) sender.send(big, at.port, at.address);
      lost += await counter.lost();
    }
    expect(lost).toBeGreaterThan(0);
  } finally {
    slow.close();
    sender.close();
  }
});
