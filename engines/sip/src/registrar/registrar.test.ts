import { describe, expect, test } from 'vitest';
import { SipRequest } from '../message/message.ts';
import { ParseError } from '../message/parse-error.ts';
import { SipRefusal } from '../refusal.ts';
import type { Flow } from '../transport/types.ts';
import { applyRegistration, registeredContacts } from './apply-registration.ts';
import { parseAor, parseRegistrationChanges } from './parse-registration.ts';
import type { Binding, RegistrationChanges } from './types.ts';

const limits = { minExpiresSeconds: 60, maxExpiresSeconds: 3600, defaultExpiresSeconds: 1800 };
const flow: Flow = {
  id: 'udp:1',
  protocol: 'udp',
  local: { address: '127.0.0.1', port: 5060 },
  remote: { address: '127.0.0.2', port: 5060 },
};

function register(headers: [string, string][], to = '<sip:marta@estuaria.example>'): SipRequest {
  return new SipRequest('REGISTER', 'sip:estuaria.example', [
    ['via', 'SIP/2.0/UDP 127.0.0.2;branch=z9hG4bKx'],
    ['from', `${to};tag=f`],
    ['to', to],
    ['call-id', 'call'],
    ['cseq', '1 REGISTER'],
    ...headers,
  ]);
}

const changes = (...headers: [string, string][]) => parseRegistrationChanges(register(headers), limits);

describe('what a REGISTER asks', () => {
  test('nothing, to know what is bound', () => {
    expect(changes()).toEqual({ kind: 'query' });
  });

  test('to bind contacts, with what they say of themselves', () => {
    expect(
      changes(
        ['expires', '120'],
        [
          'contact',
          '"Marta" <sip:marta@127.0.0.2:5070;transport=tcp>;q=0.7;+sip.instance="<urn:uuid:1>";reg-id=2;x',
        ],
        ['contact', 'sip:marta@127.0.0.3;expires=7200, <sip:marta@127.0.0.4>;expires=0;q=7'],
      ),
    ).toEqual({
      kind: 'update',
      contacts: [
        {
          uri: 'sip:marta@127.0.0.2:5070;transport=tcp',
          expiresSeconds: 120,
          q: 0.7,
          instanceId: 'urn:uuid:1',
          regId: 2,
          params: ';+sip.instance="<urn:uuid:1>";reg-id=2;x',
        },
        { uri: 'sip:marta@127.0.0.3', expiresSeconds: 3600, q: 1, params: '' },
        { uri: 'sip:marta@127.0.0.4', expiresSeconds: 0, q: 1, params: '' },
      ],
    });
  });

  test.each([
    ['a malformed Expires counts as absent', ['expires', 'soon'], 1800],
    ['an endless Expires is cut', ['expires', '9'.repeat(60)], 3600],
  ] as const)('%s', (_what, header, seconds) => {
    expect(changes([...header], ['contact', '<sip:m@h>'])).toMatchObject({
      contacts: [{ expiresSeconds: seconds }],
    });
  });

  test('to forget everything', () => {
    expect(changes(['contact', '*'], ['expires', '0'])).toEqual({ kind: 'remove-all' });
  });

  test.each([
    ['a wildcard without Expires: 0', [['contact', '*']]],
    [
      'a wildcard among others',
      [
        ['expires', '0'],
        ['contact', '*, <sip:m@h>'],
      ],
    ],
    ['a question mark outside of brackets', [['contact', 'sip:m@h?Route=x']]],
    ['too many contacts', [['contact', Array.from({ length: 11 }, (_, n) => `<sip:${n}@h>`).join(', ')]]],
  ] as [string, [string, string][]][])('%s is refused', (_what, headers) => {
    expect(() => changes(...headers)).toThrow(ParseError);
  });

  test('too short an interval is 423 and says what would do', () => {
    try {
      changes(['contact', '<sip:m@h>;expires=59']);
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ status: 423, headers: [['min-expires', '60']] });
    }
  });

  test('the address is To without parameters; other schemes are unknown here', () => {
    expect(parseAor(register([], '<sip:marta@Estuaria.example:5060;x=y>'))).toEqual({
      scheme: 'sip',
      user: 'marta',
      host: 'estuaria.example',
      params: new Map(),
    });
    expect(() => parseAor(register([], '<isbn:2983792873>'))).toThrow(SipRefusal);
  });
});

describe('bindings', () => {
  const nowMs = 1_000_000;
  const apply = (bindings: Binding[], what: RegistrationChanges, cseq = 1, callId = 'call', atMs = nowMs) =>
    applyRegistration(bindings, { changes: what, flow, callId, cseq }, atMs);
  const bind = (...headers: [string, string][]) => changes(...headers);
  const one = bind(['contact', '<sip:m@127.0.0.2>;expires=60']);

  test('are made, refreshed, listed, and gone after their time', () => {
    const first = apply([], one);
    expect(registeredContacts(first, nowMs + 1)).toEqual([
      { uri: 'sip:m@127.0.0.2', q: 1, params: '', expiresSeconds: 60 },
    ]);
    const refreshed = apply(first, one, 2, 'call', nowMs + 30_000);
    expect(refreshed).toHaveLength(1);
    expect(refreshed[0]!.expiresAtMs).toBe(nowMs + 90_000);
    expect(registeredContacts(refreshed, nowMs + 90_000)).toEqual([]);
    expect(apply(refreshed, { kind: 'query' }, 3, 'call', nowMs + 90_000)).toEqual([]);
  });

  test('are equal by URI comparison, not by text', () => {
    const first = apply([], one);
    expect(apply(first, bind(['contact', '<SIP:m@127.0.0.2;other=1>']), 2)).toHaveLength(1);
    expect(apply(first, bind(['contact', '<sip:m@127.0.0.2:5060>']), 2)).toHaveLength(2);
  });

  test('of one instance and reg-id replace each other whatever the URI (RFC 5626 §6)', () => {
    const instance = ';+sip.instance="<urn:uuid:1>";reg-id=1';
    const first = apply([], bind(['contact', `<sip:m@127.0.0.2:1>${instance}`]));
    const second = apply(first, bind(['contact', `<sip:m@127.0.0.2:2>${instance}`]), 1, 'another call');
    expect(second.map(({ uri }) => uri)).toEqual(['sip:m@127.0.0.2:2']);
  });

  test('are not undone by an older request, and none of its changes is made', () => {
    const first = apply([], one, 5);
    const both = bind(['contact', '<sip:new@127.0.0.9>, <sip:m@127.0.0.2>;expires=0']);
    expect(() => apply(first, both, 5)).toThrow(SipRefusal);
    expect(() => apply(first, { kind: 'remove-all' }, 4)).toThrow(SipRefusal);
    expect(apply(first, both, 1, 'another call').map(({ uri }) => uri)).toEqual(['sip:new@127.0.0.9']);
    expect(apply(first, { kind: 'remove-all' }, 6)).toEqual([]);
  });

  test('are no more than 20', () => {
    let bindings: Binding[] = [];
    for (let n = 0; n < 20; n++)
      bindings = apply(bindings, bind(['contact', `<sip:m@127.0.0.2:${n + 1}>`]), n + 1);
    expect(() => apply(bindings, bind(['contact', '<sip:m@127.0.0.2:99>']), 99)).toThrow(SipRefusal);
  });

  test('are plain data', () => {
    const bindings = apply([], one);
    expect(JSON.parse(JSON.stringify(bindings))).toEqual(bindings);
  });
});
