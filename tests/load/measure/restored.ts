import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { scratchFolder } from './installation.ts';
import { environmentOf, repository, startServer } from './server.ts';

/** An installation that was made anew from a backup. */
export interface Restored {
  readonly url: string;
  /** By the operator's program, before the server was started on it. */
  readonly seconds: number;
  close(): Promise<void>;
}

/** The operator's program on a data folder; answers what it printed, and throws with what it complained of. */
export async function runLiaison(
  dataFolder: string,
  words: readonly string[],
  more: Readonly<Record<string, string>> = {},
): Promise<string> {
  const env = { ...process.env, ...environmentOf(dataFolder, 0), ...more };
  const args = ['apps/cli/main.ts', ...words];
  const options = { cwd: repository, env, timeout: 300_000, maxBuffer: 2 ** 24 };
  return promisify(execFile)(process.execPath, args, options).then(
    ({ stdout }) => stdout,
    (error: { stderr?: string; message: string }) => {
      throw new Error(`liaison ${words[0]}: ${error.stderr || error.message}`);
    },
  );
}

/** Restores the newest backup of a place with all its log into an empty folder, and starts the server there. */
export async function restoreElsewhere(options: { place: string; identity: string }): Promise<Restored> {
  const { folder, remove } = await scratchFolder('restored');
  try {
    const identityFile = join(folder, 'identity');
    await writeFile(identityFile, `${options.identity}\n`, { mode: 0o600 });
    const dataFolder = join(folder, 'data');
    const begun = performance.now();
    await runLiaison(dataFolder, ['restore', options.place, '--identity', identityFile]);
    const seconds = (performance.now() - begun) / 1000;
    const server = await startServer({ dataFolder, pin: false });
    return {
      url: server.url,
      seconds,
      async close() {
        await server.stop();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Every message of a conversation, oldest first, as one of its members reads it. */
export async function readConversation(
  url: string,
  conversationId: string,
  cookie: string,
): Promise<string[]> {
  const texts: string[] = [];
  for (let before = ''; ; ) {
    const path = `/api/v1/chat/conversations/${conversationId}/messages?limit=200${before}`;
    const answer = await fetch(`${url}${path}`, { headers: { cookie } });
    if (!answer.ok) throw new Error(`messages: ${answer.status} ${(await answer.text()).slice(0, 300)}`);
    const { rows, older } = (await answer.json()) as {
      rows: { seq: number; body: string }[];
      older: boolean;
    };
    texts.unshift(...rows.map(({ body }) => body));
    const [first] = rows;
    if (!older || first === undefined) return texts;
    before = `&before=${first.seq}`;
  }
}

/** Of what was said: how much is nowhere, and how much is there more than once. */
export function compare(
  said: readonly string[],
  found: readonly string[],
): { missing: number; doubled: number } {
  const counts = new Map<string, number>();
  for (const text of found) counts.set(text, (counts.get(text) ?? 0) + 1);
  return {
    missing: said.filter((text) => !counts.has(text)).length,
    doubled: said.filter((text) => (counts.get(text) ?? 0) > 1).length,
  };
}
