import { spawn } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type DistantTelephone, soundReturns, startDistantTelephone } from '../testing/distant-telephone.ts';
import { type Home, type HomeKind, type Networks, openNetworks, whyNoNetworks } from '../testing/networks.ts';
import { until } from '../testing/program.ts';
import { type Member, type RunningSuite, startSuite } from '../testing/suite.ts';
import { leftOut, plainBaresip, shown } from '../testing/telephone-rows.ts';

const oneSocket = `
  const socket = require('node:dgram').createSocket('udp4');
  socket.on('message', (text) => process.stdout.write(text + ' '));
  for (const port of process.env.PORTS.split(',')) socket.send('here', Number(port), process.env.TO);
`;

async function listeningSocket(): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.bind(0, '0.0.0.0');
  await once(socket, 'listening');
  return socket;
}

/** Telephones behind NATs of every kind, each in a network namespace of its own; sound measured where it is heard. */
const missing = await whyNoNetworks();

if (missing !== undefined) {
  it('networks cannot be made here: telephones behind NAT were not tried', async () => {
    await leftOut();
    process.stderr.write(`DID NOT RUN: telephones behind NAT (${missing})\n`);
    expect(process.env.CI, `in CI everything runs: ${missing}`).toBeUndefined();
  });
}

/** A row of docs/operations/telephones.md. */
const heardThrough = (network: string) => shown({ ...plainBaresip, network, sound: 'both ways' });

describe.runIf(missing === undefined)('telephones behind NAT', () => {
  let networks: Networks;
  let running: RunningSuite;
  let folder: string;
  let domain: string;
  let alice: Member;
  let bob: Member;
  const telephones: DistantTelephone[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'liaison-networks-'));
    networks = await openNetworks();
    running = await startSuite({
      environment: { LIAISON_BIND: '0.0.0.0', LIAISON_ADVERTISE: networks.serverAddress },
    });
    const made = await running.organisation('harbour', [
      { name: 'Alice', extension: '4101' },
      { name: 'Bob', extension: '4102' },
    ]);
    domain = made.domain;
    [alice, bob] = made.members as [Member, Member];
  });
  afterEach(async () => {
    for (const telephone of telephones.splice(0)) await telephone.stop();
  });
  afterAll(async () => {
    await running?.close();
    await networks?.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function telephone(
    member: Member,
    hz: number,
    home: Home,
    more: Partial<Parameters<typeof startDistantTelephone>[0]> = {},
  ): Promise<DistantTelephone> {
    const { username, secret } = await running.telephone(member);
    const made = await startDistantTelephone({
      home,
      user: username,
      password: secret,
      domain,
      server: { host: networks.serverAddress, port: running.sipPorts.udp },
      hz,
      folder,
      ...more,
    });
    telephones.push(made);
    return made;
  }

  /** Both in a call, and hearing each other. */
  async function talking(
    from: Home,
    to: Home,
    more: Partial<Parameters<typeof startDistantTelephone>[0]> = {},
  ) {
    const a = await telephone(alice, 440, from, more);
    const b = await telephone(bob, 880, to, more);
    a.dial(`sip:${bob.extension}@${domain}`);
    await a.established();
    await until(async () => (await a.heard(880)) > 0.8, 'the caller hears the other');
    await until(async () => (await b.heard(440)) > 0.8, 'who was called hears the other');
    expect(await a.heard(440)).toBeLessThan(0.05);
    return { a, b };
  }

  it('the NATs are what they are called', async () => {
    const sockets = await Promise.all([0, 1].map(listeningSocket));
    try {
      const seen = async (kind: HomeKind) => {
        const home = await networks.home(kind);
        const ports = sockets.map((socket) => socket.address().port);
        const [program, ...enter] = home.enter;
        // One socket there sends to both, and hears who answers.
        const device = spawn(program, [...enter, process.execPath, '-e', oneSocket], {
          env: { ...process.env, TO: networks.serverAddress, PORTS: ports.join() },
          stdio: ['ignore', 'pipe', 'inherit'],
        });
        try {
          const sources = await Promise.all(
            sockets.map((socket) => once(socket, 'message').then(([, from]) => from as AddressInfo)),
          );
          const [first, second] = sources as [AddressInfo, AddressInfo];
          expect(first.address).toBe(home.publicAddress);
          const stranger = await listeningSocket();
          stranger.send('stranger', first.port, first.address);
          sockets[0]?.send('known', first.port, first.address);
          let heard = '';
          for await (const text of device.stdout) {
            heard += String(text);
            if (heard.includes('known')) break;
          }
          stranger.close();
          return { samePort: first.port === second.port, strangersComeIn: heard.includes('stranger') };
        } finally {
          device.kill('SIGKILL');
        }
      };
      expect(await seen('full-cone')).toEqual({ samePort: true, strangersComeIn: true });
      expect(await seen('symmetric')).toEqual({ samePort: false, strangersComeIn: false });
    } finally {
      for (const socket of sockets) socket.close();
    }
  });

  it.each([
    ['full-cone', 'open'],
    ['open', 'full-cone'],
    ['symmetric', 'open'],
    ['symmetric', 'symmetric'],
  ] as const)('a caller behind %s, the other behind %s: both hear each other', async (from, to) => {
    const { a, b } = await talking(await networks.home(from), await networks.home(to));
    a.hangup();
    await b.closed();
    await heardThrough(`NAT: ${from} ↔ ${to}`);
  });

  it('a NAT that starts anew in the middle of a call gives other ports: sound is back within five seconds', async () => {
    const home = await networks.home('symmetric');
    const { a, b } = await talking(home, await networks.home('symmetric'));
    await home.forget();
    const back = await Promise.all([soundReturns(b, 440, 10_000), soundReturns(a, 880, 10_000)]);
    expect(Math.max(...back)).toBeLessThan(5000);
    await heardThrough('symmetric NAT starts anew in the call');
  });

  it('another public address in the middle of a call: sound is back within five seconds', async () => {
    const home = await networks.home('symmetric');
    const { a, b } = await talking(home, await networks.home('open'));
    await home.move();
    const back = await Promise.all([soundReturns(b, 440, 10_000), soundReturns(a, 880, 10_000)]);
    expect(Math.max(...back)).toBeLessThan(5000);
    b.hangup();
    await b.closed();
    await heardThrough('another public address in the call');
  });
});
