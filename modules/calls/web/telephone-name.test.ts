import { describe, expect, it } from 'vitest';
import { programOf } from './telephone-name.ts';

describe('the program of a telephone', () => {
  it.each([
    ['baresip v1.0.0 (x86_64/linux)', 'baresip 1.0.0'],
    ['Linphone/4.4.1 (belle-sip/5.1.0)', 'Linphone 4.4.1'],
    ['LinphoneAndroid/5.2.5 (Pixel 7 (work)) LinphoneSDK/5.3.46', 'LinphoneAndroid 5.2.5'],
    ['Yealink SIP-T46S 66.84.0.15', 'Yealink SIP-T46S 66.84.0.15'],
    ['PolycomVVX-VVX_411-UA/5.9.3.2857', 'PolycomVVX-VVX_411-UA 5.9.3.2857'],
    ['snomD785/10.1.64.14', 'snomD785 10.1.64.14'],
    ['JsSIP 3.13.8', 'JsSIP 3.13.8'],
    [`x${'y'.repeat(200)}`, `x${'y'.repeat(38)}…`],
  ])('%s', (userAgent, shown) => {
    expect(programOf(userAgent)).toBe(shown);
  });

  it('is none where it says nothing of itself', () => {
    for (const nothing of [null, '', '  ', '(only a comment)']) expect(programOf(nothing)).toBeNull();
  });
});
