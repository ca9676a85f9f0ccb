import { type QueryClient, QueryObserver } from '@tanstack/react-query';
import { expect, test, vi } from 'vitest';
import { createQueryClient, putAnswer } from './query-client.ts';

const soon = (sees: () => void): Promise<void> => vi.waitFor(sees, { timeout: 10_000 });
const key = ['api', 'GET', '/things'];

/** A page that looks at `key`, whose questions are answered when the test says so. */
function look(client: QueryClient) {
  const asked: { answer(value: string): void; fail(): void }[] = [];
  const queryFn = ({ signal }: { signal: AbortSignal }): Promise<string> =>
    new Promise((answer, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason));
      asked.push({ answer, fail: () => reject(new Error('no')) });
    });
  const observer = new QueryObserver(client, { queryKey: key, queryFn, retry: false });
  const end = observer.subscribe(() => {});
  const askedAgain = (times: number): Promise<void> => soon(() => expect(asked).toHaveLength(times));
  return { asked, askedAgain, end, shown: () => observer.getCurrentResult().data };
}

test('what became stale while it was asked for the first time is asked once more after its answer, which is shown', async () => {
  const client = createQueryClient();
  const page = look(client);
  for (let time = 0; time < 3; time++) void client.invalidateQueries({ queryKey: ['api'] });
  expect(page.asked).toHaveLength(1);
  page.asked[0]?.answer('from before');
  await page.askedAgain(2);
  expect(page.shown()).toBe('from before');
  page.asked[1]?.answer('as it is');
  await soon(() => expect(page.shown()).toBe('as it is'));
  expect(page.asked).toHaveLength(2);
  page.end();
});

test('a first question that fails is asked once more too; whoever looks no more asks nothing', async () => {
  const client = createQueryClient();
  const page = look(client);
  void client.invalidateQueries();
  page.asked[0]?.fail();
  await page.askedAgain(2);
  void client.invalidateQueries();
  page.end();
  await soon(() => expect(client.isFetching()).toBe(0));
  expect(page.asked).toHaveLength(2);
});

test('what an event tells stands, whatever an older question is answered', async () => {
  const client = createQueryClient();
  const page = look(client);
  putAnswer(client, key, 'told');
  page.asked[0]?.answer('from before');
  expect(client.isFetching()).toBe(0);
  void client.invalidateQueries({ queryKey: key });
  await page.askedAgain(2);
  putAnswer(client, key, 'told later');
  page.asked[1]?.answer('from before');
  await soon(() => expect(client.isFetching()).toBe(0));
  expect(page.shown()).toBe('told later');
  page.end();
});
