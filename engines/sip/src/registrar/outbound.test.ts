import { afterEach, describe, expect, test } from 'vitest';
import { poll } from '../../testing/poll.ts';
import { startRawPeer } from '../../testing/raw-peer.ts';
import {
  address,
  exampleSdp,
  type RegistrarFixture,
  startPhone,
  startRegistrar,
} from '../../testing/registrar-fixture.ts';
import { parseNameAddr, parseSipUri, SipRequest, type SipResponse } from '../index.ts';
import { createGruus } from './gruu.ts';
import { isOutbound } from './outbound.ts';
import { parseRegistrationChanges } from './parse-registration.ts';

const open: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.stop();
});

const instance = '+sip.instance="<urn:uuid:00000000-0000-1000-8000-000a95a0e128>"';

async function setUp() {
  const server: RegistrarFixture = await startRegistrar({ marta: 'secret' });
  const { agent } = await startPhone();
  open.push(server, agent);
  let cseq = 0;
  const register = (
    contact: string,
    headers: [string, string][] = [],
    callId = 'series',
  ): Promise<SipResponse> => {
    cseq += 10;
    return agent.request({
      method: 'REGISTER',
      target: parseSipUri(`sip:127.0.0.1:${server.port}`),
      from: address('marta'),
      to: address('marta'),
      auth: { username: 'marta', password: 'secret' },
      callId,
      cseq,
      headers: [['contact', contact], ...headers],
    });
  };
  return { server, register };
}

describe('outbound (RFC 5626)', () => {
  const supported: [string, string] = ['supported', 'path, outbound'];

  test('each flow of an instance has a binding, and a new one takes the place of the old', async () => {
    const { server, register } = await setUp();
    const first = await register(`<sip:marta@192.0.2.1:1;ob>;reg-id=1;${instance}`, [supported]);
    expect(first.headers.get('require')).toBe('outbound');
    expect(first.headers.get('flow-timer')).toBe('30');
    await register(`<sip:marta@192.0.2.1:2;ob>;reg-id=2;${instance}`, [supported], 'second');
    await register(`<sip:marta@192.0.2.9:3;ob>;reg-id=1;${instance}`, [supported], 'third');
    const bindings = server.bindings.get('marta')!;
    expect(bindings.map(({ uri }) => uri).sort()).toEqual([
      'sip:marta@192.0.2.1:2;ob',
      'sip:marta@192.0.2.9:3;ob',
    ]);
  });

  test('without the option tag, an instance or a reg-id it is an ordinary registration', async () => {
    const { register } = await setUp();
    for (const [contact, headers] of [
      [`<sip:marta@192.0.2.1>;reg-id=1;${instance}`, []],
      [`<sip:marta@192.0.2.1>;${instance}`, [supported]],
      ['<sip:marta@192.0.2.1>;reg-id=1', [supported]],
    ] as [string, [string, string][]][]) {
      const response = await register(contact, headers);
      expect(response.status).toBe(200);
      expect(response.headers.has('require')).toBe(false);
    }
  });

  test('behind a proxy that does not keep flows it is refused with 439', async () => {
    const contact = `<sip:marta@192.0.2.1>;reg-id=1;${instance}`;
    const request = new SipRequest('REGISTER', 'sip:estuaria.example', [
      ['via', 'SIP/2.0/UDP 192.0.2.7;branch=z9hG4bKp, SIP/2.0/UDP client.invalid;branch=z9hG4bKc'],
      ['contact', contact],
      supported,
    ]);
    const changes = parseRegistrationChanges(request, {
      minExpiresSeconds: 60,
      maxExpiresSeconds: 3600,
      defaultExpiresSeconds: 3600,
    });
    expect(() => isOutbound(request, changes, [])).toThrow('First Hop Lacks Outbound Support');
    expect(() => isOutbound(request, changes, ['<sip:p;lr>'])).toThrow();
    expect(isOutbound(request, changes, ['<sip:p;lr;ob>'])).toBe(true);
    const { register } = await setUp();
    expect((await register(`${contact}, <sip:marta@192.0.2.2>`, [supported])).status).toBe(400);
  });
});

