import { describe, expect, it } from 'vitest';
import { createPcapng } from './pcapng.ts';
import { claimedElsewhere } from './registrations.ts';

/** Reads blocks back as a reader of the format does: type, length, body, and the same length again. */
function blocksOf(file: Buffer): { type: number; body: Buffer }[] {
  const blocks: { type: number; body: Buffer }[] = [];
  for (let at = 0; at < file.length; ) {
    const length = file.readUInt32LE(at + 4);
    expect(length % 4).toBe(0);
    expect(file.readUInt32LE(at + length - 4)).toBe(length);
    blocks.push({ type: file.readUInt32LE(at), body: file.subarray(at + 8, at + length - 4) });
    at += length;
  }
  return blocks;
}

/** Zero when the sum over all words, checksum included, is right. */
function sumOf(bytes: Buffer): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) sum += (bytes[at]! << 8) | (bytes[at + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

const at = new Date('2026-05-14T08:30:00.250Z');

describe('a capture as a file', () => {
  it('has a section, an interface of raw IP, and a packet for each message with its real time', () => {
    const message = 'OPTIONS sip:x SIP/2.0\r\n\r\n';
    const file = Buffer.concat([
      ...createPcapng(
        [
          {
            at,
            direction: 'in',
            protocol: 'tls',
            local: { address: '192.0.2.1', port: 5061 },
            remote: { address: '192.0.2.7', port: 40_000 },
            message,
          },
          {
            at,
            direction: 'out',
            protocol: 'udp',
            local: { address: '2001:db8::1', port: 5060 },
            remote: { address: '2001:db8::7', port: 5062 },
            message,
          },
        ],
        'a note',
      ),
    ]);
    const [section, face, first, second, ...rest] = blocksOf(file);
    expect(rest).toEqual([]);
    expect([section?.type, face?.type, first?.type, second?.type]).toEqual([0x0a0d0d0a, 1, 6, 6]);
    expect(section?.body.readUInt32LE(0)).toBe(0x1a2b3c4d);
    expect(face?.body.readUInt16LE(0)).toBe(101);
    const micros = (BigInt(first!.body.readUInt32LE(4)) << 32n) | BigInt(first!.body.readUInt32LE(8));
    expect(micros).toBe(BigInt(at.getTime()) * 1000n);
    const length = first!.body.readUInt32LE(12);
    const four = first!.body.subarray(20, 20 + length);
    expect(four[0]).toBe(0x45);
    expect(sumOf(four.subarray(0, 20))).toBe(0);
    expect([...four.subarray(12, 20)]).toEqual([192, 0, 2, 7, 192, 0, 2, 1]);
    expect([four.readUInt16BE(20), four.readUInt16BE(22)]).toEqual([40_000, 5060]);
    expect(
      sumOf(
        Buffer.concat([
          four.subarray(12, 20),
          Buffer.from([0, 17]),
          four.subarray(24, 26),
          four.subarray(20),
        ]),
      ),
    ).toBe(0);
    expect(four.subarray(28).toString()).toBe(message);
    expect(first!.body.toString('latin1')).toContain('TLS, received; our port 5061');
    const six = second!.body.subarray(20, 20 + second!.body.readUInt32LE(12));
    expect(six[0]).toBe(0x60);
    expect(six.subarray(8, 24).toString('hex')).toBe('20010db8000000000000000000000001');
    expect(six.subarray(24, 40).toString('hex')).toBe('20010db8000000000000000000000007');
  });
});

describe('a telephone behind a NAT', () => {
  const flow = (address: string, port: number, protocol: 'udp' | 'tcp' | 'wss' = 'udp') => ({
    protocol,
    remote: { address, port },
  });
  it('is one whose Contact names another place than its messages come from', () => {
    expect(claimedElsewhere('sip:a@10.0.0.7:5060', flow('192.0.2.7', 5060))).toBe('10.0.0.7:5060');
    expect(claimedElsewhere('sip:a@192.0.2.7', flow('192.0.2.7', 61_000))).toBe('192.0.2.7:5060');
    expect(claimedElsewhere('sip:a@192.0.2.7:5060', flow('192.0.2.7', 5060))).toBeNull();
  });
  it('is not told by the port of a stream, nor by a name that was made up', () => {
    expect(
      claimedElsewhere('sip:a@192.0.2.7:5060;transport=tcp', flow('192.0.2.7', 43_210, 'tcp')),
    ).toBeNull();
    expect(
      claimedElsewhere('sip:a@df7jal23ls0d.invalid;transport=ws', flow('192.0.2.7', 1, 'wss')),
    ).toBeNull();
    expect(claimedElsewhere('nonsense', flow('192.0.2.7', 1))).toBeNull();
    expect(claimedElsewhere('sip:a@[2001:db8::7]:5060', flow('2001:db8::7', 5060))).toBeNull();
  });
});
