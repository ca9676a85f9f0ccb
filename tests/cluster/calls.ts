import { answerCall, hangUpCall, holdCall, listMyCalls, startCall, takeCall } from '@liaison/calls';
import { expect, test } from 'vitest';
import { reach, type TwoProcesses } from './two-processes.ts';

/** A call between pages of two processes. Telephones on processes of their own are in `telephones.test.ts`. */
export function calls(stage: () => TwoProcesses): void {
  test('a call rings, is answered, held, resumed and ended from the other', async () => {
    const { cluster, a, b, alice, bob } = stage();
    const [alices, bobs] = await Promise.all([cluster.page(a, alice), cluster.page(b, bob)]);
    const { call } = await alices.command(startCall, { to: bob.extension });
    await bobs.until(() => bobs.call(call.id)?.state === 'ringing', 'ringing at Bob’s');
    await bobs.command(answerCall, { callId: call.id });
    await alices.until(() => alices.call(call.id)?.state === 'connected', 'connected at Alice’s');
    await bobs.until(() => reach(bobs, alice)?.state === 'call', 'Alice is busy');
    await bobs.command(holdCall, { callId: call.id, held: true });
    await alices.until(() => alices.call(call.id)?.heldByPeer === true, 'held at Alice’s');
    await bobs.command(holdCall, { callId: call.id, held: false });
    await alices.until(() => alices.call(call.id)?.heldByPeer === false, 'on again at Alice’s');
    expect((await bobs.command(listMyCalls, {})).calls.map((each) => each.id)).toEqual([call.id]);
    // Alice's page is loaded again, and the proxy gives it the other process; the call stays where it is.
    alices.close();
    await bobs.until(() => bobs.call(call.id)?.peerLost === true, 'Alice’s page is waited for');
    const again = await cluster.page(b, alice);
    await again.command(takeCall, { callId: call.id });
    await bobs.until(() => bobs.call(call.id)?.peerLost === false, 'Alice is back');
    await bobs.command(hangUpCall, { callId: call.id });
    await again.until(() => again.call(call.id)?.state === 'ended', 'ended at Alice’s');
    expect(again.call(call.id)?.reason).toBe('completed');
    for (const page of [again, bobs]) page.close();
  });
}
