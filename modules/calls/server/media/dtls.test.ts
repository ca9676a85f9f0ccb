import { createSocket } from 'node:dgram';
import { buildRtcp, buildRtp, parseRtp, type RtpPacket } from '@liaison/rtp';
import { type DtlsParameters, readTelephone, type Setup } from '@liaison/sdp';
import { createBarePipe, createPipeCertificate, type PipeCertificate } from '@liaison/webrtc';
import { clientHello } from '@liaison/webrtc/testing';
import { expect, test } from 'vitest';
import { openRelays } from './testing/relays.ts';
import { until } from './testing/telephone.ts';

/** Telephones that protect sound with DTLS and know no ICE (RFC 5763), on real sockets. */

const quiet = () => {};
const { newRelay, telephone: plainTelephone, afterwards } = openRelays();

/** `address` is where it really is, `says` what its description says. */
async function dtlsTelephone(
  options: { address?: string; says?: string; profile?: string; rtcpMux?: boolean } = {},
) {
  const { address = '127.0.0.1', says = address, profile = 'UDP/TLS/RTP/SAVP', rtcpMux = true } = options;
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, address, resolve));
  const { port } = socket.address();
  const packets: RtpPacket[] = [];
  let reports = 0;
  let to: { port: number; address: string } | undefined;
  const certificate = createPipeCertificate();
  const pipe = createBarePipe({
    name: 'telephone',
    certificate,
    onRtp(datagram) {
      const packet = parseRtp(datagram);
      if (packet) packets.push(packet);
    },
    onRtcp() {
      reports += 1;
    },
    onState: quiet,
    onError: console.error,
    transmit: (datagram) => to && socket.send(datagram, to.port, to.address),
  });
  socket.on('message', (datagram) => pipe.deliver(datagram));
  const second = rtcpMux ? undefined : await reportsOf(certificate, address, () => reports++);
  let timer: NodeJS.Timeout | undefined;
  afterwards(() => {
    clearInterval(timer);
    pipe.close();
    socket.close();
  });
  let version = 1;
  const describe = ({ fingerprint, setup }: DtlsParameters) =>
    [
      'v=0',
      `o=test 1 ${version++} IN IP4 ${says}`,
      's=-',
      `c=IN IP4 ${says}`,
      't=0 0',
      `m=audio ${port} ${profile} 0`,
      `a=fingerprint:${fingerprint.algorithm} ${fingerprint.value}`,
      `a=setup:${setup}`,
      ...(second ? [`a=rtcp:${second.port}`] : ['a=rtcp-mux']),
      '',
    ].join('\r\n');
  function reach(sdp: string) {
    const theirs = readTelephone(sdp);
    to = { port: theirs.port, address: '127.0.0.1' };
    second?.reach(theirs.rtcp?.port ?? theirs.port + 1);
    return theirs.dtls!;
  }
  let ours: DtlsParameters | undefined;
  return {
    port,
    pipe,
    packets,
    reports: () => reports,
    reportsPipe: second?.pipe,
    async offer(setup: Setup = 'actpass') {
      ours ??= await pipe.offer();
      await second?.pipe.offer();
      return describe({ ...ours, setup });
    },
    accept(sdp: string) {
      const theirs = reach(sdp);
      pipe.accept(theirs);
      second?.pipe.accept(theirs);
    },
    async answer(sdp: string, setup: Setup) {
      const theirs = { ...reach(sdp), setup: setup === 'active' ? 'passive' : 'active' } as const;
      await second?.pipe.answer(theirs);
      ours ??= await pipe.answer(theirs);
      return describe(ours);
    },
    play(value: number) {
      let sequence = 0;
      timer = setInterval(() => {
        sequence += 1;
        const payload = Buffer.alloc(160, value);
        pipe.send(buildRtp({ payloadType: 0, sequence, timestamp: sequence * 160, ssrc: port, payload }));
      }, 20);
    },
  };
}

/** Its second port, for reports alone (RFC 5764 §4.1). */
async function reportsOf(certificate: PipeCertificate, address: string, heard: () => void) {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, address, resolve));
  let to = 0;
  const pipe = createBarePipe({
    name: 'telephone reports',
    certificate,
    onRtp: quiet,
    onRtcp: heard,
    onState: quiet,
    onError: console.error,
    transmit: (datagram) => to > 0 && socket.send(datagram, to, '127.0.0.1'),
  });
  socket.on('message', (datagram) => pipe.deliver(datagram));
  afterwards(() => {
    pipe.close();
    socket.close();
  });
  return {
    port: socket.address().port,
    pipe,
    reach(port: number) {
      to = port;
    },
  };
}

/** What it says it heard of that source. */
const reportOn = (source: number) =>
  buildRtcp([
    {
      type: 'receiver-report',
      ssrc: 7,
      reports: [
        {
          ssrc: source,
          fractionLost: 0,
          cumulativeLost: 5,
          highestSequence: 500,
          jitter: 80,
          lastSenderReport: 0,
          delaySinceLastSenderReport: 0,
        },
      ],
    },
    { type: 'source-description', chunks: [{ ssrc: 7, cname: 'telephone' }] },
  ]);

