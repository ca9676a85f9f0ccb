import { AsyncLocalStorage } from 'node:async_hooks';

/** What follows one request through every layer: into logs, transactions, events and replies. */
export interface RequestContext {
  readonly requestId: string;
  readonly personId?: string;
  readonly orgId?: string;
}

const storage = new AsyncLocalStorage<RequestContext>();

/** Runs `work` so that everything it awaits sees `context`. */
export const runInContext = <T>(context: RequestContext, work: () => T): T => storage.run(context, work);

/** The context of the request being served, or undefined in background work. */
export const currentContext = (): RequestContext | undefined => storage.getStore();
