import { randomBytes } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { createBlobs } from '../blobs/index.ts';
import { StartError } from '../config/index.ts';
import { failed, good, reasonOf, type Step } from './finding.ts';

const bytes = 64 * 1024;

/** A blob of our own is put, read again and removed. */
export const blobsStep: Step = {
  name: 'blobs',
  limitMs: 20_000,
  async look({ settings }, signal) {
    const isFolder = settings.blobsUrl.startsWith('file:');
    const mend = isFolder
      ? 'give the server’s user that folder, or name another one in BLOBS_URL'
      : 'look whether the store runs, and at key, secret, bucket and region in BLOBS_URL';
    if (isFolder) {
      const folder = fileURLToPath(settings.blobsUrl);
      const there = await stat(folder).then(
        (found) => found.isDirectory(),
        () => false,
      );
      if (!there)
        return [failed(`${folder} is no folder`, `start the server once, which makes it; otherwise ${mend}`)];
    }
    const begun = performance.now();
    let name: string | undefined;
    const doing = { now: 'written' };
    try {
      const blobs = await createBlobs(settings.blobsUrl);
      const content = randomBytes(bytes);
      const { sha256 } = await blobs.put([content], { maxBytes: bytes, signal });
      name = sha256;
      doing.now = 'read';
      const { stream } = await blobs.open(sha256);
      const read: Buffer[] = [];
      for await (const chunk of stream) read.push(Buffer.from(chunk as Uint8Array));
      doing.now = 'removed';
      await blobs.remove(sha256);
      if (!Buffer.concat(read).equals(content))
        return [
          failed(
            'a blob does not come back as it was written',
            'look at the disk or the store: it loses bytes',
          ),
        ];
      if (await blobs.has(sha256))
        return [
          failed('a blob that was removed is still there', `let the key of BLOBS_URL delete, too: ${mend}`),
        ];
      const ms = Math.round(performance.now() - begun);
      return [
        good(`a blob is written, read and removed in ${ms} ms, in ${isFolder ? 'a folder' : 'an S3 store'}`, {
          value: ms,
          unit: 'ms',
        }),
      ];
    } catch (error) {
      const left = name === undefined ? '' : ` (${name} is left behind)`;
      if (error instanceof StartError) return [failed(`blobs: ${error.what}`, `${error.mend} (BLOBS_URL)`)];
      return [failed(`a blob cannot be ${doing.now}${left}: ${reasonOf(error)}`, mend)];
    }
  },
};
