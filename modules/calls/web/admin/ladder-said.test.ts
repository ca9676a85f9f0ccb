import { describe, expect, it } from 'vitest';
import { readTitle } from './ladder-said.ts';

const key = (kind: 'sip' | 'page' | 'model', title: string, body: string | null = null): unknown => {
  const said = readTitle({ kind, title, body });
  return said?.kind === 'said' ? [said.key, said.values] : said;
};

describe('what a line of a ladder means', () => {
  it('requests, and an INVITE in a call that stands', () => {
    expect(key('sip', 'INVITE', 'INVITE sip:a@b SIP/2.0\r\nTo: <sip:a@b>\r\n')).toEqual([
      'invite',
      undefined,
    ]);
    expect(key('sip', 'INVITE', 'INVITE sip:a@b SIP/2.0\r\nt: <sip:a@b>;tag=x\r\n')).toEqual([
      'reinvite',
      undefined,
    ]);
    expect(key('sip', 'BYE')).toEqual(['bye', undefined]);
    expect(key('sip', 'FOO')).toBeNull();
    expect(key('sip', 'constructor')).toBeNull();
  });

  it('responses, those without a meaning of their own by their class', () => {
    expect(
      ['180 Ringing', '486 Busy Here', '182 Queued', '302 Moved', '420 Bad Extension', '504 x', '606 y'].map(
        (title) => (readTitle({ kind: 'sip', title, body: null }) as { key: string }).key,
      ),
    ).toEqual(['rings', 'busy', 'underWay', 'elsewhere', 'refused', 'serverFailed', 'refused']);
  });

  it('what pages ask and are told', () => {
    expect(key('page', 'hold on')).toEqual(['holdOn', undefined]);
    expect(key('page', 'media round 3: offer wanted, relay')).toEqual(['roundRelay', { round: '3' }]);
    expect(key('page', 'media round 12: connected')).toEqual(['roundConnected', { round: '12' }]);
    expect(key('page', 'media round 12: whatever')).toBeNull();
  });

  it('what the server notes', () => {
    expect(key('model', 'dialled *43')).toEqual(['dialled', { what: '*43' }]);
    expect(key('model', 'dialled (a person)')).toEqual(['dialledPerson', undefined]);
    expect(key('model', 'ended: no-answer')).toEqual({ kind: 'ended', reason: 'no-answer' });
    expect(key('model', 'connected · media relay · caller page, callee service')).toEqual({
      kind: 'state',
      state: 'connected',
      path: 'relay',
      legs: [
        { role: 'caller', kind: 'page' },
        { role: 'callee', kind: 'service' },
      ],
    });
    expect(key('model', 'ringing · caller telephone, rings telephone, rings page')).toMatchObject({
      path: null,
      legs: [{}, {}, { role: 'rings', kind: 'page' }],
    });
    expect(key('model', 'something else')).toBeNull();
  });
});
