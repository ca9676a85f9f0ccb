import { expect, test } from 'vitest';
import { soakUploads } from './load/uploads/soak-uploads.ts';

/** What `npm run soak -- uploads` does with 200 and with pages, in small. */
test('uploads cut by their connections and by killed servers come out as they went in, and leave nothing behind', async () => {
  const seed = Number(process.env.UPLOADS_SEED ?? Math.floor(Math.random() * 2 ** 31));
  const outcome = await soakUploads({
    uploads: 12,
    largestBytes: 4_000_000,
    seed,
    share: { server: 12, page: 0 },
    say: () => {},
  });
  const missed = outcome.rows.filter(({ met }) => met === false);
  expect([seed, missed, missed.length === 0 ? [] : outcome.notes]).toEqual([seed, [], []]);
}, 240_000);