const hears = (packets: readonly RtpPacket[], value: number) =>
  packets.some(({ payload }) => payload.length === 160 && payload[80] === value);

test.each(['actpass', 'active', 'passive'] as const)(
  'a telephone that offers DTLS as %s is heard by a plain one, and hears it; a new description changes nothing',
  async (setup) => {
    const relay = await newRelay();
    const [caller, called] = [await dtlsTelephone(), await plainTelephone()];
    await relay.connect('caller', 'called');
    const { offer } = await relay.rtpOffer('called', { codecs: ['PCMU'] });
    await relay.rtpAccept('called', called.answer(offer), '127.0.0.1');
    const { answer } = await relay.rtpAnswer('caller', await caller.offer(setup), '127.0.0.1');
    expect(answer).toMatch(/m=audio \d+ UDP\/TLS\/RTP\/SAVP 0/);
    // RFC 5763 §5: who may choose opens.
    expect(answer).toContain(`a=setup:${setup === 'active' ? 'passive' : 'active'}\r\n`);
    expect(answer).not.toMatch(/a=(crypto|ice-|candidate)/);
    caller.accept(answer);
    await until(() => caller.pipe.state === 'connected', 'DTLS');
    caller.play(42);
    called.play('PCMU', 660, offer);
    await until(() => hears(called.packets, 42) && caller.packets.length > 20, 'sound both ways');
    expect((await relay.stats()).ends.caller).toMatchObject({ srtp: 'DTLS', state: 'connected', refused: 0 });

    const again = await relay.rtpAnswer('caller', await caller.offer(), '127.0.0.1');
    const certificateIn = (sdp: string) => /a=fingerprint:.*/.exec(sdp)?.[0];
    expect(certificateIn(again.answer)).toBe(certificateIn(answer));
    const renewed = await relay.rtpOffer('caller');
    expect(renewed.offer).toMatch(/UDP\/TLS\/RTP\/SAVP[\s\S]*a=setup:actpass/);
    expect(certificateIn(renewed.offer)).toBe(certificateIn(answer));
    const [before, atCalled] = [caller.packets.length, called.packets.length];
    await until(
      () => caller.packets.length > before + 20 && called.packets.length > atCalled + 20,
      'goes on',
    );
  },
);

test.each(['active', 'passive'] as const)('we ring with DTLS, and it answers as %s', async (setup) => {
  const relay = await newRelay();
  const [caller, called] = [await plainTelephone(), await dtlsTelephone()];
  await relay.connect('caller', 'called');
  const { offer } = await relay.rtpOffer('called', { codecs: ['PCMU'], srtp: 'dtls' });
  expect(offer).toMatch(/m=audio \d+ UDP\/TLS\/RTP\/SAVP 0[\s\S]*a=rtcp-mux/);
  await relay.rtpAccept('called', await called.answer(offer, setup), '127.0.0.1');
  const { answer } = await relay.rtpAnswer('caller', caller.offer('0'), '127.0.0.1');
  await until(() => called.pipe.state === 'connected', 'DTLS');
  called.play(42);
  caller.play('PCMU', 440, answer);
  await until(() => hears(caller.packets, 42) && called.packets.length > 20, 'sound both ways');
  await until(() => called.reports() > 0, 'our reports');
  // Plain words in answer to this are refused, and it talks on.
  await relay.rtpOffer('called');
  await expect(relay.rtpAccept('called', caller.offer('0'), '127.0.0.1')).rejects.toMatchObject({
    code: 'bad-sdp',
  });
});

test('one that means DTLS by RTP/SAVP is understood, when it is rung and when it calls', async () => {
  const relay = await newRelay();
  const profile = 'RTP/SAVP';
  const [caller, called] = [await dtlsTelephone({ profile }), await dtlsTelephone({ profile })];
  await relay.connect('caller', 'called');
  const { offer } = await relay.rtpOffer('called', { codecs: ['PCMU'], srtp: 'required' });
  expect(offer).toMatch(/m=audio \d+ RTP\/SAVP 0[\s\S]*a=crypto:[\s\S]*a=fingerprint:/);
  // The key in it is for others: without it, as this telephone reads it.
  const read = offer.replaceAll(/a=crypto:.*\r\n/g, '');
  await relay.rtpAccept('called', await called.answer(read, 'active'), '127.0.0.1');
  const { answer } = await relay.rtpAnswer('caller', await caller.offer(), '127.0.0.1');
  expect(answer).toMatch(/m=audio \d+ RTP\/SAVP 0/);
  caller.accept(answer);
  const isUp = () => caller.pipe.state === 'connected' && called.pipe.state === 'connected';
  await until(isUp, 'both DTLS');
  caller.play(42);
  called.play(43);
  await until(() => hears(called.packets, 42) && hears(caller.packets, 43), 'sound both ways');
  expect((await relay.rtpOffer('called')).offer).toMatch(/m=audio \d+ RTP\/SAVP 0/);
});

