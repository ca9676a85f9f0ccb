import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';

const lowest = 10_240;
const tries = 100;

/**
 * A port of the loopback that nobody has now, TCP or UDP, for a program that cannot be asked which one it took. It is none of those that
 * the kernel gives to whoever names none: one of these may be the near end of somebody's connection before the program has begun.
 */
export async function freePort(): Promise<number> {
  const above = firstEphemeralPort();
  for (let tried = 0; tried < tries; tried++) {
    const port = randomInt(lowest, above);
    if ((await isFreeTcp(port)) && (await isFreeUdp(port))) return port;
  }
  throw new Error(`none of ${tries} ports below ${above} was free`);
}

function firstEphemeralPort(): number {
  try {
    const first = Number(readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').split(/\s/)[0]);
    return first > lowest + 1000 ? first : 65_536;
  } catch {
    // Not Linux: most others begin where IANA does.
    return 49_152;
  }
}

async function isFreeTcp(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  } catch {
    return false;
  }
  await new Promise((done) => server.close(done));
  return true;
}

async function isFreeUdp(port: number): Promise<boolean> {
  const socket = createSocket('udp4');
  try {
    socket.bind(port, '127.0.0.1');
    await once(socket, 'listening');
  } catch {
    return false;
  }
  await new Promise<void>((done) => socket.close(() => done()));
  return true;
}
