import { MediaError, type MediaPool, type MediaPoolOptions } from './media.ts';

/** Makes the pool; no process is started before the first relay is asked for. `stop()` ends it. */
export function createMediaPool(_options: MediaPoolOptions): MediaPool {
  return {
    createRelay: () => Promise.reject(new MediaError('lost', 'The media processes are not in this build.')),
    stop: () => Promise.resolve(),
    stats: () => ({ processes: 0, relays: 0, crashes: 0 }),
  };
}
