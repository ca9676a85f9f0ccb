import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type EdgeProxy, startEdgeProxy } from '../testing/edge-proxy.ts';
import {
  fallsSilent,
  hearEachOther,
  hearsAfter,
  openTelephoneLab,
  type TelephoneLab,
} from '../testing/telephone-lab.ts';
import { shown } from '../testing/telephone-rows.ts';

/** Telephones behind Debian's kamailio as an edge proxy: their way to us, and ours to them, lies through it. */
let lab: TelephoneLab;
let edge: EdgeProxy;

beforeAll(async () => {
  lab = await openTelephoneLab();
  edge = await startEdgeProxy(lab.folder, { port: lab.portOf('udp') });
});
afterEach(() => lab.endTelephones());
afterAll(async () => {
  await edge?.stop();
  await lab?.close();
});

it('a telephone registers through the proxy, is called, and calls; holds; both hear the other', async () => {
  const behind = await lab.telephone(lab.alice, {
    hz: 440,
    answerMode: 'auto',
    server: { host: edge.host, port: edge.port },
  });
  const desk = await lab.telephone(lab.bob, { hz: 880, answerMode: 'auto' });
  expect(await edge.passed()).toContain('in REGISTER');

  await desk.dial(lab.addressOf(lab.alice));
  await behind.waitFor('CALL_ESTABLISHED');
  await hearEachOther(behind, desk);
  let from = behind.events.length;
  await desk.hangup();
  await behind.waitFor('CALL_CLOSED', { from });
  const passed = await edge.passed();
  for (const line of ['out INVITE', 'out ACK', 'out BYE']) expect(passed).toContain(line);

  await expect.poll(() => lab.stateOf(lab.bob), { timeout: 15_000 }).toBe('free');
  from = desk.events.length;
  const earlier = { behind: await behind.samplesHeard(), desk: await desk.samplesHeard() };
  await behind.dial(lab.addressOf(lab.bob));
  await desk.waitFor('CALL_ESTABLISHED', { from });
  await hearsAfter(desk, behind.hz, earlier.desk);
  await hearsAfter(behind, desk.hz, earlier.behind);
  await behind.hold();
  const silentAt = await fallsSilent(desk);
  await behind.resume();
  await hearsAfter(desk, behind.hz, silentAt);
  await desk.hangup();
  expect(await edge.passed()).toContain('in INVITE');
  await shown({
    client: 'baresip',
    debianPackage: 'baresip-core',
    transport: 'UDP',
    codec: 'PCMU',
    encryption: 'none',
    network: 'kamailio as edge proxy',
    sound: 'both ways',
    also: ['calls', 'is called', 'hold'],
  });
});
