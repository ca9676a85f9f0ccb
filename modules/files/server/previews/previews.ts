import { createWriteStream } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Core } from '@liaison/core/floor';
import { makeScratchFolder } from '@liaison/core/scratch';
import { type PreviewSize, previewSides } from '../../contract/index.ts';
import { createDrawer, type Drawer } from './drawer.ts';
import { drawPoster, findFfmpeg } from './poster.ts';
import { createTurns } from './turns.ts';

/** What a preview is made of. */
export interface Source {
  readonly sha256: string;
  readonly bytes: number;
  readonly kind: 'picture' | 'video' | 'pdf';
}

export interface Preview {
  /** The blob with the WebP. */
  readonly sha256: string;
  readonly width: number;
  readonly height: number;
}

export interface Previews {
  /**
   * The preview of a content, drawn now where nobody asked before; null where it cannot be drawn, which is remembered. It knows
   * no rights: ask first.
   * @throws TurnsFullError when too many of the organisation wait.
   */
  of(orgId: string, source: Source, size: PreviewSize): Promise<Preview | null>;
  /** Ends the processes that draw. */
  close(): void;
}

const atOnce = 2;
/** A poster of a larger video would take longer to bring here than anybody waits. */
const maxVideoBytes = 512 * 1024 ** 2;
/** A document is read into memory to be drawn. */
const maxPdfBytes = 50 * 1024 ** 2;
/** A small picture drawn in the large size is far below it. */
const maxDrawnBytes = 20 * 1024 ** 2;

/** Previews by content: one blob per size, whoever has the file and however often. */
export function createPreviews(
  { db, blobs, log }: Pick<Core, 'db' | 'blobs' | 'log'>,
  { drawers = Array.from({ length: atOnce }, () => createDrawer()) }: { drawers?: Drawer[] } = {},
): Previews {
  const turns = createTurns({ atOnce: drawers.length, mostWaiting: 200 });
  const free = [...drawers];
  /** What several ask for at once is drawn once. */
  const asked = new Map<string, Promise<Preview | null>>();
  let ffmpeg: Promise<string | null> | undefined;

  const known = async (orgId: string, sha256: string, size: PreviewSize) => {
    const [row] = await db.read(orgId, (tx) =>
      tx.query<{ sha256: string | null; width: number; height: number }>(
        `select sha256, width, height from files.preview where source_sha256 = $1 and size = $2
           and (sha256 is not null or made_at > now() - interval '1 day')`,
        [sha256, size],
      ),
    );
    return row;
  };
  const remember = (orgId: string, source: string, size: PreviewSize, drawn: Preview | null) =>
    db.transaction(orgId, (tx) =>
      tx.query(
        `insert into files.preview (org_id, source_sha256, size, sha256, width, height) values ($1, $2, $3, $4, $5, $6)
         on conflict (org_id, source_sha256, size) do update set sha256 = excluded.sha256, width = excluded.width,
           height = excluded.height, made_at = now()`,
        [orgId, source, size, drawn?.sha256 ?? null, drawn?.width ?? 0, drawn?.height ?? 0],
      ),
    );

  /** In a folder of its own, which goes whatever happens. */
  async function draw(source: Source, size: PreviewSize, drawer: Drawer): Promise<Preview | null> {
    const folder = await makeScratchFolder('preview');
    try {
      const original = join(folder, 'original');
      const { stream } = await blobs.open(source.sha256);
      await pipeline(stream, createWriteStream(original, { mode: 0o600 }));
      let from = original;
      if (source.kind === 'video') {
        ffmpeg ??= findFfmpeg();
        const program = await ffmpeg;
        from = join(folder, 'poster');
        if (program === null || !(await drawPoster(program, { from: original, to: from }))) return null;
      }
      const to = join(folder, 'drawn');
      const kind = source.kind === 'pdf' ? 'pdf' : 'picture';
      const drawn = await drawer.draw({ from, to, side: previewSides[size], kind });
      if (!drawn.ok) {
        log.info({ sha256: source.sha256, why: drawn.why }, 'no preview can be drawn of a file');
        return null;
      }
      const handle = await open(to);
      const { sha256 } = await blobs.put(handle.createReadStream(), { maxBytes: maxDrawnBytes });
      return { sha256, width: drawn.width, height: drawn.height };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  async function make(orgId: string, source: Source, size: PreviewSize): Promise<Preview | null> {
    const drawer = free.pop();
    if (!drawer) throw new Error('more turns than drawers');
    try {
      const drawn = await draw(source, size, drawer);
      await remember(orgId, source.sha256, size, drawn);
      return drawn;
    } finally {
      free.push(drawer);
    }
  }

  return {
    async of(orgId, source, size) {
      if (source.kind === 'video') {
        ffmpeg ??= findFfmpeg();
        // Not remembered: ffmpeg may be installed tomorrow.
        if (source.bytes > maxVideoBytes || (await ffmpeg) === null) return null;
      }
      if (source.kind === 'pdf' && source.bytes > maxPdfBytes) return null;
      const row = await known(orgId, source.sha256, size);
      if (row) return row.sha256 === null ? null : { ...row, sha256: row.sha256 };
      const key = `${orgId} ${source.sha256} ${size}`;
      const before = asked.get(key);
      if (before) return before;
      const made = turns.run(orgId, () => make(orgId, source, size)).finally(() => asked.delete(key));
      asked.set(key, made);
      return made;
    },
    close() {
      for (const drawer of drawers) drawer.close();
    },
  };
}
