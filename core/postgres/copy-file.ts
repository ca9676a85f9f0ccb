import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';

/**
 * Copies a file as it is now and says what was copied. A file that grows meanwhile is copied to the end that is met; one
 * that is already there is not replaced. Synced to the disk.
 */
export async function copyFile(
  source: string,
  target: string,
  mode: number,
): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256');
  let bytes = 0;
  const input = await open(source, 'r');
  try {
    const output = await open(target, 'wx', mode);
    try {
      const buffer = Buffer.allocUnsafe(1_048_576);
      for (;;) {
        const { bytesRead } = await input.read(buffer, 0, buffer.length, null);
        if (bytesRead === 0) break;
        const part = buffer.subarray(0, bytesRead);
        hash.update(part);
        await output.writeFile(part);
        bytes += bytesRead;
      }
      await output.sync();
    } finally {
      await output.close();
    }
  } finally {
    await input.close();
  }
  return { bytes, sha256: hash.digest('hex') };
}

/** Does something to each item, a few at a time; stops at the first failure. */
export async function forEach<Item>(
  items: readonly Item[],
  atOnce: number,
  action: (item: Item) => Promise<void>,
): Promise<void> {
  let next = 0;
  const work = async () => {
    while (next < items.length) {
      const item = items[next++] as Item;
      try {
        await action(item);
      } catch (error) {
        next = items.length;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
}
