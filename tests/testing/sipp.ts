import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '@liaison/core/testing';
import { createSipProbe } from './sip-probe.ts';
import { poll } from './world.ts';

/**
 * Scenarios for Debian's sipp, put together from steps: what is sent as text with sipp's own [words], and what must come. It
 * fails on anything else that comes, so a scenario that ends well has seen exactly this.
 */
export type Step = string;

/** A header of what comes, for a later [$name]. */
const keeps = (header: string, name: string): string =>
  `<ereg regexp=".*" search_in="hdr" header="${header}" assign_to="${name}"/>`;
const keepsTo = keeps('To:', 'to');

const sdp = (direction: string) => `v=0
o=- 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [media_ip]
t=0 0
m=audio [media_port] RTP/AVP 0
a=${direction}
`;

export interface SippAccount {
  readonly user: string;
  readonly secret: string;
  readonly domain: string;
}

/** Steps of a telephone with that account. */
export function stepsOf({ user, domain }: SippAccount) {
  const from = `From: <sip:${user}@${domain}>;tag=[pid]c[call_number]`;
  const contact = `Contact: <sip:${user}@[local_ip]:[local_port]>`;
  const via = 'Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]';
  const withBody = (direction?: string) =>
    direction === undefined
      ? 'Content-Length: 0\n'
      : `Content-Type: application/sdp\nContent-Length: [len]\n\n${sdp(direction)}`;
  const send = (text: string, attributes = ''): Step => `<send${attributes}><![CDATA[\n${text}\n]]></send>`;
  const invite = (target: string, to: string, cseq: number, more = '', direction = 'sendrecv') =>
    `INVITE ${target} SIP/2.0\n${via}\nMax-Forwards: 70\n${from}\nTo: ${to}\nCall-ID: [call_id]\n` +
    `CSeq: ${cseq} INVITE\n${contact}\n${more}${withBody(direction)}`;
  const answer = (status: string, more: string) =>
    `SIP/2.0 ${status}\n[last_Via:]\n[last_From:]\n[last_To:]${more}`;

  return {
    /** INVITE with what `signIn` gave. CSeq 2. */
    call: (extension: string, authorization: string): Step[] => [
      send(
        invite(`sip:${extension}@${domain}`, `<sip:${extension}@${domain}>`, 2, `${authorization}\n`),
        ' retrans="500"',
      ),
      '<recv response="100" optional="true"/>',
    ],
    comes: (response: number): Step => `<recv response="${response}"/>`,
    mayCome: (response: number): Step => `<recv response="${response}" optional="true"/>`,
    /** The 200 to the INVITE: its tag and where requests go from now on are kept. */
    accepted: (): Step => `<recv response="200" rrs="true"><action>${keepsTo}</action></recv>`,
    /** Rings, and the dialog is there already (RFC 3261 §12.1). */
    rings: (): Step => `<recv response="180" rrs="true"><action>${keepsTo}</action></recv>`,
    /** An answer to the request with that method, and with this in it. */
    comesTo: (response: number, pattern: string): Step =>
      `<recv response="${response}"><action><ereg regexp="${pattern}" search_in="msg" check_it="true" assign_to="seen"/></action></recv>`,
    /** Within the dialog; only after `accepted` or `rings`. An ACK needs no answer, everything else is said again until one comes. */
    says: (method: string, cseq: number, direction?: string): Step =>
      send(
        `${method} [next_url] SIP/2.0\n${via}\nMax-Forwards: 70\n${from}\nTo:[$to]\nCall-ID: [call_id]\nCSeq: ${cseq} ${method}\n` +
          `${contact}\n${withBody(direction)}`,
        method === 'ACK' ? '' : ' retrans="500"',
      ),
    /** As the one that rings would be told: for the INVITE that was sent last, in no dialog (RFC 3261 §9.1). */
    cancels: (extension: string): Step =>
      send(
        `CANCEL sip:${extension}@${domain} SIP/2.0\n[last_Via:]\nMax-Forwards: 70\n${from}\nTo: <sip:${extension}@${domain}>\n` +
          'Call-ID: [call_id]\nCSeq: 2 CANCEL\nContent-Length: 0\n',
        ' retrans="500"',
      ),
    /** The ACK to a final answer other than 2xx (RFC 3261 §17.1.1.3). */
    givesUp: (extension: string): Step =>
      send(
        `ACK sip:${extension}@${domain} SIP/2.0\n[last_Via:]\nMax-Forwards: 70\n${from}\n[last_To:]\nCall-ID: [call_id]\n` +
          'CSeq: 2 ACK\nContent-Length: 0\n',
      ),
    waits: (ms: number): Step => `<pause milliseconds="${ms}"/>`,
    /** REGISTER with what `signIn` gave. */
    registers: (authorization: string): Step[] => [
      send(
        `REGISTER sip:${domain} SIP/2.0\n${via}\nMax-Forwards: 70\n${from}\nTo: <sip:${user}@${domain}>\nCall-ID: [call_id]\n` +
          `CSeq: 1 REGISTER\n${contact}\nExpires: 300\n${authorization}\nContent-Length: 0\n`,
        ' retrans="500"',
      ),
      '<recv response="200"/>',
    ],
    /** Is rung: who calls and where requests go from now on are kept. */
    isRung: (): Step =>
      '<recv request="INVITE"><action>' +
      keeps('From:', 'caller') +
      keeps('To:', 'called') +
      keeps('Via:', 'via') +
      keeps('CSeq:', 'cseq') +
      '<ereg regexp="Contact: *&lt;([^&gt;]*)" search_in="msg" assign_to="whole,there"/>' +
      '</action></recv>',
    isTold: (method: string): Step => `<recv request="${method}"/>`,
    /** Answers what came last. */
    answers: (status: string, how: { direction?: string; tag?: boolean; contact?: string } = {}): Step =>
      send(
        answer(
          status,
          `${how.tag === false ? '' : ';tag=[pid]a[call_number]'}\n[last_Call-ID:]\n[last_CSeq:]\n` +
            `${how.contact === undefined ? contact : `Contact: <${how.contact}>`}\n${withBody(how.direction)}`,
        ),
      ),
    /** A request of who is called, after `isRung`. */
    saysBack: (method: string, cseq: number): Step =>
      send(
        `${method} [$there] SIP/2.0\n${via}\nMax-Forwards: 70\nFrom:[$called];tag=[pid]a[call_number]\nTo:[$caller]\n` +
          `Call-ID: [call_id]\nCSeq: ${cseq} ${method}\n${contact}\nContent-Length: 0\n`,
        ' retrans="500"',
      ),
    /** Answers the INVITE, although something else came since. */
    answersInvite: (status: string, direction?: string): Step =>
      send(
        `SIP/2.0 ${status}\nVia:[$via]\nFrom:[$caller]\nTo:[$called];tag=[pid]a[call_number]\nCall-ID: [call_id]\nCSeq:[$cseq]\n` +
          `${contact}\n${withBody(direction)}`,
      ),
  };
}

