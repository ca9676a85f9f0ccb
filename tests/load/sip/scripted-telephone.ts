import { type InviteOptions, type InviteSession, SipRefusal } from '@liaison/sip';
import { startTelephoneAgent } from '@liaison/sip/testing';

export interface ScriptAccount {
  readonly username: string;
  readonly secret: string;
  readonly extension: string;
}

export interface Call {
  readonly session: InviteSession;
}

/** A telephone of our own SIP engine that does what a script says; its sound goes nowhere. */
export interface ScriptedTelephone {
  readonly extension: string;
  /** What it does when it is rung. */
  answers: 'accept' | 'busy' | 'decline' | 'ring';
  /** Since `reset`, those that came and rang or were answered. */
  readonly calls: readonly InviteSession[];
  description(direction?: 'sendrecv' | 'sendonly'): string;
  register(): Promise<void>;
  begin(
    to: ScriptedTelephone,
    more?: Partial<InviteOptions>,
  ): { session: InviteSession; answered: Promise<Call> };
  /** @throws SipRefusal */
  call(to: ScriptedTelephone, more?: Partial<InviteOptions>): Promise<Call>;
  /** Forgets what a script left, and answers again. */
  reset(): void;
  hangUpAll(): Promise<void>;
}

const deadlineMs = 15_000;
/** A port that nobody listens on: what is sent there is dropped. */
const nowhere = 40_000;

export async function until<T>(find: () => T | undefined, what: string): Promise<T> {
  const end = performance.now() + deadlineMs;
  for (;;) {
    const found = find();
    if (found !== undefined) return found;
    if (performance.now() > end) throw new Error(`never came: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

export const over = (session: InviteSession | undefined): Promise<true> =>
  until(() => (session?.state === 'ended' ? true : undefined), 'the end of a session');

/** Over UDP at a server on the loopback. Its process ends it. */
export async function openScriptedTelephone(
  domain: string,
  port: number,
  account: ScriptAccount,
): Promise<ScriptedTelephone> {
  const { username, secret, extension } = account;
  let calls: InviteSession[] = [];
  let begun: InviteSession[] = [];
  let version = 0;
  const description = (direction = 'sendrecv') => {
    version += 1;
    const media = `m=audio ${nowhere} RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\na=${direction}\r\n`;
    return `v=0\r\no=- 1 ${version} IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n${media}`;
  };
  const line = await startTelephoneAgent({
    userAgent: 'soak',
    domain,
    port,
    username,
    secret,
    invited(session) {
      if (telephone.answers === 'busy') return session.reject(486);
      if (telephone.answers === 'decline') return session.reject(603);
      calls.push(session);
      session.on = { reinvited: async () => description() };
      session.ring();
      if (telephone.answers === 'accept') session.accept(description()).catch(() => {});
    },
  });

  const telephone: ScriptedTelephone = {
    extension,
    answers: 'accept',
    get calls() {
      return calls;
    },
    description,
    register: line.register,
    begin(to, more = {}) {
      const session = line.invite(to.extension, description(), more);
      begun.push(session);
      const answered = new Promise<Call>((resolve, reject) => {
        session.on = {
          accepted: () => resolve({ session }),
          rejected: (status) => reject(new SipRefusal(status, `refused with ${status}`)),
          cancelled: () => reject(new SipRefusal(487, 'cancelled')),
          ended: () => reject(new SipRefusal(487, 'ended')),
          reinvited: async () => description(),
        };
      });
      return { session, answered };
    },
    call: (to, more) => telephone.begin(to, more).answered,
    reset() {
      telephone.answers = 'accept';
      calls = [];
      begun = [];
    },
    async hangUpAll() {
      for (const session of [...calls, ...begun]) if (session.state !== 'ended') await session.bye();
    },
  };
  return telephone;
}
