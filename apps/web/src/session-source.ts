import { api, isPassing, routeUrl, type Session, type SessionSource } from '@liaison/core/web';
import { getPhoto, getSession, type SessionState, signOut } from '@liaison/people';
import { firstAnswer } from './early.ts';

const storageKey = 'liaison.session';

/** What the server says about this browser, before it is narrowed to "somebody is signed in". */
let lastState: SessionState['state'] = 'signed-out';

/** Why nobody is signed in: the gate chooses the page by it. */
export const signedOutState = (): Exclude<SessionState['state'], 'signed-in'> =>
  lastState === 'signed-in' ? 'signed-out' : lastState;

function sessionOf(state: SessionState): Session | null {
  lastState = state.state;
  if (state.state !== 'signed-in') return null;
  const { person, organisation } = state;
  return {
    sessionId: state.sessionId,
    personId: person.id,
    personalSpaceId: state.personalSpaceId,
    orgId: organisation.id,
    orgName: organisation.name,
    name: person.name,
    address: person.address,
    extension: person.extension,
    role: person.role,
    language: person.language,
    timeZone: person.timeZone,
    photo:
      person.photo === null
        ? null
        : routeUrl(getPhoto, { params: { id: person.id }, query: { v: person.photo } }),
  };
}

function keep(session: Session | null): void {
  try {
    if (session) localStorage.setItem(storageKey, JSON.stringify(session));
    else localStorage.removeItem(storageKey);
  } catch {
    // Storage is forbidden: an offline start then shows that the server cannot be reached.
  }
}

function kept(): Session | null {
  try {
    return JSON.parse(localStorage.getItem(storageKey) ?? 'null') as Session | null;
  } catch {
    return null;
  }
}

let first: Promise<SessionState> | null = firstAnswer;

/** The answer to the page's own first question counts for what asks first; where the page opens outside, for nobody. */
export const forgetFirstAnswer = (): void => {
  first = null;
};

function ask(): Promise<SessionState> {
  const asked = first;
  forgetFirstAnswer();
  return asked ?? api(getSession);
}

let isFromServer = false;

/** False while the session is the last one known here, because the server could not be asked. */
export const sessionIsFromServer = (): boolean => isFromServer;

/** Whether somebody was signed in here when the page was last open. */
export const hadSession = (): boolean => kept() !== null;

/** Who is signed in, from the people module. Without the server the last one known here may read what the page kept. */
export const sessionSource: SessionSource = {
  async load() {
    try {
      const session = sessionOf(await ask());
      keep(session);
      isFromServer = true;
      return session;
    } catch (error) {
      const last = isPassing(error) ? kept() : null;
      if (last) return last;
      throw error;
    }
  },
  async end() {
    await api(signOut);
    keep(null);
  },
};

/** Asks the server itself; false only when it says that nobody is signed in. */
export async function stillSignedIn(): Promise<boolean> {
  return (await api(getSession)).state === 'signed-in';
}

/** Forgets who was here. */
export const forgetSession = (): void => keep(null);
