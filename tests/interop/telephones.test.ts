import { listCalls, listTelephones } from '@liaison/calls';
import { listDevices, revokeDevice } from '@liaison/people';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  fallsSilent,
  hearEachOther,
  hearsAfter,
  openTelephoneLab,
  type TelephoneLab,
} from '../testing/telephone-lab.ts';
import { shown } from '../testing/telephone-rows.ts';

/** Debian's baresip as two desk telephones of one organisation: registrar, calls through the relay, sound both ways. */
let lab: TelephoneLab;

beforeAll(async () => {
  lab = await openTelephoneLab();
});
afterEach(() => lab.endTelephones());
afterAll(() => lab?.close());

const stateOfBob = () => expect.poll(() => lab.stateOf(lab.bob), { timeout: 15_000 });
const stateOfAlice = () => expect.poll(() => lab.stateOf(lab.alice), { timeout: 15_000 });

describe.each(['udp', 'tcp'] as const)('two telephones over %s', (transport) => {
  it('register, ring each other by extension, hear each other, hold, and hang up', async () => {
    const { alice, bob, running } = lab;
    const a = await lab.telephone(alice, { hz: 440, transport });
    const b = await lab.telephone(bob, { hz: 880, transport });
    await stateOfBob().toBe('free');
    const registered = await fetch(`${running.url}/api/v1${listTelephones.path}`, {
      headers: { cookie: bob.cookie },
    });
    expect((await registered.json()).rows).toHaveLength(1);

    await a.dial(lab.addressOf(bob));
    await b.waitFor('CALL_INCOMING');
    await stateOfBob().toBe('ringing');
    await b.accept();
    await a.waitFor('CALL_ESTABLISHED');
    await stateOfBob().toBe('call');
    await stateOfAlice().toBe('call');
    await hearEachOther(a, b);
    await a.hold();
    const before = await fallsSilent(b);
    await a.resume();
    await hearsAfter(b, 440, before);
    await a.hangup();
    await b.waitFor('CALL_CLOSED');
    await stateOfBob().toBe('free');

    const history = await fetch(`${running.url}/api/v1${listCalls.path}?limit=1`, {
      headers: { cookie: alice.cookie },
    });
    expect((await history.json()).rows).toMatchObject([
      { direction: 'outgoing', peer: { name: 'Bob' }, reason: 'completed' },
    ]);

    await lab.endTelephones();
    // A telephone that unregisters is gone.
    await stateOfBob().toBe('offline');
    await shown({
      client: 'baresip',
      debianPackage: 'baresip-core',
      transport: transport.toUpperCase(),
      codec: 'PCMU',
      encryption: 'none',
      network: 'direct',
      sound: 'both ways',
      also: ['hold'],
    });
  });
});

describe('a telephone', () => {
  it('that nobody answers, that declines, that is cancelled: the caller is told why', async () => {
    const a = await lab.telephone(lab.alice);
    const b = await lab.telephone(lab.bob);
    await stateOfBob().toBe('free');
    let from = a.events.length;
    await a.dial(lab.addressOf(lab.bob));
    await b.waitFor('CALL_INCOMING');
    await b.hangup();
    const declined = await a.waitFor('CALL_CLOSED', { from });
    expect(declined.param).toMatch(/486|603|Decline|Busy/i);
    await stateOfBob().toBe('free');
    from = b.events.length;
    await a.dial(lab.addressOf(lab.bob));
    await b.waitFor('CALL_INCOMING', { from });
    await a.hangup();
    await b.waitFor('CALL_CLOSED', { from });
    await stateOfBob().toBe('free');
    from = a.events.length;
    await a.dial(`sip:9999@${lab.domain}`);
    expect((await a.waitFor('CALL_CLOSED', { from })).param).toMatch(/404|Not Found/i);
  });

  it('is not rung any more once it is revoked', async () => {
    const { bob, running } = lab;
    const a = await lab.telephone(lab.alice);
    await lab.telephone(bob);
    await stateOfBob().toBe('free');
    const devices = (await (
      await fetch(`${running.url}/api/v1${listDevices.path}`, { headers: { cookie: bob.cookie } })
    ).json()) as { devices: { id: string }[] };
    for (const { id } of devices.devices) {
      const answer = await fetch(`${running.url}/api/v1${revokeDevice.path.replace(':id', id)}`, {
        method: revokeDevice.method,
        headers: { cookie: bob.cookie, origin: running.url },
      });
      expect(answer.status).toBe(204);
    }
    const revokedAt = Date.now();
    await stateOfBob().toBe('offline');
    expect(Date.now() - revokedAt).toBeLessThan(5000);
    const from = a.events.length;
    await a.dial(lab.addressOf(bob));
    expect((await a.waitFor('CALL_CLOSED', { from })).param).toMatch(/480|Unavailable/i);
  });

  it('with a wrong secret is not let in', async () => {
    const phone = await lab.telephone(lab.alice, { password: 'wrong', until: 'REGISTER_FAIL' });
    expect((await phone.waitFor('REGISTER_FAIL')).param).toMatch(/401|403|Unauthorized|Forbidden/i);
  });
});
