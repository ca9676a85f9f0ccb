import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { playedAt } from '../testing/chromium.ts';
import {
  type DistantBrowser,
  type DistantPage,
  type MediaPath,
  openDistantBrowser,
  openToHomes,
} from '../testing/distant-browser.ts';
import { type DistantTelephone, soundReturns, startDistantTelephone } from '../testing/distant-telephone.ts';
import { type Home, type Networks, openNetworks, whyNoNetworks } from '../testing/networks.ts';
import { until } from '../testing/program.ts';
import { type Member, type RunningSuite, startSuite } from '../testing/suite.ts';
import { leftOut, shown } from '../testing/telephone-rows.ts';
import { startTurnServer, type TurnServer } from '../testing/turn-server.ts';

/** Chromium behind NATs and firewalls, and what carries its sound there: UDP, TCP, or a TURN server. */
const missing = await whyNoNetworks();
const pageHz = 660;
const otherPageHz = 1000;
const telephoneHz = 440;
const secret = 'the tests share this with coturn';
/** A row of docs/operations/telephones.md: her page and his telephone behind a NAT. */
const row = {
  client: 'Chromium',
  debianPackage: 'chromium',
  transport: 'own page',
  codec: 'PCMU',
  encryption: 'SRTP (DTLS) ↔ none',
  sound: 'both ways',
  also: ['calls a telephone'],
} as const;

if (missing !== undefined) {
  it('networks cannot be made here: browsers behind NAT were not tried', async () => {
    await leftOut();
    process.stderr.write(`DID NOT RUN: browsers behind NAT (${missing})\n`);
    expect(process.env.CI, `in CI everything runs: ${missing}`).toBeUndefined();
  });
}

