import type { CallView } from '../contract/index.ts';

/** The call that this person is in, or is rung by, with whoever is meant by an id, an extension or an address. */
export function callWith(calls: Iterable<CallView>, to: string): CallView | undefined {
  for (const call of calls) {
    const { personId, extension, address } = call.peer;
    if (call.state !== 'ended' && [personId, extension, address].includes(to)) return call;
  }
  return undefined;
}
