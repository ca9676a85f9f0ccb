import { QueryObserver } from '@tanstack/react-query';
import { expect, test } from 'vitest';
import { createQueryClient } from './query-client.ts';
import { type Session, sessionQuery } from './session.tsx';

const session = { sessionId: 's', name: 'Inês Carvalhal' } as Session;

test('whoever stops watching the session leaves the question to those who wait for it', async () => {
  let answer: (session: Session) => void = () => {};
  const source = { load: () => new Promise<Session>((resolve) => (answer = resolve)), end: async () => {} };
  const queries = createQueryClient();
  const gate = queries.ensureQueryData(sessionQuery(source));
  // As a provider does that is drawn, taken away and drawn again, while the server is slow to answer.
  const watcher = new QueryObserver(queries, { ...sessionQuery(source), enabled: false });
  watcher.subscribe(() => {})();
  answer(session);
  expect(await gate).toEqual(session);
  queries.clear();
});
