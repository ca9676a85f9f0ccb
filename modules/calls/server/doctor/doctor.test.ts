import { createSocket, type Socket } from 'node:dgram';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createHa1, createUserAgent, type InviteSession, type UserAgent } from '@liaison/sip';
import { afterEach, describe, expect, it } from 'vitest';
import { askReadiness } from '../../cli.ts';
import { judgeCertificate } from './certificate.ts';
import {
  doctorDevices,
  doctorLifeMs,
  findDoctorTelephone,
  isDoctorDevice,
  makeDoctorTelephone,
} from './credentials.ts';
import { type DoctorOptions, examine } from './doctor.ts';
import type { DoctorStep, Finding } from './finding.ts';
import { askFrontDoor } from './front-door.ts';
import { askReceiveQueue } from './receive-queue.ts';

/** A server that is ill in one way each; a good one is in `tests/doctor.test.ts`. */
const opened: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of opened.splice(0)) await each.close();
});

async function patient(options: {
  invite(session: InviteSession): void;
  register?: () => Promise<never>;
}): Promise<number> {
  const agent: UserAgent = createUserAgent({
    userAgent: 'Liaison',
    transports: [{ protocol: 'udp', host: '127.0.0.1', port: 0 }],
    handlers: {
      realmFor: () => 'doctor.invalid',
      credentials: async ({ username, realm, algorithm }) => ({
        ha1: createHa1(algorithm, username, realm, 'secret'),
        principal: {},
      }),
      register: options.register ?? (async () => []),
      invite: options.invite,
    },
  });
  const { udpPort } = await agent.start();
  opened.push({ close: () => agent.stop() });
  return udpPort!;
}

/** Says back what `says` makes of each packet. */
async function media(says: (packet: Buffer) => Buffer | null): Promise<number> {
  const socket: Socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  socket.on('message', (packet, from) => {
    const said = says(packet);
    if (said) socket.send(said, from.port, from.address);
  });
  opened.push({ close: () => new Promise<void>((resolve) => socket.close(resolve)) });
  return socket.address().port;
}

const sdp = (address: string, port: number) =>
  `v=0\r\no=- 1 1 IN IP4 ${address}\r\ns=-\r\nc=IN IP4 ${address}\r\nt=0 0\r\nm=audio ${port} RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\n`;

async function findingsOf(udp: number, more: Partial<DoctorOptions> = {}): Promise<Finding[]> {
  return examine({
    host: '127.0.0.1',
    ports: { udp },
    mediaAddress: '127.0.0.1',
    rtpPorts: { from: 0, to: 0 },
    names: [],
    telephone: () => ({ username: 'doctor', secret: 'secret' }),
    patienceMs: 1200,
    ...more,
  });
}
async function failureOf(invite: (session: InviteSession) => void): Promise<Finding | undefined> {
  const findings = await findingsOf(await patient({ invite }));
  return findings.find(({ outcome }) => outcome === 'failed');
}
const upgraded = (protocol: string) =>
  `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade${protocol && `\r\nsec-websocket-protocol: ${protocol}`}`;
const outcomeOf = ({ outcome, what, mend }: Finding) => `${outcome} ${what} ${mend ?? ''}`;
/** A server that tells these figures. */
async function figures(text: string, status = 200): Promise<number> {
  const server = createServer((_request, response) => response.writeHead(status).end(text));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  opened.push({ close: () => new Promise((resolve) => server.close(resolve)) });
  return (server.address() as AddressInfo).port;
}
const isEvent = (packet: Buffer) => (packet[1]! & 0x7f) === 101;

describe('what the system holds of unread messages', () => {
  it.each([
    [4_194_304, 0, 'good the system holds 4,096 kB of unread SIP messages, and none was lost'],
    [4_194_304, 12, 'good the system holds 4,096 kB of unread SIP messages, and 12 were lost unread'],
    [4_194_304, 1200, /^warning .* 1,200 were lost unread since the start the server is busy/],
    [212_992, 0, /^warning the system holds 208 kB .* instead of 4,096 kB.* sysctl -w net.core.rmem_max/],
    [212_992, 500, /^warning .* 500 were lost unread since the start sysctl -w net.core.rmem_max/],
    [0, 0, 'good the process that answers here has no SIP socket'],
  ])('%d bytes, %d lost', async (granted, dropped, says) => {
    const port = await figures(
      `# HELP liaison_sip_receive_queue_bytes x\nliaison_sip_receive_queue_bytes ${granted}\nliaison_sip_messages_dropped_total ${dropped}\n`,
    );
    expect(outcomeOf(await askReceiveQueue('127.0.0.1', port))).toMatch(says);
  });

  it('is not told to everybody', async () => {
    const finding = await askReceiveQueue('127.0.0.1', await figures('{"status":404}', 404));
    expect(outcomeOf(finding)).toMatch(/^warning .*is not said.*LIAISON_METRICS_FROM/);
  });
});

