import type { TraceLine } from '../../contract/index.ts';

/** Words for one line of a ladder: a key below `ladder.said`, with what stands in it. */
export type Said =
  | { readonly kind: 'said'; readonly key: SaidKey; readonly values?: Readonly<Record<string, string>> }
  /** The call itself, as it was from then on. */
  | {
      readonly kind: 'state';
      readonly state: 'ringing' | 'connected' | 'ended';
      readonly path: 'direct' | 'relay' | null;
      readonly legs: readonly {
        role: 'caller' | 'callee' | 'rings';
        kind: 'page' | 'telephone' | 'service';
      }[];
    }
  | { readonly kind: 'ended'; readonly reason: string }
  /** Nothing but the technical words is known of it. */
  | null;

const requests = {
  INVITE: 'invite',
  ACK: 'ack',
  BYE: 'bye',
  CANCEL: 'cancel',
  PRACK: 'prack',
  UPDATE: 'update',
  INFO: 'info',
  REFER: 'refer',
  NOTIFY: 'notify',
  SUBSCRIBE: 'subscribe',
  REGISTER: 'register',
  OPTIONS: 'options',
  MESSAGE: 'message',
} as const;

/** Statuses that mean something of their own to whoever looks for a fault (RFC 3261 §21). */
const statuses = {
  100: 'trying',
  180: 'rings',
  183: 'early',
  200: 'accepted',
  202: 'accepted',
  401: 'challenged',
  403: 'forbidden',
  404: 'nobody',
  407: 'challenged',
  408: 'timeout',
  480: 'unreachable',
  481: 'unknownCall',
  486: 'busy',
  487: 'takenBack',
  488: 'noSound',
  491: 'crossed',
  503: 'overloaded',
  603: 'declined',
} as const;
const classes = ['underWay', 'accepted', 'elsewhere', 'refused', 'serverFailed', 'refused'] as const;

const orders = {
  start: 'start',
  answer: 'answer',
  leave: 'leave',
  'hold on': 'holdOn',
  'hold off': 'holdOff',
  take: 'take',
  transfer: 'transfer',
  join: 'join',
  release: 'release',
  send: 'move',
  stay: 'stay',
} as const;

const rounds = {
  description: 'roundDescription',
  answer: 'roundAnswer',
  connected: 'roundConnected',
  failed: 'roundFailed',
} as const;

export type SaidKey =
  | (typeof requests)[keyof typeof requests]
  | (typeof statuses)[keyof typeof statuses]
  | (typeof classes)[number]
  | (typeof orders)[keyof typeof orders]
  | (typeof rounds)[keyof typeof rounds]
  | 'reinvite'
  | 'roundDirect'
  | 'roundRelay'
  | 'dialled'
  | 'dialledPerson';

const lookUp = <Value>(table: Readonly<Record<string | number, Value>>, key: string): Value | undefined =>
  Object.hasOwn(table, key) ? table[key] : undefined;
const said = (key: SaidKey | undefined, values?: Record<string, string>): Said =>
  key === undefined ? null : { kind: 'said', key, ...(values ? { values } : {}) };

/** What a line of a ladder means, from its technical title. */
export function readTitle({ kind, title, body }: Pick<TraceLine, 'kind' | 'title' | 'body'>): Said {
  if (kind === 'sip') {
    const status = /^([1-6])\d\d\b/.exec(title);
    if (status) return said(lookUp(statuses, status[0]) ?? classes[Number(status[1]) - 1]);
    // A tag of the other one: the dialog stands already (RFC 3261 §12.2).
    if (title === 'INVITE' && /^(?:to|t)\s*:[^\r\n]*;\s*tag=/im.test(body ?? '')) return said('reinvite');
    return said(lookUp(requests, title));
  }
  if (kind === 'page') {
    const round = /^media round (\d+): (?:(?:offer|answer) wanted, (direct|relay)|(\w+))$/.exec(title);
    if (!round) return said(lookUp(orders, title));
    const [, number = '', path, step = ''] = round;
    return said(path === 'direct' ? 'roundDirect' : path === 'relay' ? 'roundRelay' : lookUp(rounds, step), {
      round: number,
    });
  }
  if (title === 'dialled (a person)') return said('dialledPerson');
  const dialled = /^dialled (.+)$/.exec(title);
  if (dialled) return said('dialled', { what: dialled[1] ?? '' });
  const ended = /^ended: ([\w-]+)$/.exec(title);
  if (ended) return { kind: 'ended', reason: ended[1] ?? '' };
  return readState(title);
}

/** `connected · media relay · caller page, callee telephone`, as the server's `signal-tap.ts` writes it. */
function readState(title: string): Said {
  const parts =
    /^(ringing|connected|ended)(?: · media (direct|relay))? · ((?:(?:caller|callee|rings) \w+(?:, )?)*)$/.exec(
      title,
    );
  if (!parts) return null;
  type State = Extract<Said, { kind: 'state' }>;
  return {
    kind: 'state',
    state: parts[1] as State['state'],
    path: (parts[2] ?? null) as State['path'],
    legs: (parts[3] ?? '')
      .split(', ')
      .filter((leg) => leg !== '')
      .map((leg) => {
        const [role, kind] = leg.split(' ');
        return {
          role: role as State['legs'][number]['role'],
          kind: kind === 'page' || kind === 'telephone' ? kind : 'service',
        };
      }),
  };
}
