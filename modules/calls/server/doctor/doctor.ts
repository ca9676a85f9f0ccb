import { isIP, isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';
import { readTelephone } from '@liaison/sdp';
import {
  createUserAgent,
  type InviteSession,
  type NameAddr,
  type SipUri,
  type TransportOptions,
  type UserAgent,
} from '@liaison/sip';
import { openBridge } from './bridge.ts';
import { certificateOf, judgeCertificate } from './certificate.ts';
import { type DoctorStep, type DoctorTransport, Failed, type Finding, portSetting } from './finding.ts';
import { openSound } from './sound.ts';

export interface DoctorOptions {
  /** Where the doors are: an address of this machine. */
  readonly host: string;
  readonly ports: Readonly<Partial<Record<DoctorTransport, number>>>;
  /** What the server says of itself in descriptions of sound. */
  readonly mediaAddress: string;
  readonly rtpPorts: { readonly from: number; readonly to: number };
  /** Names that the certificate must have. */
  readonly names: readonly string[];
  /** A telephone of one's own for each transport. */
  telephone(): { username: string; secret: string };
  /** What is dialled; the echo unless a test wants another number. */
  readonly dialled?: string;
  found?(finding: Finding): void;
  /** How long each step waits, in milliseconds. */
  readonly patienceMs?: number;
}

const domain = 'doctor.invalid';
/**
 * Calls the echo of a running server as a telephone does, once over each transport, and says what works; what does not, it
 * names with its mend. Writes nothing down anywhere but what any call leaves behind.
 */
export async function examine(options: DoctorOptions): Promise<Finding[]> {
  const findings: Finding[] = [];
  const note = (finding: Finding): void => {
    findings.push(finding);
    options.found?.(finding);
  };
  judgeAddress(options, note);
  for (const transport of ['udp', 'tcp', 'tls', 'ws', 'wss'] as const) {
    const port = options.ports[transport];
    if (port === undefined) continue;
    await examineTransport(options, transport, port, note);
  }
  return findings;
}

/** The addresses of this machine. */
export const ownAddresses = (): string[] =>
  Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map(({ address }) => address));

/** Whether the address that telephones are told is one of this machine. */
function judgeAddress({ mediaAddress, host }: DoctorOptions, note: (finding: Finding) => void): void {
  const own = ownAddresses();
  const base = { step: 'address', transport: null, ms: 0 } as const;
  if (!own.includes(mediaAddress)) {
    note({
      ...base,
      outcome: 'warning',
      what: `telephones are told to send their sound to ${mediaAddress}, which is no address of this machine`,
      mend: 'right behind a router that forwards the media ports to this machine; otherwise set LIAISON_ADVERTISE to an address of this machine that telephones reach',
    });
  } else if (mediaAddress.startsWith('127.') && !host.startsWith('127.')) {
    note({
      ...base,
      outcome: 'warning',
      what: `telephones are told to send their sound to ${mediaAddress}, which each takes for itself`,
      mend: 'set LIAISON_ADVERTISE to an address of this machine that telephones reach',
    });
  } else
    note({ ...base, outcome: 'good', what: `sound is sent to ${mediaAddress}, an address of this machine` });
}

