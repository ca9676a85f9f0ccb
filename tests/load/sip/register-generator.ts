/**
 * Telephones that register, as many as the benchmark wants, from a few sockets of one process: raw texts instead of a SIP
 * stack, so that the generator costs less than who is measured. Told what to do over IPC by register-process.ts.
 */
import { createHash, randomBytes } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';

export interface Account {
  readonly username: string;
  readonly secret: string;
}

export type Order =
  /** From several sockets of its own, or one of this port. */
  | { do: 'open'; domain: string; accounts: readonly Account[]; port?: number }
  /** Registers every account once, so many at a time; or at a rate for so long. */
  | { do: 'all'; port: number; atOnce: number }
  | { do: 'flood'; port: number; atOnce: number; seconds: number }
  | { do: 'rate'; port: number; perSecond: number; seconds: number };

export interface Figures {
  /** Registrations begun, in the 200 that their telephone waited for, refused by 503, and given up. */
  begun: number;
  done: number;
  refused: number;
  failed: number;
  /** Of those refused: with Retry-After. */
  withRetryAfter: number;
  /** Datagrams sent again because nobody answered. */
  repeated: number;
  seconds: number;
  /** From the first REGISTER to its 200, in milliseconds. */
  latencyMs: { median: number; p99: number };
  /** The share of a core that the generator took. */
  busy: number;
  /** Statuses that nobody expected, as text. */
  others: string[];
  /** Done in each second of the run. */
  perSecond: number[];
  /** Begun in each second, and how many of these got their 200 within a second of their beginning. */
  cohorts: { begun: number; inTime: number }[];
}

export type Answer = { ok: true; figures?: Figures } | { ok: false; error: string };

const T1_MS = 500;
const GIVE_UP_MS = 8000;
/** Twice T1: later somebody waits. */
const IN_TIME_MS = 1000;
const SOCKETS = 8;

interface Telephone {
  readonly account: Account;
  readonly socket: Socket;
  readonly local: number;
  readonly callId: string;
  cseq: number;
}

/** One REGISTER with its challenge, on its way. */
interface Attempt {
  readonly telephone: Telephone;
  readonly beganMs: number;
  /** When the present request is sent again, and how long after that. */
  dueMs: number;
  waitMs: number;
  text: string;
  signed: boolean;
}

let domain = '';
let telephones: Telephone[] = [];
let sockets: Socket[] = [];
let target = 0;
/** By the number in their Call-ID. */
let underWay = new Map<number, Attempt>();
let next = 0;
let figures: Figures;
let latencies: number[] = [];
let ended: (() => void) | undefined;
let beganMs = 0;

const md5 = (text: string) => createHash('md5').update(text).digest('hex');

function blank(): Figures {
  return {
    begun: 0,
    done: 0,
    refused: 0,
    failed: 0,
    withRetryAfter: 0,
    repeated: 0,
    seconds: 0,
    latencyMs: { median: 0, p99: 0 },
    busy: 0,
    others: [],
    perSecond: [],
    cohorts: [],
  };
}

/** Those that began in the same second. */
function cohortOf(atMs: number): { begun: number; inTime: number } {
  const second = Math.floor((atMs - beganMs) / 1000);
  figures.cohorts[second] ??= { begun: 0, inTime: 0 };
  return figures.cohorts[second];
}

function register(telephone: Telephone, authorization: string): string {
  const { account, local, callId } = telephone;
  telephone.cseq += 1;
  const branch = `z9hG4bK${callId.length.toString(36)}${telephone.cseq.toString(36)}${randomBytes(6).toString('hex')}`;
  return (
    `REGISTER sip:${domain} SIP/2.0\r\n` +
    `Via: SIP/2.0/UDP 127.0.0.1:${local};rport;branch=${branch}\r\n` +
    `Max-Forwards: 70\r\nFrom: <sip:${account.username}@${domain}>;tag=${branch.slice(-8)}\r\n` +
    `To: <sip:${account.username}@${domain}>\r\nCall-ID: ${callId}\r\nCSeq: ${telephone.cseq} REGISTER\r\n` +
    `Contact: <sip:${account.username}@127.0.0.1:${local}>\r\nExpires: 600\r\nUser-Agent: bench\r\n` +
    `${authorization}Content-Length: 0\r\n\r\n`
  );
}

