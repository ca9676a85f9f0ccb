import { createHash, randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';

const md5 = (text: string) => createHash('md5').update(text).digest('hex');

export interface SipProbe {
  /** The final answer as text, or nothing when nobody answers in time. */
  ask(method: string, addressOfRecord: string, authorization?: string): Promise<string>;
  close(): void;
}

/** Speaks SIP over UDP from an address of the loopback, with nothing of our own stack in it. */
export async function createSipProbe(port: number, from = '127.0.0.1', deadlineMs = 5000): Promise<SipProbe> {
  const socket = createSocket('udp4');
  socket.bind(0, from);
  await once(socket, 'listening');
  const own = `${from}:${socket.address().port}`;
  const callId = randomBytes(8).toString('hex');
  let sequence = 0;
  return {
    async ask(method, addressOfRecord, authorization = '') {
      sequence += 1;
      const mine = `CSeq: ${sequence} ${method}`;
      const request = [
        `${method} ${method === 'REGISTER' ? `sip:${addressOfRecord.split('@')[1]}` : `sip:${addressOfRecord}`} SIP/2.0`,
        `Via: SIP/2.0/UDP ${own};rport;branch=z9hG4bK${randomBytes(8).toString('hex')}`,
        'Max-Forwards: 70',
        `From: <sip:${addressOfRecord}>;tag=probe`,
        `To: <sip:${addressOfRecord}>`,
        `Call-ID: ${callId}`,
        mine,
        `Contact: <sip:probe@${own}>`,
        'Expires: 60',
        ...(authorization ? [`Authorization: ${authorization}`] : []),
        'Content-Length: 0',
        '',
        '',
      ].join('\r\n');
      // RFC 3261 §17.1.1.2 and §17.1.2.2: a request over UDP is sent again until somebody answers.
      const again = setInterval(() => socket.send(request, port, '127.0.0.1'), 500);
      const late = new AbortController();
      const timer = setTimeout(() => late.abort(), deadlineMs);
      try {
        socket.send(request, port, '127.0.0.1');
        for (;;) {
          const [data] = (await once(socket, 'message', { signal: late.signal })) as [Buffer];
          const text = String(data);
          if (text.includes(mine) && !text.startsWith('SIP/2.0 1')) return text;
        }
      } catch {
        return '';
      } finally {
        clearInterval(again);
        clearTimeout(timer);
      }
    },
    close: () => socket.close(),
  };
}

/**
 * A telephone of twenty lines: registers over UDP and answers the status it ends with, or 0 when nobody answers in time.
 */
export async function register(
  port: number,
  who: { username: string; secret: string; addressOfRecord: string },
  deadlineMs = 5000,
  from = '127.0.0.1',
): Promise<number> {
  const probe = await createSipProbe(port, from, deadlineMs);
  const uri = `sip:${who.addressOfRecord.split('@')[1]}`;
  try {
    const challenge = await probe.ask('REGISTER', who.addressOfRecord);
    const offered = challenge.split('\r\n').filter((line) => /^www-authenticate:/i.test(line));
    const line = offered.find((each) => /algorithm="?md5/i.test(each)) ?? offered.at(-1);
    if (!line) return Number(challenge.slice(8, 11));
    const field = (name: string) => new RegExp(`${name}="?([^",]+)`, 'i').exec(line)?.[1] ?? '';
    const [realm, nonce] = [field('realm'), field('nonce')];
    const ha1 = md5(`${who.username}:${realm}:${who.secret}`);
    const response = md5(`${ha1}:${nonce}:00000001:probe:auth:${md5(`REGISTER:${uri}`)}`);
    const answer = await probe.ask(
      'REGISTER',
      who.addressOfRecord,
      `Digest username="${who.username}", realm="${realm}", nonce="${nonce}", uri="${uri}", response="${response}", ` +
        'algorithm=MD5, cnonce="probe", qop=auth, nc=00000001',
    );
    return Number(answer.slice(8, 11));
  } finally {
    probe.close();
  }
}