/**
 * An Authorization for one request. Debian's sipp takes the first challenge alone, which is SHA-256 here, and then gives up because
 * it knows MD5 only: so it is signed in from outside.
 */
export async function signIn(
  serverPort: number,
  { user, secret, domain }: SippAccount,
  method: string,
  uri: string,
): Promise<string> {
  const probe = await createSipProbe(serverPort);
  try {
    const nonce = /nonce="([^"]+)"/.exec(await probe.ask('REGISTER', `${user}@${domain}`))?.[1] ?? '';
    const [nc, cnonce] = ['00000001', randomBytes(8).toString('hex')];
    const response = md5(
      `${md5(`${user}:${domain}:${secret}`)}:${nonce}:${nc}:${cnonce}:auth:${md5(`${method}:${uri}`)}`,
    );
    return (
      `Authorization: Digest username="${user}", realm="${domain}", nonce="${nonce}", uri="${uri}", response="${response}", ` +
      `algorithm=MD5, cnonce="${cnonce}", qop=auth, nc=${nc}`
    );
  } finally {
    probe.close();
  }
}
const md5 = (text: string) => createHash('md5').update(text).digest('hex');

/** One run of sipp over UDP: its exit status (0: all went as the scenario says), its complaints, and every message. */
export interface SippRun {
  readonly done: Promise<{ code: number | null; complaints: string; messages: string }>;
  stop(): Promise<void>;
}

export async function runSipp(options: {
  folder: string;
  account: SippAccount;
  /** Where the server listens. */
  serverPort: number;
  port?: number;
  steps: readonly (Step | readonly Step[])[];
  /** Scenarios that are called: wait until it listens. */
  isCalled?: boolean;
  seconds?: number;
}): Promise<SippRun> {
  const { account, serverPort, steps, seconds = 10 } = options;
  const workDir = await mkdtemp(join(options.folder, 'sipp-'));
  const port = options.port ?? (await freePort());
  const mediaPort = (await freePort()) & ~1;
  const file = join(workDir, 'scenario.xml');
  const body = steps.flat().join('\n');
  // sipp refuses what is kept and never used.
  const kept = [
    ...new Set([...body.matchAll(/assign_to="([^"]+)"/g)].flatMap(([, names]) => names?.split(',') ?? [])),
  ];
  const reference = kept.length > 0 ? `<Reference variables="${kept.join(',')}"/>` : '';
  await writeFile(
    file,
    `<?xml version="1.0" encoding="UTF-8"?>\n<scenario name="test">\n${body}\n${reference}\n</scenario>\n`,
  );
  const errors = join(workDir, 'errors');
  const child = spawn(
    'sipp',
    [
      ...['-sf', file, '-i', '127.0.0.1', '-p', String(port), '-mp', String(mediaPort), '-m', '1'],
      ...[
        '-au',
        account.user,
        '-ap',
        account.secret,
        '-timeout',
        `${seconds}s`,
        '-timeout_error',
        '-nostdin',
      ],
      ...[
        '-trace_err',
        '-error_file',
        errors,
        '-trace_msg',
        '-message_file',
        join(workDir, 'messages'),
        '-nd',
      ],
      ...(options.isCalled ? [] : [`127.0.0.1:${serverPort}`]),
    ],
    { cwd: workDir, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let complaints = '';
  child.stderr.on('data', (bytes) => {
    complaints = (complaints + bytes).slice(-4000);
  });
  const ended = once(child, 'exit') as Promise<[number | null]>;
  if (options.isCalled) await poll('sipp listens', () => isBound(port));
  return {
    done: ended.then(async ([code]) => ({
      code,
      complaints: complaints + (await readFile(errors, 'utf8').catch(() => '')),
      messages: await readFile(join(workDir, 'messages'), 'utf8').catch(() => ''),
    })),
    async stop() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      await ended;
    },
  };
}

/** sipp says nothing when it is ready: the kernel's table of sockets does. */
async function isBound(port: number): Promise<boolean> {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  return (await readFile('/proc/net/udp', 'utf8')).includes(`0100007F:${hex} `);
}