const quoted = (text: string, name: string): string => {
  const from = text.indexOf(`${name}="`);
  return from < 0 ? '' : text.slice(from + name.length + 2, text.indexOf('"', from + name.length + 2));
};

/** Answers the MD5 challenge, which both servers offer. */
function authorization({ account }: Telephone, response: string): string {
  const lines = response.split('\r\n').filter((line) => /^www-authenticate:/i.test(line));
  const line = lines.find((each) => !/algorithm="?SHA/i.test(each)) ?? lines[0] ?? '';
  const realm = quoted(line, 'realm');
  const nonce = quoted(line, 'nonce');
  const cnonce = randomBytes(4).toString('hex');
  const ha1 = md5(`${account.username}:${realm}:${account.secret}`);
  const ha2 = md5(`REGISTER:sip:${domain}`);
  const digest = md5(`${ha1}:${nonce}:00000001:${cnonce}:auth:${ha2}`);
  return (
    `Authorization: Digest username="${account.username}", realm="${realm}", nonce="${nonce}", uri="sip:${domain}", ` +
    `response="${digest}", algorithm=MD5, cnonce="${cnonce}", qop=auth, nc=00000001\r\n`
  );
}

function send(attempt: Attempt, nowMs: number): void {
  attempt.dueMs = nowMs + attempt.waitMs;
  attempt.telephone.socket.send(attempt.text, target, '127.0.0.1');
}

function begin(nowMs: number): boolean {
  // Whoever still waits does not begin anew.
  for (let tries = 0; tries < telephones.length; tries++) {
    const at = next++ % telephones.length;
    if (underWay.has(at)) continue;
    const telephone = telephones[at]!;
    const attempt: Attempt = {
      telephone,
      beganMs: nowMs,
      dueMs: 0,
      waitMs: T1_MS,
      text: register(telephone, ''),
      signed: false,
    };
    underWay.set(at, attempt);
    figures.begun += 1;
    cohortOf(nowMs).begun += 1;
    send(attempt, nowMs);
    return true;
  }
  return false;
}

function finish(at: number): void {
  underWay.delete(at);
  ended?.();
}

function received(bytes: Buffer): void {
  const text = bytes.toString('latin1');
  const from = text.search(/^call-id: ?r/im);
  const at = Number.parseInt(text.slice(text.indexOf('r', from + 8) + 1), 10);
  const attempt = underWay.get(at);
  if (!attempt) return;
  const cseq = Number(/^cseq: *(\d+)/im.exec(text)?.[1]);
  if (cseq !== attempt.telephone.cseq) return;
  const status = Number(text.slice(8, 11));
  const nowMs = performance.now();
  if (status < 200) {
    // RFC 3261 §17.1.2.2: after a provisional answer only every T2.
    attempt.waitMs = 4000;
    attempt.dueMs = nowMs + 4000;
  } else if (status === 401 && !attempt.signed) {
    attempt.signed = true;
    attempt.waitMs = T1_MS;
    attempt.text = register(attempt.telephone, authorization(attempt.telephone, text));
    send(attempt, nowMs);
  } else if (status === 200) {
    figures.done += 1;
    latencies.push(nowMs - attempt.beganMs);
    const second = Math.floor((nowMs - beganMs) / 1000);
    figures.perSecond[second] = (figures.perSecond[second] ?? 0) + 1;
    if (nowMs - attempt.beganMs < IN_TIME_MS) cohortOf(attempt.beganMs).inTime += 1;
    finish(at);
  } else if (status === 503) {
    figures.refused += 1;
    if (/^retry-after: *\d/im.test(text)) figures.withRetryAfter += 1;
    finish(at);
  } else {
    figures.failed += 1;
    if (figures.others.length < 5) figures.others.push(text.slice(0, 60).split('\r\n')[0]!);
    finish(at);
  }
}

/** Timer E of RFC 3261 §17.1.2.2, for all at once. */
function repeatLate(nowMs: number): void {
  for (const [at, attempt] of underWay) {
    if (nowMs < attempt.dueMs) continue;
    if (nowMs - attempt.beganMs > GIVE_UP_MS) {
      figures.failed += 1;
      finish(at);
      continue;
    }
    attempt.waitMs = Math.min(4000, attempt.waitMs * 2);
    figures.repeated += 1;
    send(attempt, nowMs);
  }
}

function bind(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createSocket({
      type: 'udp4',
      recvBufferSize: 4 << 20,
      lookup: (address, _options, done) => done(null, address, 4),
    });
    socket.on('error', reject);
    socket.on('message', received);
    socket.bind(port, '127.0.0.1', () => resolve(socket));
  });
}

