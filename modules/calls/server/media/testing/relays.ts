import { afterAll, afterEach, beforeAll } from 'vitest';
import { createMediaPool, type MediaPool, type Relay } from '../media.ts';
import { openTelephone, type TestTelephone, type TestTelephoneOptions } from './telephone.ts';

/** One media process for a test file, and what each of its tests opens. */
export interface Relays {
  newRelay(): Promise<Relay>;
  telephone(options?: TestTelephoneOptions): Promise<TestTelephone>;
  /** What else is closed after this test; the last one first. */
  afterwards(close: () => unknown): void;
}

/** Call it at the top of a test file. */
export function openRelays(): Relays {
  const quiet = () => {};
  let media: MediaPool;
  beforeAll(() => {
    media = createMediaPool({
      rtpPorts: { min: 0, max: 0 },
      advertise: '127.0.0.1',
      bind: '0.0.0.0',
      maxProcesses: 1,
      log: { info: quiet, warn: console.warn, error: quiet },
    });
  });
  afterAll(() => media.stop());
  const closing: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });
  return {
    async newRelay() {
      const relay = await media.createRelay();
      closing.push(() => relay.close());
      return relay;
    },
    async telephone(options = {}) {
      const made = await openTelephone(options);
      closing.push(() => made.close());
      return made;
    },
    afterwards: (close) => void closing.push(close),
  };
}
