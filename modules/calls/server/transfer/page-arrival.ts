import { Problem } from '@liaison/core/contract';
import type { Core } from '@liaison/core/floor';
import { NotOwned } from '@liaison/core/owned';
import type { CallView } from '../../contract/index.ts';
import type { Call } from '../call.ts';
import type { TransferNeeds } from './transfers.ts';

/** Later than the call that a page goes to may still wait for it (`ask-again.ts`). */
const arrivalMs = 6000;
/** An owner that does not answer is asked again so often, as far apart as the above: then it is dead, and so is its call. */
const mostAsked = 5;

/**
 * A page that is let go to a call of another process keeps its microphone for it. Should that call never have heard of it, the
 * page is told that the call was lost; a telephone is hung up by the process that drives it (`far/line-driver.ts`).
 */
export function createPageArrival({
  order,
  tell,
  log,
}: Pick<TransferNeeds, 'order'> & {
  log: Pick<Core['log'], 'info'>;
  tell(personId: string, view: CallView): void;
}): (call: Call, personId: string, into: string) => void {
  async function isThere(orgId: string, personId: string, into: string): Promise<boolean> {
    try {
      await order(orgId, into, { order: 'peek', personId });
      return true;
    } catch (error) {
      if (error instanceof Problem || error instanceof NotOwned) return false;
      throw error;
    }
  }

  return (call, personId, into) => {
    const last = call.viewFor(personId);
    if (!last) return;
    let asked = 0;
    const look = async (): Promise<void> => {
      asked += 1;
      const there = await isThere(call.orgId, personId, into).catch((error: Error) => {
        log.info({ callId: into, err: error }, 'a call was not heard about who came to it');
        return asked < mostAsked ? null : false;
      });
      if (there === null) lookLater();
      // A page that was there, and has heard of its end, knows better and passes this over.
      else if (!there) tell(personId, { ...last, id: into, part: 0, continuesAs: null, reason: 'lost' });
    };
    const lookLater = (): void => void setTimeout(look, arrivalMs).unref();
    lookLater();
  };
}
