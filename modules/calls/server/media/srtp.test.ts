import { buildRtp } from '@liaison/rtp';
import { CRYPTO_SUITES } from '@liaison/sdp';
import { expect, test } from 'vitest';
import { openRelays } from './testing/relays.ts';
import { until } from './testing/telephone.ts';

const { newRelay, telephone } = openRelays();

test.each(CRYPTO_SUITES)(
  'a telephone that calls with %s is heard by a plain one, and hears it',
  async (suite) => {
    const relay = await newRelay();
    const [caller, called] = [await telephone({ srtp: { suite } }), await telephone()];
    await relay.connect('caller', 'called');
    const { offer } = await relay.rtpOffer('called');
    expect(offer).not.toContain('crypto');
    await relay.rtpAccept('called', called.answer(offer), '127.0.0.1');
    const { answer } = await relay.rtpAnswer('caller', caller.offer('0'), '127.0.0.1');
    expect(answer).toMatch(/m=audio \d+ RTP\/SAVP 0/);
    caller.play('PCMU', 440, answer);
    called.play('PCMU', 660, offer);
    await until(() => called.hears(440) > 0.9 && caller.hears(660) > 0.9, 'both hear');
    const { ends } = await relay.stats();
    expect(ends.caller).toMatchObject({ srtp: suite, refused: 0 });
    expect(ends.called!.srtp).toBeUndefined();
  },
);

test('we ring: a wish is taken by who can and left by who cannot, a demand is not', async () => {
  const relay = await newRelay();
  const suite = 'AES_CM_128_HMAC_SHA1_80';
  const [secure, plain] = [await telephone({ srtp: { suite, avp: true } }), await telephone()];
  await relay.connect('secure', 'plain');
  const toSecure = await relay.rtpOffer('secure', { codecs: ['PCMU'], srtp: 'optional' });
  expect(toSecure.offer).toMatch(/m=audio \d+ RTP\/AVP 0/);
  expect(toSecure.offer.match(/a=crypto:/g)).toHaveLength(5);
  await relay.rtpAccept('secure', secure.answer(toSecure.offer), '127.0.0.1');
  const toPlain = await relay.rtpOffer('plain', { codecs: ['PCMU'], srtp: 'optional' });
  await relay.rtpAccept('plain', plain.answer(toPlain.offer), '127.0.0.1');
  secure.play('PCMU', 440, toSecure.offer);
  plain.play('PCMU', 660, toPlain.offer);
  await until(() => plain.hears(440) > 0.9 && secure.hears(660) > 0.9, 'both hear');

  // A new description keeps the keys, and the stream under them goes on.
  const again = await relay.rtpOffer('secure');
  expect(again.offer.match(/a=crypto:.*/g)).toEqual(
    toSecure.offer.match(/a=crypto:.*/g)!.filter((line) => line.includes(`${suite} `)),
  );
  await relay.rtpAccept('secure', secure.answer(again.offer), '127.0.0.1');
  const heard = secure.packets.length;
  await until(() => secure.packets.length > heard + 30 && secure.hears(660) > 0.9, 'still heard');

  const demanded = await relay.rtpOffer('third', { srtp: 'required' });
  expect(demanded.offer).toContain('RTP/SAVP');
  await expect(relay.rtpAccept('third', plain.answer(demanded.offer), '127.0.0.1')).rejects.toMatchObject({
    code: 'bad-sdp',
  });
});

test('what does not prove itself is neither latched nor relayed; what does may come from anywhere', async () => {
  const relay = await newRelay();
  const suite = 'AES_CM_128_HMAC_SHA1_80';
  const caller = await telephone({ srtp: { suite }, address: '127.0.0.2' });
  const [called, stranger] = [await telephone(), await telephone()];
  await relay.connect('caller', 'called');
  const { offer } = await relay.rtpOffer('called', { codecs: ['PCMU'] });
  await relay.rtpAccept('called', called.answer(offer), '127.0.0.1');
  // Its description and its signalling say an address that it does not send from.
  const offered = caller.offer('0').replaceAll('127.0.0.2', '127.0.0.1');
  const { answer } = await relay.rtpAnswer('caller', offered, '127.0.0.1');
  for (let sequence = 0; sequence < 50; sequence++)
    stranger.send(
      buildRtp({ payloadType: 0, sequence, timestamp: 0, ssrc: 1, payload: Buffer.alloc(170) }),
      answer,
    );
  await until(async () => (await relay.stats()).ends.caller!.refused >= 50, 'all refused');
  expect((await relay.stats()).ends.caller).toMatchObject({ state: 'new', received: { packets: 0 } });
  expect(called.packets).toEqual([]);
  caller.play('PCMU', 440, answer);
  called.play('PCMU', 660, offer);
  await until(() => called.hears(440) > 0.9 && caller.hears(660) > 0.9, 'both hear');
  expect(stranger.packets).toEqual([]);
});
