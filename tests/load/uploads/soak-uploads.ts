import { createHash } from 'node:crypto';
import { readdir, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { scratchFolder, seedInstallation } from '../measure/installation.ts';
import { atMost, type Outcome } from '../measure/report.ts';
import { freePort, type RunningServer, startServer } from '../measure/server.ts';
import { sendByPage } from './pages.ts';
import { contentOf, type PlannedUpload, planUploads, sumOf } from './planned.ts';
import { sendPlanned } from './sender.ts';

const atOnce = 6;

interface Listed {
  readonly id: string;
  readonly name: string;
  readonly bytes: number;
}

/**
 * Uploads that are each cut in their middle: by their connection, by `kill -9` of the server, by a reload of the page that sends them.
 * In the end each file has the sum of what was sent, and nothing else is left on the disk.
 */
export async function soakUploads(options: {
  readonly uploads: number;
  readonly largestBytes: number;
  readonly seed: number;
  /** Of a hundred. */
  readonly share: { readonly server: number; readonly page: number };
  say(line: string): void;
}): Promise<Outcome> {
  const { seed, say } = options;
  const planned = planUploads(seed, options.uploads, options.largestBytes, options.share);
  const { folder, remove } = await scratchFolder('soak-uploads');
  let server: RunningServer | undefined;
  try {
    const dataFolder = join(folder, 'data');
    const seeded = await seedInstallation(dataFolder, { people: 1 });
    const { cookie } = seeded.people[0]!;
    const httpPort = await freePort();
    const start = () => startServer({ dataFolder, httpPort, pin: false });
    server = await start();
    const { url } = server;
    const get = async <Body>(path: string): Promise<Body> =>
      (await fetch(`${url}/api/v1/files${path}`, { headers: { cookie } })).json() as Promise<Body>;
    const { rows: trees } = await get<{ rows: { kind: string; rootId: string }[] }>('/trees');
    const folderId = trees.find(({ kind }) => kind === 'personal')!.rootId;

    let kills = 0;
    let restarting: Promise<void> | undefined;
    const killServer = () => {
      restarting ??= (async () => {
        kills += 1;
        process.kill(server!.pid, 'SIGKILL');
        await server!.stop();
        server = await start();
        restarting = undefined;
      })();
      return restarting;
    };
    const isThere = async (name: string): Promise<boolean> => {
      const answer = await get<{ rows: Listed[] }>(`/search?q=${encodeURIComponent(name)}`).catch(() => null);
      return answer?.rows?.some((row) => row.name === name) ?? false;
    };

    const began = performance.now();
    const waiting = planned.filter(({ cut }) => cut !== 'page');
    const ofPage = planned.filter(({ cut }) => cut === 'page');
    let cuts = 0;
    let done = 0;
    const work = async (): Promise<void> => {
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        const pieces = await sendPlanned({ url, cookie, folderId, seed, killServer }, next);
        cuts += pieces - 1;
        done += 1;
        if (done % 20 === 0) say(`${done} are whole, ${kills} servers were killed`);
      }
    };
    const byPage = async (): Promise<number> =>
      ofPage.length === 0
        ? 0
        : sendByPage({
            url,
            cookie,
            folderId,
            seed,
            scratch: join(folder, 'page'),
            uploads: ofPage,
            isThere,
          });
    const [reloads] = await Promise.all([byPage(), ...Array.from({ length: atOnce }, work)]);
    const seconds = (performance.now() - began) / 1000;

    say('reading all of it back');
    const files = await allFiles(get, folderId);
    const wrong: string[] = [];
    const sums = new Set<string>();
    for (const upload of planned) {
      const file = files.find(({ name }) => name === upload.name);
      const sent = await sumOf(contentOf(seed, upload));
      sums.add(sent);
      const got =
        file === undefined
          ? 'nothing'
          : await download(`${url}/api/v1/files/nodes/${file.id}/content`, cookie);
      if (got !== sent) wrong.push(`${upload.name}: ${describe(upload)}, got ${got}`);
    }
    const blobs = join(dataFolder, 'blobs');
    const spools = await readdir(join(blobs, 'spool')).catch(() => []);
    const orphans = (await blobNames(blobs)).filter((name) => !sums.has(name));
    // What a killed server was writing goes with the first start an hour later.
    const unfinished = join(blobs, 'incoming');
    const byKills = await readdir(unfinished);
    for (const name of byKills) await utimes(join(unfinished, name), new Date(0), new Date(0));
    await server.stop();
    server = await start();
    const left = await readdir(unfinished);
    return {
      rows: [
        atMost('uploads', '', planned.length),
        atMost('bytes of them', 'MB', planned.reduce((sum, { bytes }) => sum + bytes, 0) / 1e6),
        atMost('cut with their connection or server', '', cuts),
        atMost('servers killed', '', kills),
        atMost('reloads of the page with uploads on their way', '', reloads),
        atMost('other bytes than were sent', '', wrong.length, 0),
        atMost('files more than uploads', '', files.length - planned.length, 0),
        atMost('spools left', '', spools.length, 0),
        atMost('blobs that no file has', '', orphans.length, 0),
        atMost('unfinished blobs left, after an hour', '', left.length, 0),
        atMost('took', 's', seconds),
      ],
      notes: [
        `seed ${seed}; sizes up to ${options.largestBytes / 1e6} MB, ${byKills.length} unfinished blobs of killed servers before the hour was over`,
        ...wrong.slice(0, 10),
        ...spools.slice(0, 10).map((name) => `spool ${name}`),
      ],
    };
  } finally {
    await server?.stop();
    await remove();
  }
}

const describe = ({ bytes, cut, cutAt }: PlannedUpload): string => `${bytes} bytes, ${cut} cut at ${cutAt}`;

async function allFiles(get: <Body>(path: string) => Promise<Body>, folderId: string): Promise<Listed[]> {
  const files: Listed[] = [];
  let cursor: string | null = null;
  do {
    const query: string = cursor === null ? '' : `?cursor=${encodeURIComponent(cursor)}`;
    const page: { rows: Listed[]; next: string | null } = await get(`/nodes/${folderId}/children${query}`);
    files.push(...page.rows);
    cursor = page.next;
  } while (cursor !== null);
  return files;
}

async function download(url: string, cookie: string): Promise<string> {
  const answer = await fetch(url, { headers: { cookie } });
  const hash = createHash('sha256');
  for await (const chunk of Readable.fromWeb(answer.body as never)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

async function blobNames(folder: string): Promise<string[]> {
  const names: string[] = [];
  for (const prefix of await readdir(folder)) {
    if (!/^[0-9a-f]{2}$/.test(prefix) || !(await stat(join(folder, prefix))).isDirectory()) continue;
    names.push(...(await readdir(join(folder, prefix))));
  }
  return names;
}
