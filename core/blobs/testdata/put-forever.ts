import { pathToFileURL } from 'node:url';
import { createBlobs } from '../index.ts';

/** Puts a blob that never ends into the folder of the first argument; says so once bytes are on their way. */
const blobs = await createBlobs(pathToFileURL(process.argv[2] ?? '').href);
async function* endless() {
  for (let count = 0; ; count++) {
    if (count === 50) process.stdout.write('started\n');
    yield Buffer.alloc(65_536, count);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
await blobs.put(endless(), { maxBytes: Number.MAX_SAFE_INTEGER });
