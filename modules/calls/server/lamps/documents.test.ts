import { reachStates } from '@liaison/reach';
import { describe, expect, it } from 'vitest';
import { writeDialogInfo } from './dialog-info.ts';
import { writePidf } from './pidf.ts';
import { xmlText } from './xml-text.ts';

const entity = 'sip:ines@estuaria.example';

describe('the document of a lamp', () => {
  it.each([
    ['ringing', '<dialog id="line" direction="recipient"><state>early</state></dialog>'],
    ['call', '<dialog id="line"><state>confirmed</state></dialog>'],
    ['meeting', '<dialog id="line"><state>confirmed</state></dialog>'],
    ['dnd', '<dialog id="line"><state>confirmed</state></dialog>'],
    ['away', ''],
    ['free', ''],
    ['offline', ''],
  ] as const)('of %s', (state, dialog) => {
    expect(writeDialogInfo({ entity, version: 7, state })).toBe(
      '<?xml version="1.0" encoding="UTF-8"?>\r\n' +
        '<dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info" version="7" state="full" ' +
        `entity="sip:ines@estuaria.example">${dialog}</dialog-info>\r\n`,
    );
  });
});

describe('the document of presence', () => {
  it('is open for whoever would be rung, closed for everybody else, with the reason', () => {
    const told = Object.fromEntries(
      reachStates.map((state) => {
        const text = writePidf({ entity, state, atMs: 0 });
        return [state, [/<basic>(\w+)</.exec(text)?.[1], /<rpid:activities><rpid:([\w-]+)/.exec(text)?.[1]]];
      }),
    );
    expect(told).toEqual({
      ringing: ['closed', 'on-the-phone'],
      call: ['closed', 'on-the-phone'],
      meeting: ['closed', 'meeting'],
      dnd: ['closed', 'busy'],
      away: ['open', 'away'],
      free: ['open', undefined],
      offline: ['closed', undefined],
    });
  });
});

it('XML has its references, and nothing that it has no character for', () => {
  expect(xmlText(`sip:a"b'<&>\u0000\u001b\ud800é😀@x`)).toBe('sip:a&quot;b&apos;&lt;&amp;&gt;é😀@x');
});
