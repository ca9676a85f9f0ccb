import { QueryClient } from '@tanstack/react-query';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { defineRoute } from '../contract/index.ts';
import { invalidate, routeKey, useAction, useApi, useApiPages } from './queries.ts';
import { api } from './request.ts';
import type { RouteArgs, RouteResult } from './route-args.ts';

const one = defineRoute({
  method: 'GET',
  path: '/things/:id',
  access: 'session',
  summary: 'One.',
  params: z.object({ id: z.string() }),
  response: z.object({ name: z.string() }),
});
const list = defineRoute({
  method: 'GET',
  path: '/things',
  access: 'session',
  summary: 'All.',
  query: z.object({ q: z.string().optional(), cursor: z.string().optional() }),
  response: z.object({ rows: z.array(z.object({ name: z.string() })), next: z.string().nullable() }),
});
const rename = defineRoute({
  method: 'PATCH',
  path: '/things/:id',
  access: 'session',
  summary: 'Rename.',
  params: z.object({ id: z.string() }),
  body: z.object({ name: z.string(), at: z.number().default(0) }),
});

async function staleAfter(...stale: Parameters<typeof invalidate>[1]): Promise<string[]> {
  const client = new QueryClient();
  const keys = {
    a: routeKey(one, { params: { id: 'a' } }),
    b: routeKey(one, { params: { id: 'b' } }),
    all: routeKey(list, {}),
    searched: routeKey(list, { query: { q: 'x' } }),
    pages: [...routeKey(list, { params: {}, query: { q: 'x' } }), 'pages'],
  };
  for (const key of Object.values(keys)) client.setQueryData(key, 1);
  await invalidate(client, stale);
  return Object.entries(keys)
    .filter(([, key]) => client.getQueryState(key)?.isInvalidated)
    .map(([name]) => name);
}

test('a route makes all of its answers stale, with arguments only those', async () => {
  expect(await staleAfter(one)).toEqual(['a', 'b']);
  expect(await staleAfter([one, { params: { id: 'a' } }])).toEqual(['a']);
  expect(await staleAfter(list)).toEqual(['all', 'searched', 'pages']);
  expect(await staleAfter([list, { query: { q: 'x' } }])).toEqual(['searched', 'pages']);
  expect(await staleAfter(rename)).toEqual([]);
});

test('routes type what they are called with and what they answer', () => {
  // Never called: only the compiler reads this.
  const typed = (): void => {
    const answer: Promise<{ name: string }> = api(one, { params: { id: 'x' } });
    void answer;
    void api(list);
    void api(list, { query: { q: 'x' } });
    // @ts-expect-error the parameter is missing
    void api(one);
    // @ts-expect-error a body that the route does not have
    void api(one, { params: { id: 'x' }, body: {} });
    // @ts-expect-error a name is needed
    void api(rename, { params: { id: 'x' }, body: {} });
    useApi(one, null);
    const { data } = useApi(one, { params: { id: 'x' } });
    const name: string | undefined = data?.name;
    const rows: readonly { name: string }[] | undefined = useApiPages(list).rows;
    const action = useAction(rename, { invalidates: [list, [one, { params: { id: 'x' } }]] });
    action.mutate({ params: { id: 'x' }, body: { name: 'y' } });
    const args: RouteArgs<typeof rename> = { params: { id: 'x' }, body: { name: 'y' } };
    const none: RouteResult<typeof rename> = undefined;
    void [name, rows, args, none];
  };
  expect(typed).toBeTypeOf('function');
});
