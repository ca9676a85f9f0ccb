import {
  createUserAgent,
  type InviteOptions,
  type InviteSession,
  parseNameAddr,
  parseSipUri,
  type UserAgent,
} from '../src/index.ts';

/** A telephone of our own stack over UDP, at a server of the loopback that believes in it by digest. */
export interface TelephoneAgent {
  readonly agent: UserAgent;
  /** Throws what the server says when it is not 200. */
  register(): Promise<void>;
  /** Rings `user` of its domain. */
  invite(user: string, offer: string, more?: Partial<InviteOptions>): InviteSession;
}

export async function startTelephoneAgent(options: {
  userAgent: string;
  domain: string;
  /** The server's UDP port. */
  port: number;
  username: string;
  secret: string;
  /** A call for it. */
  invited(session: InviteSession): void;
}): Promise<TelephoneAgent> {
  const { userAgent, domain, port, username, secret, invited } = options;
  const agent = createUserAgent({
    userAgent,
    transports: [{ protocol: 'udp', host: '127.0.0.1', port: 0 }],
    authenticate: async () => ({ principal: 'server' }),
    handlers: {
      realmFor: () => 'telephone',
      credentials: async () => null,
      register: async () => [],
      invite: invited,
    },
  });
  const { udpPort } = await agent.start();
  const own = parseNameAddr(`<sip:${username}@${domain}>`);
  const route = [`<sip:127.0.0.1:${port};lr>`];
  const auth = { username, password: secret };
  return {
    agent,
    async register() {
      const { status, reason } = await agent.request({
        method: 'REGISTER',
        target: parseSipUri(`sip:${domain}`),
        route,
        from: own,
        to: own,
        auth,
        headers: [
          ['contact', `<sip:${username}@127.0.0.1:${udpPort}>`],
          ['expires', '600'],
        ],
      });
      if (status !== 200) throw new Error(`${username} was not registered: ${status} ${reason}`);
    },
    invite: (user, offer, more = {}) =>
      agent.invite({
        target: parseSipUri(`sip:${user}@${domain}`),
        route,
        from: own,
        to: parseNameAddr(`<sip:${user}@${domain}>`),
        offer,
        auth,
        ...more,
      }),
  };
}
