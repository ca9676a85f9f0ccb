/**
 * A process that owns things until it is killed, for `owned.test.ts`.
 *
 * Reads `{ url, passwords, things }` from its first argument, prints one line of JSON `{ processId, epochs }` when it
 * holds all things, and then does nothing.
 */
import { createInProcessBus } from '../../bus/index.ts';
import { createDb } from '../../db/index.ts';
import { createIds } from '../../ids/index.ts';
import { createOwned, type Thing } from '../index.ts';

const { url, passwords, things } = JSON.parse(process.argv[2]!) as {
  url: string;
  passwords: Record<string, string>;
  things: Thing[];
};
const log = { info() {}, warn() {}, error: (_fields: unknown, message: string) => console.error(message) };
const owned = createOwned({
  db: createDb({ url, password: (role) => passwords[role]! }),
  bus: createInProcessBus(log),
  log,
  ids: createIds({ site: 1 }),
  duties: ['live'],
});
await owned.start();
const epochs: number[] = [];
for (const thing of things) {
  const { epoch } = await owned.claim(thing, {
    command: async () => null,
    lost: () => console.error('lost'),
  });
  epochs.push(epoch);
}
console.log(JSON.stringify({ processId: owned.processId, epochs }));