async function run(order: Exclude<Order, { do: 'open' }>): Promise<Figures> {
  target = order.port;
  figures = blank();
  latencies = [];
  underWay = new Map();
  if (order.do === 'all') next = 0;
  const cpu = process.cpuUsage();
  beganMs = performance.now();
  const untilMs = order.do === 'all' ? Number.POSITIVE_INFINITY : beganMs + order.seconds * 1000;
  const mayBegin = (nowMs: number): boolean =>
    order.do === 'all' ? figures.begun < telephones.length : nowMs < untilMs;
  const fill = () => {
    if (order.do === 'rate') return;
    const nowMs = performance.now();
    while (underWay.size < order.atOnce && mayBegin(nowMs) && begin(nowMs));
  };
  ended = fill;
  fill();
  let lastLookMs = beganMs;
  await new Promise<void>((resolve) => {
    const tick = () => {
      const nowMs = performance.now();
      if (order.do === 'rate') {
        const due = Math.floor(((Math.min(nowMs, untilMs) - beganMs) / 1000) * order.perSecond);
        while (figures.begun < due && begin(nowMs));
      }
      if (nowMs - lastLookMs > 50) {
        lastLookMs = nowMs;
        repeatLate(nowMs);
      }
      // What was begun in time is counted, and what is under way at the end is not waited for for long.
      if (!mayBegin(nowMs) && (underWay.size === 0 || nowMs > untilMs + 2000)) resolve();
      else setTimeout(tick, 1);
    };
    tick();
  });
  ended = undefined;
  const tookMs = order.do === 'all' ? performance.now() - beganMs : order.seconds * 1000;
  const used = process.cpuUsage(cpu);
  figures.seconds = tookMs / 1000;
  figures.busy = (used.user + used.system) / 1000 / (performance.now() - beganMs);
  figures.perSecond = Array.from(figures.perSecond, (count) => count ?? 0);
  figures.cohorts = Array.from(figures.cohorts, (cohort) => cohort ?? { begun: 0, inTime: 0 });
  const sorted = latencies.sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
  figures.latencyMs = { median: at(0.5), p99: at(0.99) };
  return figures;
}

async function obey(order: Order): Promise<Answer> {
  if (order.do !== 'open') return { ok: true, figures: await run(order) };
  for (const socket of sockets.splice(0)) socket.close();
  sockets = await Promise.all(
    Array.from({ length: order.port === undefined ? SOCKETS : 1 }, () => bind(order.port ?? 0)),
  );
  domain = order.domain;
  const series = randomBytes(4).toString('hex');
  telephones = order.accounts.map((account, at) => {
    const socket = sockets[at % sockets.length]!;
    return { account, socket, local: socket.address().port, callId: `r${at}-${series}`, cseq: 0 };
  });
  return { ok: true };
}

process.on('message', (order: Order) => {
  obey(order).then(
    (answer) => process.send?.(answer),
    (error: unknown) => process.send?.({ ok: false, error: String(error) } satisfies Answer),
  );
});
process.on('disconnect', () => process.exit(0));
