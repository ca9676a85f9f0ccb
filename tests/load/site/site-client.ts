import { randomUUID } from 'node:crypto';
import { Agent, request } from 'node:https';
import { goodPassword } from '@liaison/people/testing';
import { domain, host } from './lab-description.ts';

export interface Answer {
  /** 0 when there was none. */
  readonly status: number;
  /** Its body, or why there was none. */
  readonly text: string;
  readonly cookies: readonly string[];
}

/** How one edge of the site is asked over HTTPS, whose certificate is checked. */
export interface Edge {
  readonly address: string;
  readonly authority: string;
}

export interface Asked {
  readonly method?: string;
  readonly path: string;
  readonly cookie?: string;
  readonly body?: unknown;
  /** A connection of its own unless told. */
  readonly agent?: Agent;
  readonly withinMs?: number;
}

export const agentOf = ({ authority }: Edge): Agent =>
  new Agent({ keepAlive: true, maxSockets: 1, servername: host, ca: authority });

/** Never throws: whoever asks counts. */
export function ask({ address, authority }: Edge, asked: Asked): Promise<Answer> {
  const { method = 'GET', path, cookie, body, agent, withinMs = 15_000 } = asked;
  const none = (error: NodeJS.ErrnoException): Answer => ({
    status: 0,
    text: error.code ?? error.message,
    cookies: [],
  });
  const sent = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
  return new Promise((resolve) => {
    const headers = {
      host,
      ...(cookie === undefined ? {} : { cookie }),
      ...(sent === undefined ? {} : { 'content-type': 'application/json', 'content-length': sent.length }),
      ...(method === 'GET' ? {} : { origin: `https://${host}` }),
    };
    const asking = request(
      { host: address, servername: host, ca: authority, path, method, headers, agent: agent ?? false },
      (answer) => {
        const parts: Buffer[] = [];
        answer.on('data', (part: Buffer) => parts.push(part));
        answer.on('error', (error) => resolve(none(error)));
        answer.on('end', () => {
          clearTimeout(late);
          resolve({
            status: answer.statusCode ?? 0,
            text: Buffer.concat(parts).toString(),
            cookies: (answer.headers['set-cookie'] ?? []).map((line) => line.split(';', 1)[0] ?? ''),
          });
        });
      },
    );
    // A time for the whole: a cut cable answers nothing at all, and a socket's own timeout is about silence only.
    const late = setTimeout(() => asking.destroy(new Error('no answer')), withinMs);
    asking.on('error', (error) => {
      clearTimeout(late);
      resolve(none(error));
    });
    asking.end(sent);
  });
}

export interface Member {
  readonly id: string;
  /** The `cookie` header of her browser. */
  readonly cookie: string;
}

async function post<Body>(
  edge: Edge,
  path: string,
  cookie: string,
  body: unknown,
): Promise<{ body: Body; cookie: string }> {
  const answer = await ask(edge, { method: 'POST', path: `/api/v1${path}`, cookie, body, withinMs: 60_000 });
  if (answer.status >= 300 || answer.status === 0)
    throw new Error(`${path}: ${answer.status} ${answer.text.slice(0, 300)}`);
  return {
    body: (answer.text === '' ? undefined : JSON.parse(answer.text)) as Body,
    cookie: answer.cookies.join('; '),
  };
}

/** The first organisation, as an administrator makes it with the link of the first start, and her colleagues. */
export async function foundOrganisation(edge: Edge, setupToken: string, people: number): Promise<Member[]> {
  const addressOf = (at: number) => `person${at}@${domain}`;
  const { cookie: owner } = await post(edge, '/setup', '', {
    token: setupToken,
    organisation: { name: 'Estuaria', domain },
    owner: {
      name: 'Person 0',
      address: addressOf(0),
      password: goodPassword,
      language: 'en',
      timeZone: 'Europe/Lisbon',
    },
  });
  const cookies = [owner];
  for (let at = 1; at < people; at++) {
    const name = `Person ${at}`;
    const { body } = await post<{ link: string }>(edge, '/invitations', owner, {
      name,
      address: addressOf(at),
    });
    const token = body.link.split('#')[1];
    await post(edge, '/invitations/accept', '', { token, name, password: goodPassword });
    const signedIn = await post(edge, '/auth/sign-in', '', {
      address: addressOf(at),
      password: goodPassword,
    });
    cookies.push(signedIn.cookie);
  }
  const members: Member[] = [];
  for (const cookie of cookies) {
    const { text } = await ask(edge, { path: '/api/v1/session', cookie });
    const { person } = JSON.parse(text) as { person: { id: string } };
    members.push({ id: person.id, cookie });
  }
  return members;
}

/** The conversation of two; its id, and that of the space whose events tell of it. */
export async function openConversation(
  edge: Edge,
  one: Member,
  other: Member,
): Promise<{ id: string; spaceId: string }> {
  const { body } = await post<{ id: string; spaceId: string }>(edge, '/chat/direct', one.cookie, {
    personId: other.id,
  });
  return body;
}

/** Says something; the same key again is the same message. Answers whether it was acknowledged. */
export async function say(
  edge: Edge,
  options: {
    conversationId: string;
    member: Member;
    key?: string;
    text: string;
    agent?: Agent;
    withinMs?: number;
  },
): Promise<boolean> {
  const { conversationId, member, key = randomUUID(), text, ...how } = options;
  const path = `/api/v1/chat/conversations/${conversationId}/messages`;
  const { status } = await ask(edge, {
    method: 'POST',
    path,
    cookie: member.cookie,
    body: { clientKey: key, body: text },
    ...how,
  });
  return status === 200;
}

/** Every message of a conversation, oldest first. */
export async function readAll(edge: Edge, conversationId: string, member: Member): Promise<string[]> {
  const texts: string[] = [];
  for (let before = ''; ; ) {
    const path = `/api/v1/chat/conversations/${conversationId}/messages?limit=200${before}`;
    const { status, text } = await ask(edge, { path, cookie: member.cookie, withinMs: 60_000 });
    if (status !== 200) throw new Error(`messages: ${status} ${text.slice(0, 300)}`);
    const { rows, older } = JSON.parse(text) as { rows: { seq: number; body: string }[]; older: boolean };
    texts.unshift(...rows.map(({ body }) => body));
    const [first] = rows;
    if (!older || first === undefined) return texts;
    before = `&before=${first.seq}`;
  }
}
