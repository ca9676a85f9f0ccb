import {
  applyRegistration,
  type Binding,
  type BoundPorts,
  createHa1,
  createUserAgent,
  formatUri,
  type Handlers,
  type InviteSession,
  isSipUri,
  type NameAddr,
  parseNameAddr,
  parseSipUri,
  type Registration,
  registeredContacts,
  SipRefusal,
  type SipUri,
  type UserAgent,
  type UserAgentOptions,
} from '../src/index.ts';

export const realm = 'estuaria.example';

export const exampleSdp = (port = 40_000) =>
  [
    'v=0',
    'o=- 1 1 IN IP4 127.0.0.1',
    's=-',
    'c=IN IP4 127.0.0.1',
    't=0 0',
    `m=audio ${port} RTP/AVP 0`,
    'a=rtpmap:0 PCMU/8000',
    '',
  ].join('\r\n');

/** A registrar for the realm above, with users and their passwords in memory. */
export interface RegistrarFixture {
  readonly agent: UserAgent;
  readonly port: number;
  readonly tcpPort: number;
  readonly ports: BoundPorts;
  readonly bindings: Map<string, Binding[]>;
  readonly registrations: Registration[];
  /** Incoming calls go here. */
  onInvite: (session: InviteSession) => void | Promise<void>;
  /** The most recent contact of a user, to call it over its flow. */
  contactOf(user: string): { target: SipUri; binding: Binding } | undefined;
  stop(): Promise<void>;
}

export async function startRegistrar(
  users: Readonly<Record<string, string>>,
  overrides: Partial<Omit<UserAgentOptions, 'handlers'>> & { handlers?: Partial<Handlers> } = {},
): Promise<RegistrarFixture> {
  const bindings = new Map<string, Binding[]>();
  const registrations: Registration[] = [];
  const now = () => overrides.clock?.now() ?? Date.now();
  const { handlers, ...options } = overrides;
  const agent = createUserAgent({
    userAgent: 'fixture',
    transports: [
      { protocol: 'udp', host: '127.0.0.1', port: 0 },
      { protocol: 'tcp', host: '127.0.0.1', port: 0 },
    ],
    ...options,
    handlers: {
      realmFor: () => realm,
      async credentials({ username, algorithm }) {
        const password = users[username];
        if (password === undefined) return null;
        return { ha1: createHa1(algorithm, username, realm, password), principal: username };
      },
      async register(registration) {
        if (registration.aor.user !== registration.principal) throw new SipRefusal(403, 'Forbidden');
        registrations.push(registration);
        const key = registration.aor.user ?? '';
        const next = applyRegistration(bindings.get(key) ?? [], registration, now());
        bindings.set(key, next);
        return registeredContacts(next, now());
      },
      invite: (session) => fixture.onInvite(session),
      ...handlers,
    },
  });
  const ports = await agent.start();
  const fixture: RegistrarFixture = {
    agent,
    port: ports.udpPort ?? 0,
    tcpPort: ports.tcpPort ?? 0,
    ports,
    bindings,
    registrations,
    onInvite: (session) => session.reject(480),
    contactOf(user) {
      const binding = bindings.get(user)?.at(-1);
      return binding && { target: parseSipUri(binding.uri), binding };
    },
    stop: () => agent.stop(),
  };
  return fixture;
}

export function address(user: string): NameAddr {
  return parseNameAddr(`<sip:${user}@${realm}>`);
}

/** A telephone of our own: a user agent that takes calls without asking who calls. */
export async function startPhone(
  onInvite: (session: InviteSession) => void | Promise<void> = (session) => session.reject(486),
  {
    handlers,
    ...overrides
  }: Partial<Omit<UserAgentOptions, 'handlers'>> & { handlers?: Partial<Handlers> } = {},
): Promise<{ agent: UserAgent; port: number; ports: BoundPorts }> {
  const agent = createUserAgent({
    userAgent: 'telephone',
    transports: [
      { protocol: 'udp', host: '127.0.0.1', port: 0 },
      { protocol: 'tcp', host: '127.0.0.1', port: 0 },
    ],
    authenticate: async () => ({ principal: 'anybody' }),
    ...overrides,
    handlers: {
      realmFor: () => 'telephone',
      credentials: async () => null,
      register: async () => [],
      invite: onInvite,
      ...handlers,
    },
  });
  const ports = await agent.start();
  return { agent, port: ports.udpPort ?? 0, ports };
}

export function userOf(session: InviteSession): string {
  const { uri } = session.remote;
  return isSipUri(uri) ? (uri.user ?? '') : formatUri(uri);
}
