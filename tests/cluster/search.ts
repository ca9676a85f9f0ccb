import type { SearchAnswer } from '@liaison/search';
import { expect, test } from 'vitest';
import type { Colleague, Node } from '../testing/cluster.ts';
import { conversationOf, say } from './chat.ts';
import type { TwoProcesses } from './two-processes.ts';

/** What is written at one process is found at the other, by those who may read it. */
export function search(stage: () => TwoProcesses): void {
  test('a message written at one is found at the other within two seconds, and by no third', async () => {
    const { cluster, a, b, alice, bob, carol } = stage();
    const find = async (at: Node, who: Colleague) =>
      (await cluster.ask<SearchAnswer>(at, who, 'GET', '/search?q=spinnaker')).body.rows;
    const conversationId = await conversationOf(stage(), a);
    const sent = await say(stage(), a, alice, conversationId, 'The spinnaker is torn');
    await expect.poll(() => find(b, bob)).toMatchObject([{ kind: 'chat.message', id: sent.body.id }]);
    expect(await find(b, carol)).toEqual([]);
  });
}