async function examineTransport(
  options: DoctorOptions,
  transport: DoctorTransport,
  port: number,
  note: (finding: Finding) => void,
): Promise<void> {
  const { host, patienceMs = 8000 } = options;
  const closing: (() => unknown)[] = [];
  let began = performance.now();
  const good = (step: DoctorStep, what: string, warning?: string): void => {
    const ms = Math.round(performance.now() - began);
    began = performance.now();
    note({
      step,
      transport,
      outcome: warning ? 'warning' : 'good',
      what,
      ms,
      ...(warning ? { mend: warning } : {}),
    });
  };
  try {
    const isTls = transport === 'tls' || transport === 'wss';
    const isWeb = transport === 'ws' || transport === 'wss';
    if (isTls) judgeCertificate(options, await certificateOf(transport, host, port, patienceMs), good);
    const bridge =
      isTls || isWeb
        ? await openBridge({ host, port, tls: isTls, ...(isWeb ? { path: '/sip' } : {}) })
        : undefined;
    if (bridge) closing.push(() => bridge.close());
    // Over the bridge it speaks what is inside of TLS.
    const spoken = transport === 'tls' ? 'tcp' : transport === 'wss' ? 'ws' : transport;
    const near = bridge ? '127.0.0.1' : host;
    const agent = createUserAgent({
      userAgent: 'Liaison doctor',
      transports: [{ protocol: spoken, host: near, port: 0 } as TransportOptions],
      handlers: {
        credentials: async () => null,
        realmFor: () => null,
        register: async () => [],
        invite: (session) => session.reject(486),
      },
    });
    await agent.start();
    closing.unshift(() => agent.stop());
    const server: SipUri = {
      scheme: 'sip',
      host: isIPv6(near) ? `[${near}]` : near,
      port: bridge?.port ?? port,
      params: new Map(spoken === 'udp' ? [] : [['transport', spoken]]),
    };
    await knock(agent, server, { transport, host, port, patienceMs });
    good('port', `${transport.toUpperCase()} port ${port} answers`);

    const telephone = options.telephone();
    const auth = { username: telephone.username, password: telephone.secret };
    const me: NameAddr = {
      uri: { scheme: 'sip', user: 'doctor', host: domain, params: new Map() },
      params: new Map(),
    };
    const callId = crypto.randomUUID();
    const contact = isWeb
      ? '<sip:doctor@doctor.invalid;transport=ws>'
      : `<sip:doctor@${isIPv6(near) ? `[${near}]` : near}:5060${spoken === 'tcp' ? ';transport=tcp' : ''}>`;
    const register = (expires: number, cseq: number) =>
      within(
        patienceMs,
        agent.request({
          method: 'REGISTER',
          target: server,
          from: me,
          to: me,
          callId,
          cseq,
          auth,
          headers: [
            ['Contact', contact],
            ['Expires', String(expires)],
          ],
        }),
      );
    const registered = await register(60, 1);
    judgeRegistration(registered?.status ?? 408);
    closing.unshift(() => register(0, 10).catch(() => null));
    good('registration', 'a telephone signs in and registers');

    const sound = await openSound(host);
    closing.unshift(() => sound.close());
    const session = agent.invite({
      target: { ...server, user: options.dialled ?? '*43' },
      from: me,
      to: {
        uri: { scheme: 'sip', user: options.dialled ?? '*43', host: domain, params: new Map() },
        params: new Map(),
      },
      auth,
      offer: sound.offer,
      timeoutMs: patienceMs,
    });
    const answer = await answerOf(session, patienceMs);
    good('call', 'the echo answers');
    const told = readAnswer(answer);
    const { from, to } = options.rtpPorts;
    if (from !== 0 && (told.port < from || told.port > to)) {
      throw new Failed(
        'description',
        `sound is to be sent to port ${told.port}, outside of ${from}-${to}`,
        'look whether another program changes SIP on its way (an ALG of a router or firewall): switch that off',
      );
    }
    good('description', `sound is to be sent to ${told.address}, port ${told.port}`);

    let isOver = false;
    session.on.ended = () => {
      isOver = true;
    };
    sound.say(told);
    if (!(await sound.hearsItself(patienceMs, () => isOver))) {
      if (isOver) throw endedByServer();
      await explainSilence(options, sound, told);
    }
    good('sound', `the tone comes back (${sound.packets} packets)`);
    if (!(await sound.pressKey('5', Math.min(3000, patienceMs)))) {
      good(
        'keys',
        'a pressed key does not come back',
        'menus and feature codes may not hear keys: dial *43 on a telephone, press keys, and look at the ladder of that call',
      );
    } else good('keys', 'a pressed key comes back');
    sound.silence();
    const ended = new Promise<boolean>((resolve) => {
      session.on.ended = () => resolve(true);
    });
    await within(patienceMs, session.bye());
    if (!(await within(patienceMs, ended)))
      throw new Failed('hang-up', 'the call does not end', 'look into the log of the server for this call');
    good('hang-up', 'the call ends');
  } catch (error) {
    const ms = Math.round(performance.now() - began);
    if (error instanceof Failed) {
      note({ step: error.step, transport, outcome: 'failed', what: error.message, mend: error.mend, ms });
    } else {
      const what = error instanceof Error ? error.message : String(error);
      note({
        step: 'port',
        transport,
        outcome: 'failed',
        what,
        mend: 'report this with the log of the server',
        ms,
      });
    }
  } finally {
    for (const close of closing) await within(3000, Promise.resolve(close()));
  }
}

/** Asks OPTIONS, which the server answers to anybody, and looks who answers. */
async function knock(
  agent: UserAgent,
  server: SipUri,
  door: { transport: DoctorTransport; host: string; port: number; patienceMs: number },
): Promise<void> {
  const { transport, host, port, patienceMs } = door;
  const nobody: NameAddr = {
    uri: { scheme: 'sip', user: 'doctor', host: domain, params: new Map() },
    params: new Map(),
  };
  const response = await within(
    patienceMs,
    agent.request({ method: 'OPTIONS', target: server, from: nobody, to: nobody }),
  );
  const where = `${transport.toUpperCase()} port ${port} of ${host}`;
  if (!response || response.status === 408 || response.status === 503) {
    throw new Failed(
      'port',
      `${where} does not answer`,
      `look whether the server has the duty sip and ${portSetting[transport]} is ${port}, whether another program holds the port (ss -lnptu | grep ${port}), and whether a firewall drops it`,
    );
  }
  const name = response.headers.get('server') ?? response.headers.get('user-agent') ?? '';
  if (name !== '' && !/^liaison/i.test(name)) {
    throw new Failed(
      'port',
      `at ${where} answers another program: ${name.slice(0, 60)}`,
      `end that program, or give Liaison another port by ${portSetting[transport]}`,
    );
  }
}