describe.runIf(missing === undefined)('browsers far away', () => {
  let networks: Networks;
  let running: RunningSuite;
  let turn: TurnServer;
  let folder: string;
  let domain: string;
  let alice: Member;
  let bob: Member;
  let carol: Member;
  let alicesHome: Home;
  let alicesBrowser: DistantBrowser;
  let alices: DistantPage;
  let telephone: DistantTelephone;
  let door: { close(): Promise<void> };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'liaison-far-away-'));
    networks = await openNetworks();
    const { serverAddress } = networks;
    turn = await startTurnServer(await networks.home('open'), secret, serverAddress);
    running = await startSuite({
      web: true,
      environment: {
        LIAISON_BIND: '0.0.0.0',
        LIAISON_ADVERTISE: serverAddress,
        LIAISON_TURN_URLS: [
          ...['udp', 'tcp'].map((transport) => `turn:${turn.address}:${turn.port}?transport=${transport}`),
          `turns:${turn.address}:${turn.tlsPort}?transport=tcp`,
        ].join(),
        LIAISON_TURN_SECRET: secret,
      },
    });
    door = await openToHomes(serverAddress, Number(new URL(running.url).port));
    const made = await running.organisation('harbour', [
      { name: 'Alice', extension: '4101' },
      { name: 'Bob', extension: '4102' },
      { name: 'Carol', extension: '4103' },
    ]);
    domain = made.domain;
    [alice, bob, carol] = made.members as [Member, Member, Member];
    const { username, secret: password } = await running.telephone(bob);
    telephone = await startDistantTelephone({
      home: await networks.home('full-cone'),
      user: username,
      password,
      domain,
      server: { host: serverAddress, port: running.sipPorts.udp },
      hz: telephoneHz,
      folder,
    });
    alicesHome = await networks.home('symmetric');
    alicesBrowser = await openDistantBrowser(alicesHome, serverAddress, pageHz, [turn.publicKeyPin]);
    alices = await alicesBrowser.page(alice, running.url);
  });
  afterEach(async () => {
    const hangUp = alices.page
      .getByRole('region', { name: 'Line' })
      .getByRole('button', { name: 'Hang up', exact: true });
    if (await hangUp.isVisible()) await hangUp.click();
    await until(() => running.suite.calls.exchange.running === 0, 'the call ends');
    await alicesHome.allowUdp();
  });
  afterAll(async () => {
    await alicesBrowser?.close();
    await telephone?.stop();
    await door?.close();
    await running?.close();
    await turn?.stop();
    await networks?.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** On a busy machine a worse way may stand first; the better one follows. */
  async function comesOver(path: Partial<MediaPath>): Promise<void> {
    await expect.poll(() => alices.path(), { timeout: 30_000 }).toMatchObject(path);
  }

  /** Her page rings his telephone, which answers by itself. */
  async function callTelephone(only: 'any' | 'relay' = 'any'): Promise<void> {
    await alices.relayOnly(only === 'relay');
    await alices.dial(bob.extension);
  }
  async function soundBothWays(): Promise<void> {
    await expect
      .poll(() => playedAt(alices.page, telephoneHz), { timeout: 20_000, interval: 200 })
      .toBeGreaterThan(0.5);
    const mark = await telephone.mark();
    await until(async () => (await telephone.heard(pageHz, mark)) > 0.5, 'the telephone hears the page');
    expect(await playedAt(alices.page, pageHz)).toBeLessThan(0.1);
  }

  it('behind a symmetric NAT it goes over UDP; after another public address in the middle sound is back within eight seconds', async () => {
    await callTelephone();
    await soundBothWays();
    await comesOver({ protocol: 'udp', relayProtocol: undefined, seenAt: alicesHome.publicAddress });
    await alicesHome.move();
    const movedAt = Date.now();
    // What is played a second later was sent to the new address: nothing is on its way for so long.
    const [byTelephone] = await Promise.all([
      soundReturns(telephone, pageHz, 20_000, 0.5),
      expect.poll(() => playedAt(alices.page, telephoneHz), { timeout: 20_000 }).toBeGreaterThan(0.5),
    ]);
    expect(Math.max(byTelephone, Date.now() - movedAt)).toBeLessThan(8000);
    await comesOver({ seenAt: alicesHome.publicAddress });
    await shown({ ...row, network: 'symmetric NAT, another public address in the call' });
  });

  it('two pages behind two NATs hear each other through the relay', async () => {
    const home = await networks.home('symmetric');
    const browser = await openDistantBrowser(home, networks.serverAddress, otherPageHz);
    try {
      const carols = await browser.page(carol, running.url);
      await alices.relayOnly(false);
      await alices.dial(carol.extension);
      await carols.page.getByRole('button', { name: 'Answer', exact: true }).first().click();
      for (const [page, hz] of [
        [alices, otherPageHz],
        [carols, pageHz],
      ] as const)
        await expect
          .poll(() => playedAt(page.page, hz), { timeout: 20_000, interval: 200 })
          .toBeGreaterThan(0.5);
    } finally {
      await browser.close();
    }
    const pages = { codec: 'Opus', encryption: 'SRTP (DTLS)', also: ['calls a page'] } as const;
    await shown({ ...row, ...pages, network: 'NAT: symmetric ↔ symmetric' });
  });

  it('through a TURN server alone, with credentials of that person that nothing writes down', async () => {
    await callTelephone('relay');
    await soundBothWays();
    // Chromium keeps the first TURN server's way that is ready, and under load that may be one over TCP.
    await comesOver({ protocol: 'udp', relayProtocol: expect.stringMatching(/^(udp|tcp|tls)$/) });
    const allocations = (await turn.log())
      .split('\n')
      .filter((line) => /ALLOCATE processed, success/.test(line));
    expect(allocations.length).toBeGreaterThan(0);
    const users = allocations.map((line) => /user <\d{10}:([^>]+)>/.exec(line)?.[1]);
    expect(users).toContain(alice.id);
    expect([alice.id, carol.id]).toEqual(expect.arrayContaining(users));
    expect(JSON.stringify(running.test.logged)).not.toContain(secret);
    await shown({ ...row, network: 'through TURN alone' });
  });

  it('where no UDP comes through it goes to the relay over TCP', async () => {
    await alicesHome.blockUdp();
    await callTelephone();
    await soundBothWays();
    await comesOver({ protocol: 'tcp', relayProtocol: undefined });
    await shown({ ...row, network: 'no UDP: relay over TCP' });
  });

  it.each([
    ['TCP', 'tcp', () => turn.port],
    // As through a firewall that lets nothing pass but what looks like the web.
    ['TLS', 'tls', () => turn.tlsPort],
  ] as const)(
    'where nothing comes through but pages and the TURN server, it goes there over %s',
    async (name, relayProtocol, port) => {
      await alicesHome.blockAllBut([Number(new URL(running.url).port), port()]);
      await callTelephone();
      await soundBothWays();
      // Our door sees her at an address of its own, so that she is no longer called a relay's.
      await comesOver({ protocol: 'udp', relayProtocol });
      await shown({ ...row, network: `no UDP, no relay: TURN over ${name}` });
    },
  );
});
