import type { Settings } from '../config/index.ts';
import type { Log } from '../log/index.ts';
import { findRunningPostgres, startEmbeddedPostgres } from '../postgres/index.ts';

/** Runs `work` with the address of the database, started for it where nothing runs; see `CommandContext.withDatabase`. */
export async function withDatabase<Result>(
  options: { settings: Settings; log: Log; onProgress: (line: string) => void },
  work: (url: string) => Promise<Result>,
): Promise<Result> {
  const { settings } = options;
  if (settings.databaseUrl !== undefined) return work(settings.databaseUrl);
  const running = await findRunningPostgres(settings.dataFolder);
  if (running !== undefined) return work(running.url);
  const server = await startEmbeddedPostgres({ ...options, dataFolder: settings.dataFolder });
  try {
    return await work(server.url);
  } finally {
    await server.stop();
  }
}