function judgeRegistration(status: number): void {
  if (status >= 200 && status < 300) return;
  if (status === 401 || status === 407 || status === 403) {
    throw new Failed(
      'registration',
      `the telephone’s secret is refused (${status})`,
      'run the doctor with the LIAISON_DATA of the running server; restart the server if its master key was rotated since; its clock and this one must agree within minutes',
    );
  }
  if (status === 503) {
    throw new Failed(
      'registration',
      'the server is too busy, or holds this address up after wrong sign-ins (503)',
      'wait a minute; look for telephones with a wrong secret in the log (a sign-in is held up)',
    );
  }
  if (status === 408) {
    throw new Failed(
      'registration',
      'REGISTER is not answered',
      'the server may wait for its database: look at /readyz and into its log',
    );
  }
  throw new Failed(
    'registration',
    `REGISTER is answered ${status}`,
    status >= 500
      ? 'the database may be away: look at /readyz and into the log'
      : 'look into the log of the server',
  );
}

/** What helps against a refusal, where the server says why. */
function mendOf(status: number, reason: string): string {
  if (/port/i.test(reason))
    return 'widen LIAISON_RTP_PORTS, or end the program that holds these ports (ss -lunp); many calls at once need two ports each';
  if (status >= 500 || status === 488 || status === 480)
    return 'no process gives it media: look whether one runs with the duty media, and whether LIAISON_RTP_PORTS are free';
  return 'look into the log of the server for this call';
}

/** The description in the answer, or why there is none. */
function answerOf(session: InviteSession, patienceMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      session.cancel();
      reject(new Failed('call', 'the echo does not answer', 'look into the log of the server for this call'));
    }, patienceMs);
    session.on = {
      accepted(sdp) {
        clearTimeout(timer);
        resolve(sdp);
      },
      rejected(status, reason) {
        clearTimeout(timer);
        const why: Record<number, [string, string]> = {
          404: [
            'there is no echo under this number',
            'this command and the server are of different versions: run it from the folder of the running server',
          ],
          403: ['the telephone may not call', 'its five minutes have passed: run the command again'],
          486: ['the echo is busy', 'try again'],
        };
        const [what, mend] = why[status] ?? [
          `the call is refused: ${status} ${reason}`,
          mendOf(status, reason),
        ];
        reject(new Failed('call', what, mend));
      },
      ended() {
        clearTimeout(timer);
        reject(
          new Failed(
            'call',
            'the call ends at once',
            'no process gives it media: look whether one runs with the duty media, and whether LIAISON_RTP_PORTS are free',
          ),
        );
      },
    };
  });
}

function readAnswer(sdp: string): { address: string; port: number } {
  try {
    const { address, port } = readTelephone(sdp);
    if (address !== undefined && isIP(address) !== 0 && port > 0) return { address, port };
  } catch {
    // Told below.
  }
  throw new Failed(
    'description',
    'the answer describes no sound',
    'dial *43 on a telephone, and look at the ladder of that call in the administration',
  );
}

const endedByServer = (): Failed =>
  new Failed(
    'sound',
    'the server ends the call before the tone comes back',
    'its media process may have died: look for "media process ended" in its log, and whether this machine has memory left',
  );

/** The tone did not come back: tries without the advertised address, to tell a wrong one from a closed door, and which way is closed. */
async function explainSilence(
  { host, rtpPorts, patienceMs = 8000 }: DoctorOptions,
  sound: Awaited<ReturnType<typeof openSound>>,
  told: { address: string; port: number },
): Promise<never> {
  if (told.address !== host) {
    sound.say({ address: host, port: told.port });
    if (await sound.hearsItself(Math.min(4000, patienceMs))) {
      throw new Failed(
        'sound',
        `sound comes back from ${host}, but not from ${told.address}, which telephones are told`,
        'set LIAISON_ADVERTISE to an address that telephones reach; behind a router forward its UDP media ports here',
      );
    }
  }
  const range = rtpPorts.from === 0 ? 'of any number' : `${rtpPorts.from}-${rtpPorts.to}`;
  if (await sound.goesOn(Math.min(500, patienceMs))) {
    throw new Failed(
      'sound',
      `packets come back (${sound.packets}), but not the tone that was said`,
      'the way to the server loses or changes packets: look at the quality of calls in the administration',
    );
  }
  if (sound.packets > 0) {
    throw new Failed(
      'sound',
      `the server’s greeting is heard, but what is said to ${told.address}, port ${told.port}, does not get there`,
      `let UDP ports ${range} (LIAISON_RTP_PORTS) in through the firewall of this machine`,
    );
  }
  throw new Failed(
    'sound',
    `no sound comes back from ${told.address}, port ${told.port}`,
    `let UDP ports ${range} (LIAISON_RTP_PORTS) through the firewall, in both directions`,
  );
}

/** The answer, or null when it does not come in time. */
async function within<Answer>(ms: number, work: Promise<Answer>): Promise<Answer | null> {
  let timer: NodeJS.Timeout | undefined;
  try {
    return await Promise.race([
      work,
      new Promise<null>((resolve) => {
        timer = setTimeout(() => resolve(null), ms);
      }),
    ]);
  } finally {
    clearTimeout(timer);
  }
}