describe('the doctor names', () => {
  it('a server that gives no media', async () => {
    expect(await failureOf((session) => session.reject(500))).toMatchObject({
      step: 'call',
      mend: expect.stringContaining('duty media'),
    });
  });

  it('media ports that others have', async () => {
    const refuse = (session: InviteSession) =>
      session.reject(500, 'NoPortFreeError: All 3 port pairs of the RTP range 42000-42005 are in use');
    expect(await failureOf(refuse)).toMatchObject({
      step: 'call',
      what: expect.stringContaining('42000-42005'),
      mend: expect.stringContaining('widen LIAISON_RTP_PORTS'),
    });
  });

  it('a media process that dies in the call', async () => {
    const port = await media(() => null);
    const die = async (session: InviteSession) => {
      await session.accept(sdp('127.0.0.1', port));
      await session.bye();
    };
    expect(await failureOf((session) => void die(session))).toMatchObject({
      step: 'sound',
      mend: expect.stringContaining('media process'),
    });
  });

  it('a way in that is closed, when the greeting comes out', async () => {
    // It says its greeting when it hears the first packet, and nothing after.
    let said = 0;
    const port = await media((packet) => (said++ < 1 ? packet : null));
    expect(await failureOf((session) => void session.accept(sdp('127.0.0.1', port)))).toMatchObject({
      step: 'sound',
      what: expect.stringContaining('greeting'),
      mend: expect.stringContaining('in through the firewall'),
    });
  });

  it('a proxy that refuses WebSocket, passes it elsewhere, or is not there', async () => {
    const answers = ['HTTP/1.1 400 Bad Request\r\ncontent-length: 0', upgraded(''), upgraded('sip')];
    const outcomes: string[] = [];
    const proxy = createServer();
    proxy.on('upgrade', (_request, socket) => socket.end(`${answers.shift()}\r\n\r\n`));
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(proxy.address() as { port: number }).port}`;
    for (let at = 0; at < 3; at++) outcomes.push(outcomeOf(await askFrontDoor(url)));
    await new Promise((resolve) => proxy.close(resolve));
    outcomes.push(outcomeOf(await askFrontDoor(url)));
    expect(outcomes).toEqual([
      expect.stringMatching(/^failed .*\(400\).*Upgrade/),
      expect.stringMatching(/^failed .*does not speak SIP.*\/sip/),
      expect.stringMatching(/^good /),
      expect.stringMatching(/^warning .*LIAISON_PUBLIC_URL/),
    ]);
  });

  it('a call that nobody answers', async () => {
    expect(await failureOf(() => {})).toMatchObject({ step: 'call', what: 'the echo does not answer' });
  });

  it('an answer without sound', async () => {
    expect(await failureOf((session) => void session.accept(sdp('127.0.0.1', 0)))).toMatchObject({
      step: 'description',
    });
  });

  it('media ports that let nothing through', async () => {
    const port = await media(() => null);
    expect(await failureOf((session) => void session.accept(sdp('127.0.0.1', port)))).toMatchObject({
      step: 'sound',
      what: expect.stringContaining(`port ${port}`),
      mend: expect.stringContaining('LIAISON_RTP_PORTS'),
    });
  });

  it('a wrong advertised address, when the sound is there by another', async () => {
    const port = await media((packet) => packet);
    expect(await failureOf((session) => void session.accept(sdp('192.0.2.1', port)))).toMatchObject({
      step: 'sound',
      what: expect.stringContaining('not from 192.0.2.1'),
      mend: expect.stringContaining('LIAISON_ADVERTISE'),
    });
  });

  it('sound that comes back as something else', async () => {
    const port = await media((packet) => Buffer.concat([packet.subarray(0, 12), Buffer.alloc(160, 0xff)]));
    expect(await failureOf((session) => void session.accept(sdp('127.0.0.1', port)))).toMatchObject({
      step: 'sound',
      what: expect.stringContaining('not the tone'),
    });
  });

  it('keys that are not heard, as a warning', async () => {
    const port = await media((packet) => (isEvent(packet) ? null : packet));
    const findings = await findingsOf(
      await patient({ invite: (session) => void session.accept(sdp('127.0.0.1', port)) }),
    );
    expect(
      findings.filter(({ outcome }) => outcome !== 'good').map(({ step, outcome }) => [step, outcome]),
    ).toEqual([['keys', 'warning']]);
    expect(findings.at(-1)).toMatchObject({ step: 'hang-up', outcome: 'good' });
  });

  it('a registrar that fails', async () => {
    const register = async () => {
      throw new Error('no database');
    };
    const findings = await findingsOf(await patient({ invite: () => {}, register }));
    expect(findings.at(-1)).toMatchObject({
      step: 'registration',
      outcome: 'failed',
      mend: expect.stringContaining('database'),
    });
  });

  it('a certificate that is over, not for the name, or nearly over', () => {
    const day = 86_400_000;
    const seen = (from: number, to: number, fits = true) => ({
      validFrom: new Date(Date.now() + from * day),
      validTo: new Date(Date.now() + to * day),
      fits: () => fits,
    });
    const notes: [DoctorStep, string, string | undefined][] = [];
    const note = (step: DoctorStep, what: string, mend?: string) => notes.push([step, what, mend]);
    const names = ['pbx.example.org'];
    expect(() => judgeCertificate({ names }, seen(-90, -1), note)).toThrow('not now');
    expect(() => judgeCertificate({ names }, seen(1, 90), note)).toThrow('not now');
    judgeCertificate({ names }, seen(-1, 90, false), note);
    judgeCertificate({ names }, seen(-1, 3), note);
    judgeCertificate({ names }, seen(-1, 90), note);
    expect(notes.map(([, what, mend]) => [what.replace(/\d+/, 'N'), mend !== undefined])).toEqual([
      ['the certificate is not for pbx.example.org', true],
      ['the certificate ends in N days', true],
      ['the certificate is right, for N days more', false],
    ]);
  });

  it('a server that does not run, is another program, or lacks its database', async () => {
    const answers: [number, unknown][] = [
      [200, { status: 'ready', missing: {} }],
      [503, { status: 'not ready', missing: { database: 'unreachable' } }],
      [200, { hello: 'world' }],
    ];
    const outcomes: string[] = [];
    for (const [status, body] of answers) {
      const server = createServer((_request, response) => {
        response.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
        response.end(JSON.stringify(body));
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const { port } = server.address() as { port: number };
      const { what, mend } = await askReadiness('127.0.0.1', port);
      outcomes.push(`${what} ${mend ?? ''}`);
      await new Promise((resolve) => server.close(resolve));
      if (status === 503) expect((await askReadiness('127.0.0.1', port)).what).toContain('no server answers');
    }
    expect(outcomes[0]).toContain('ready');
    expect(outcomes[1]).toContain('DATABASE_URL');
    expect(outcomes[2]).toContain('another program');
  });
});

describe('a doctor’s telephone', () => {
  const key = Buffer.alloc(32, 7);
  const secrets = { derive: () => key };
  const whose = '01930000-0000-7000-8000-000000000001';
  const query = (username: string) => ({ username, realm: 'doctor.invalid', algorithm: 'SHA-256' as const });

  it('signs in as nobody, for five minutes, and is known by its id', () => {
    const now = Date.now();
    const { username, secret } = makeDoctorTelephone(secrets, whose, now);
    expect(username.length).toBeLessThanOrEqual(100);
    const found = findDoctorTelephone(secrets, query(username), now)!;
    expect(found).toMatchObject({ orgId: whose, personId: found.deviceId });
    expect(isDoctorDevice(found.deviceId)).toBe(true);
    expect(found.deviceId >= doctorDevices.from && found.deviceId <= doctorDevices.to).toBe(true);
    expect(found.ha1).toBe(createHa1('SHA-256', username, 'doctor.invalid', secret));
    expect(findDoctorTelephone(secrets, query(username), now + doctorLifeMs + 1)).toBeNull();
  });

  it('is nobody’s who does not have the key, and none that promises itself a longer life', () => {
    const now = Date.now();
    const { username, secret } = makeDoctorTelephone(secrets, whose, now);
    const other = findDoctorTelephone({ derive: () => Buffer.alloc(32, 8) }, query(username), now);
    expect(other?.ha1).not.toBe(createHa1('SHA-256', username, 'doctor.invalid', secret));
    const long = makeDoctorTelephone(secrets, whose, now + 60 * 60_000).username;
    expect(findDoctorTelephone(secrets, query(long), now)).toBeNull();
    for (const wrong of ['doctor-', 'doctor-AAAA', `${username}A`, 'ines-x7q2k', `doctor-${'!'.repeat(60)}`])
      expect(findDoctorTelephone(secrets, query(wrong), now)).toBeNull();
  });
});