test('behind a NAT it opens DTLS itself, and is found by that', async () => {
  const relay = await newRelay();
  // Its description says an address that it has at home, its signalling comes from another.
  const caller = await dtlsTelephone({ address: '127.0.0.3', says: '127.0.0.2' });
  const called = await plainTelephone();
  await relay.connect('caller', 'called');
  const { offer } = await relay.rtpOffer('called', { codecs: ['PCMU'] });
  await relay.rtpAccept('called', called.answer(offer), '127.0.0.1');
  const { answer } = await relay.rtpAnswer('caller', await caller.offer(), '127.0.0.3');
  expect(answer).toContain('a=setup:passive\r\n');
  caller.accept(answer);
  called.play('PCMU', 660, offer);
  await until(() => caller.packets.length > 20, 'sound');
});

test.each(['active', 'actpass'] as const)(
  "a stranger's ClientHello that is first, and again and again, is not heard (%s)",
  async (setup) => {
    const relay = await newRelay();
    const [caller, called] = [await dtlsTelephone(), await plainTelephone()];
    const strangers = await Promise.all(
      ['127.0.0.1', '127.0.0.9'].map(async (address) => {
        const socket = createSocket('udp4');
        await new Promise<void>((resolve) => socket.bind(0, address, resolve));
        afterwards(() => socket.close());
        return socket;
      }),
    );
    let answered = 0;
    for (const stranger of strangers) stranger.on('message', () => answered++);
    await relay.connect('caller', 'called');
    const { offer } = await relay.rtpOffer('called', { codecs: ['PCMU'] });
    await relay.rtpAccept('called', called.answer(offer), '127.0.0.1');
    const { answer } = await relay.rtpAnswer('caller', await caller.offer(setup), '127.0.0.1');
    const { port } = readTelephone(answer);
    const attack = () => {
      for (const stranger of strangers)
        for (let count = 0; count < 10; count++) {
          stranger.send(clientHello(), port, '127.0.0.1');
          stranger.send(clientHello().subarray(0, 20 + count), port, '127.0.0.1');
        }
    };
    attack();
    // They are seen before the telephone says its first word.
    await until(async () => (await relay.stats()).ends.caller!.refused >= 40, 'the strangers');
    const repeated = setInterval(attack, 10);
    afterwards(() => clearInterval(repeated));
    caller.accept(answer);
    called.play('PCMU', 660, offer);
    await until(() => caller.packets.length > 20, 'sound');
    expect(answered).toBe(0);
  },
);

test('one that takes no rtcp-mux has sound both ways, and reports on its second port, whoever offers and opens', async () => {
  const talk = async (how: 'offers' | 'answers', setup: Setup) => {
    const relay = await newRelay();
    const [it, other] = [await dtlsTelephone({ rtcpMux: false }), await plainTelephone()];
    await relay.connect('it', 'other');
    const { offer } = await relay.rtpOffer('other', { codecs: ['PCMU'] });
    await relay.rtpAccept('other', other.answer(offer), '127.0.0.1');
    if (how === 'offers') {
      const { answer } = await relay.rtpAnswer('it', await it.offer(setup), '127.0.0.1');
      expect(answer).not.toContain('a=rtcp-mux'); // RFC 5761 §5.1.1
      it.accept(answer);
    } else {
      const ours = await relay.rtpOffer('it', { codecs: ['PCMU'], srtp: 'dtls' });
      await relay.rtpAccept('it', await it.answer(ours.offer, setup), '127.0.0.1');
    }
    const isUp = () => it.pipe.state === 'connected' && it.reportsPipe?.state === 'connected';
    await until(isUp, `DTLS, twice, where it ${how} as ${setup}`);
    it.play(42);
    other.play('PCMU', 660, offer);
    await until(() => hears(other.packets, 42) && it.packets.length > 20, 'sound both ways');
    it.reportsPipe?.send(reportOn(it.packets[0]!.ssrc));
    const heard = async () => (await relay.stats()).ends.it?.quality?.heard;
    await until(async () => (await heard()) !== undefined, 'what it heard');
    expect(await heard()).toMatchObject({ jitterMs: 10 });
    await until(() => it.reports() > 0, 'our report');
  };
  await Promise.all([
    talk('offers', 'actpass'),
    talk('offers', 'passive'),
    talk('answers', 'active'),
    talk('answers', 'passive'),
  ]);
});

test('another certificate than the one that was said: no sound, and the end has failed', async () => {
  const relay = await newRelay();
  const [caller, called] = [await dtlsTelephone(), await plainTelephone()];
  await relay.connect('caller', 'called');
  const { offer } = await relay.rtpOffer('called', { codecs: ['PCMU'] });
  await relay.rtpAccept('called', called.answer(offer), '127.0.0.1');
  const states: string[] = [];
  relay.onEndState((_end, state) => states.push(state));
  const forged = (await caller.offer()).replace(
    /a=fingerprint:(\S+) (..)/,
    (_, name: string, first: string) => `a=fingerprint:${name} ${first === '00' ? '11' : '00'}`,
  );
  const { answer } = await relay.rtpAnswer('caller', forged, '127.0.0.1');
  caller.accept(answer);
  called.play('PCMU', 660, offer);
  await until(() => states.includes('failed'), 'the end');
  expect(caller.packets).toEqual([]);
});
