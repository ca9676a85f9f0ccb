import { randomUUID } from 'node:crypto';
import { type CallView, callChanged } from '@liaison/calls';
import type { BrowserContext, WebSocketRoute } from 'playwright-core';

/** Who rings. */
export type Caller = Pick<CallView['peer'], 'name'> & Partial<CallView['peer']>;

/**
 * Lets pages of a context hear that somebody rings, as the server would tell them: nobody has to call, and all that is
 * shown of her is asked of the server. The answer tells the page that was opened last, once it has asked for its calls.
 */
export async function letRing(context: BrowserContext): Promise<(caller: Caller) => Promise<void>> {
  let socket: WebSocketRoute | undefined;
  const { promise: ready, resolve } = Promise.withResolvers<void>();
  await context.routeWebSocket('**/api/v1/live', (route) => {
    socket = route;
    route.connectToServer().onMessage((message) => {
      route.send(message);
      if (/"t":"reply".*"calls":\[\]/.test(String(message))) resolve();
    });
  });
  return async (caller) => {
    await ready;
    const call: CallView = {
      id: randomUUID(),
      direction: 'incoming',
      state: 'ringing',
      peer: { personId: null, address: null, extension: null, ...caller },
      mine: null,
      peerKind: null,
      ringing: { pages: true, telephones: 1 },
      heldByMe: false,
      heldByPeer: false,
      peerLost: false,
      startedAt: new Date().toISOString(),
      answeredAt: null,
      endedAt: null,
      reason: null,
    };
    socket?.send(JSON.stringify({ t: 'signal', name: callChanged.name, data: call }));
  };
}