describe('a NAT that forgets (RFC 4787 §4.3)', () => {
  const given = async (via: string, headers: [string, string][] = [], expires = 3600) => {
    const { server } = await startNat();
    const peer = await startRawPeer(server.port);
    open.push({ stop: () => peer.close() });
    peer.send(
      new SipRequest('REGISTER', 'sip:estuaria.example', [
        ['via', `SIP/2.0/UDP ${via.replace('PORT', String(peer.port))};rport;branch=z9hG4bKnat`],
        ['from', '<sip:marta@estuaria.example>;tag=peer'],
        ['to', '<sip:marta@estuaria.example>'],
        ['call-id', 'nat'],
        ['cseq', '1 REGISTER'],
        ['contact', `<sip:marta@127.0.0.1:${peer.port}>`],
        ['expires', String(expires)],
        ...headers,
      ]),
    );
    return parseNameAddr((await peer.next(200)).headers.get('contact')!).params.get('expires');
  };
  /** Whoever registers is believed. */
  async function startNat() {
    const server = await startRegistrar({}, { authenticate: async () => ({ principal: 'marta' }) });
    open.push(server);
    return { server };
  }

  test.each([
    ['its own address is another', '192.168.1.7:PORT', [], 3600, '120'],
    ['less than it is given', '192.168.1.7:PORT', [], 60, '60'],
    ['no NAT', '127.0.0.1:PORT', [], 3600, '3600'],
    ['a name, which tells nothing', 'telephone.invalid:PORT', [], 3600, '3600'],
    ['it keeps its flow open itself', '192.168.1.7:PORT', [['supported', 'outbound']], 3600, '3600'],
  ] as [string, string, [string, string][], number, string][])(
    'registers anew in time: %s',
    async (_what, via, headers, wished, expires) => {
      expect(await given(via, headers, wished)).toBe(expires);
    },
  );
});

describe('Path (RFC 3327)', () => {
  test('is kept with the binding, told in the answer, and followed by calls', async () => {
    const { server, register } = await setUp();
    const edge = await startRawPeer(server.port);
    open.push({ stop: () => edge.close() });
    const path = `<sip:127.0.0.1:${edge.port};lr;ob>`;
    const response = await register('<sip:marta@192.0.2.1>', [['path', path]]);
    expect(response.headers.get('path')).toBe(path);
    const { binding, target } = server.contactOf('marta')!;
    expect(binding.path).toEqual([path]);
    server.agent.invite({
      target,
      route: binding.path!,
      from: address('tomás'),
      to: address('marta'),
      offer: exampleSdp(),
    });
    const invite = await edge.nextRequest('INVITE');
    expect(invite.headers.get('route')).toBe(path);
    expect(invite.uriText).toBe('sip:marta@192.0.2.1');
    edge.answer(invite, 486);
    await poll('the end', () => server.agent.sessions.size === 0);
  });

  test.each(['<tel:+351>', 'x'.repeat(2000), '<sip:p;lr>, '.repeat(12)])(
    'a bad one is refused',
    async (path) => {
      const { register } = await setUp();
      expect((await register('<sip:marta@192.0.2.1>', [['path', path]])).status).toBe(400);
    },
  );
});

describe('GRUU (RFC 5627)', () => {
  test('both kinds are given, lead to the instance, and the temporary one dies with its series', async () => {
    const { server, register } = await setUp();
    const contact = `<sip:marta@192.0.2.1>;${instance}`;
    const response = await register(contact, [['supported', 'gruu']]);
    const given = parseNameAddr(response.headers.get('contact')!).params;
    expect(given.get('pub-gruu')).toBe(
      'sip:marta@estuaria.example;gr=urn:uuid:00000000-0000-1000-8000-000a95a0e128',
    );
    const hidden = parseSipUri(given.get('temp-gruu')!);
    expect(given.get('temp-gruu')).not.toMatch(/marta|000a95/);
    const open_ = server.agent.resolveGruu(parseSipUri(given.get('pub-gruu')!))!;
    const temporary = server.agent.resolveGruu(hidden)!;
    const before = server.bindings.get('marta')![0]!;
    for (const resolved of [open_, temporary]) {
      expect(resolved.aor).toMatchObject({ user: 'marta', host: 'estuaria.example' });
      expect(resolved.isFor(before)).toBe(true);
    }
    await register(contact, [['supported', 'gruu']], 'another-series');
    const after = server.bindings.get('marta')!.at(-1)!;
    expect(open_.isFor(after)).toBe(true);
    expect(temporary.isFor(after)).toBe(false);
    expect((await register(`<${given.get('pub-gruu')}>`)).status).toBe(403);
    const plain = await register(contact);
    expect(plain.headers.get('contact')).not.toContain('gruu');
  });

  test('another secret, host or letter makes a temporary one nobody’s', () => {
    const gruus = createGruus(Buffer.from('secret'));
    const aor = parseSipUri('sip:marta@estuaria.example');
    const hidden = gruus.temporaryFor(aor, 'urn:uuid:1', 'series');
    expect(gruus.resolve(hidden)).toBeDefined();
    expect(createGruus(Buffer.from('other')).resolve(hidden)).toBeUndefined();
    expect(gruus.resolve({ ...hidden, host: 'other.example' })).toBeUndefined();
    expect(gruus.resolve({ ...hidden, user: `${hidden.user}A` })).toBeUndefined();
    expect(gruus.resolve(aor)).toBeUndefined();
    expect(gruus.temporaryFor(aor, 'urn:uuid:1', 'series').user).not.toBe(hidden.user);
  });
});
