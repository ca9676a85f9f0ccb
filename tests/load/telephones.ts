import { createUserAgent, parseSipUri, SipRefusal, type UserAgent } from '@liaison/sip';

/** Telephones of our own stack that stay registered over UDP, each with a socket and credentials of its own. */
export async function registerTelephones(options: {
  domain: string;
  sipPort: number;
  telephones: readonly { username: string; secret: string }[];
}): Promise<{ stop(): Promise<void> }> {
  const { domain, sipPort, telephones } = options;
  const agents: UserAgent[] = [];
  const refuse = (): never => {
    throw new SipRefusal(405, 'Method Not Allowed');
  };
  for (const { username, secret } of telephones) {
    const agent = createUserAgent({
      userAgent: 'liaison-load',
      transports: [{ protocol: 'udp', host: '127.0.0.1', port: 0 }],
      handlers: {
        credentials: async () => null,
        realmFor: () => null,
        register: async () => refuse(),
        invite: (session) => session.reject(486),
      },
    });
    const { udpPort } = await agent.start();
    agents.push(agent);
    const address = { uri: parseSipUri(`sip:${username}@${domain}`), params: new Map() };
    const answer = await agent.request({
      method: 'REGISTER',
      target: parseSipUri(`sip:127.0.0.1:${sipPort}`),
      from: address,
      to: address,
      headers: [
        ['Contact', `<sip:${username}@127.0.0.1:${udpPort}>`],
        ['Expires', '600'],
      ],
      auth: { username, password: secret },
    });
    if (answer.status !== 200) throw new Error(`REGISTER of ${username}: ${answer.status}`);
  }
  return {
    async stop() {
      for (const agent of agents) await agent.stop();
    },
  };
}
