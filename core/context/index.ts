import { AsyncLocalStorage } from 'node:async_hooks';

/** What follows one request through every layer: into logs, transactions, events and replies. */
export interface RequestContext {
  readonly requestId: string;
  readonly personId?: string;
  readonly orgId?: string;
}

const storage = new AsyncLocalStorage<RequestContext | undefined>();

/** Runs `work` so that everything it awaits sees `context`; undefined is background work. */
export const runInContext = <T>(context: RequestContext | undefined, work: () => T): T =>
  context === undefined && storage.getStore() === undefined ? work() : storage.run(context, work);

/** The context of the request being served, or undefined in background work. */
export const currentContext = (): RequestContext | undefined => storage.getStore();
