import { createSocket } from 'node:dgram';
import { askClock } from './database.ts';
import { failed, good, reasonOf, type Said, type Step, warning } from './finding.ts';

/** More than this and people see times that are wrong; sign-in codes and certificates follow at half a minute. */
const noticeableMs = 2000;
const harmfulMs = 20_000;
const patienceMs = 3000;

/** This machine's clock against the database's, and against a time server where the operator names one. */
export const clockStep: Step = {
  name: 'clock',
  limitMs: 3 * patienceMs,
  async look(examined) {
    const said: Said[] = [];
    try {
      const { offsetMs, uncertainMs } = await askClock(examined);
      said.push(judgeClock(offsetMs, uncertainMs, 'the database'));
    } catch {
      said.push(
        warning(
          'not compared with the database, which does not answer',
          'mend the database first, and look again',
        ),
      );
    }
    if (examined.timeServer !== null) {
      try {
        const { offsetMs, uncertainMs } = await askTime(examined.timeServer, patienceMs);
        said.push(judgeClock(offsetMs, uncertainMs, examined.timeServer));
      } catch (error) {
        said.push(
          warning(
            `${examined.timeServer} does not tell the time: ${reasonOf(error)}`,
            'name another time server with --ntp, or let UDP port 123 out',
          ),
        );
      }
    }
    return said;
  },
};

/** Exported for its test. */
export function judgeClock(offsetMs: number, uncertainMs: number, whose: string): Said {
  const figure = { value: Math.round(offsetMs), unit: 'ms' };
  const away = Math.max(0, Math.abs(offsetMs) - uncertainMs);
  const seconds = Math.round(Math.abs(offsetMs) / 100) / 10;
  const mend = 'let chrony or systemd-timesyncd keep the clocks of all machines';
  const words = `this machine is ${seconds} s ${offsetMs > 0 ? 'behind' : 'ahead of'} ${whose}`;
  if (away > harmfulMs) return failed(words, mend, figure);
  if (away > noticeableMs) return warning(words, mend, figure);
  return good(`it agrees with ${whose} (${Math.round(offsetMs)} ms)`, figure);
}

/** Seconds between 1900, from which NTP counts (RFC 5905 §6), and 1970. */
const from1900 = 2_208_988_800;

/** Asks once as a client does (RFC 5905 §8): how far its clock is before ours, and half of how long it took. */
export function askTime(
  server: string,
  timeoutMs: number,
  port = 123,
): Promise<{ offsetMs: number; uncertainMs: number }> {
  return new Promise((resolve, reject) => {
    const socket = createSocket(server.includes(':') ? 'udp6' : 'udp4');
    const end = (work: () => void): void => {
      clearTimeout(timer);
      socket.close();
      work();
    };
    const timer = setTimeout(() => end(() => reject(new Error('no answer in time'))), timeoutMs);
    const request = Buffer.alloc(48);
    // Leap indicator 0, version 4, mode 3 (client).
    request[0] = 0x23;
    const sentAt = Date.now();
    // RFC 5905 §8: the server gives it back as its origin timestamp, by which an answer is known to be one to us.
    request.writeUInt32BE(Math.floor(sentAt / 1000) + from1900, 40);
    request.writeUInt32BE(Math.floor(Math.random() * 2 ** 32), 44);
    socket.on('error', (error) => end(() => reject(error)));
    socket.on('message', (answer) => {
      const cameAt = Date.now();
      if (
        answer.length < 48 ||
        (answer[0]! & 7) !== 4 ||
        !answer.subarray(24, 32).equals(request.subarray(40, 48))
      )
        return;
      // RFC 5905 §7.3: stratum 0 is a refusal, and 16 a clock that follows nobody.
      const stratum = answer[1]!;
      if (stratum === 0 || stratum >= 16)
        return end(() => reject(new Error('it does not know the time itself')));
      const at = (offset: number) =>
        (answer.readUInt32BE(offset) - from1900 + answer.readUInt32BE(offset + 4) / 2 ** 32) * 1000;
      const offsetMs = (at(32) - sentAt + (at(40) - cameAt)) / 2;
      end(() => resolve({ offsetMs, uncertainMs: (cameAt - sentAt) / 2 }));
    });
    socket.send(request, port, server);
  });
}
