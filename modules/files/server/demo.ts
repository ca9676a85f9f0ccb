import type { Tx } from '@liaison/core/db';
import type { Core } from '@liaison/core/floor';
import { personalSpaceOf } from '@liaison/core/spaces';
import { openTree } from './actions/open-trees.ts';
import { type DemoFile, type DemoFolder, demoOwn, demoTrees } from './demo/content.ts';
import { nameColumns } from './names.ts';

export interface DemoCast {
  readonly orgId: string;
  /** By the short key of a person of the demo. */
  person(key: string): { id: string; name: string };
  /** Id of the space of a team by its name. */
  team(name: string): string;
}

interface Stored {
  readonly sha256: string;
  readonly bytes: number;
}

const dayMs = 86_400_000;

/** Gives the demo's teams and some of its people their files. Does nothing where there are files already. */
export async function fillDemoFiles(core: Core, cast: DemoCast): Promise<void> {
  const [there] = await core.db.read(cast.orgId, (tx) =>
    tx.query('select from files.node where rank = 1 limit 1'),
  );
  if (there) return;
  const roots = [...Object.values(demoTrees), ...Object.values(demoOwn)];
  const all = roots.flatMap(filesIn);
  // Blobs first, rows after them, as everywhere.
  const stored = new Map<DemoFile, Stored[]>();
  await Promise.all(
    all.map(async (file) => {
      const versions = await Promise.all(file.versions.map(async (make) => make()));
      stored.set(
        file,
        await Promise.all(versions.map((bytes) => core.blobs.put([bytes], { maxBytes: bytes.length }))),
      );
    }),
  );
  await core.db.transaction(cast.orgId, async (tx) => {
    const write = writerOf(tx, core, cast, stored);
    for (const [name, folder] of Object.entries(demoTrees)) await write(cast.team(name), folder);
    for (const [key, folder] of Object.entries(demoOwn)) {
      const own = await personalSpaceOf(tx, cast.person(key).id);
      if (own !== null) await write(own, folder);
    }
  });
}

type Inside = Omit<DemoFolder, 'name' | 'by' | 'ago'>;

const filesIn = (folder: Inside): DemoFile[] => [
  ...(folder.files ?? []),
  ...(folder.folders ?? []).flatMap(filesIn),
];

function writerOf(tx: Tx, core: Core, cast: DemoCast, stored: ReadonlyMap<DemoFile, readonly Stored[]>) {
  const nowMs = Date.now();
  const nextId = () => core.ids.next();
  const at = (days: number) => new Date(nowMs - days * dayMs - 7_200_000);

  async function node(
    treeId: string,
    parentId: string,
    rank: 0 | 1,
    { name, by, ago }: Pick<DemoFile, 'name' | 'by' | 'ago'>,
    content: { stored: Stored; mediaType: string; version: number; trashed: boolean } | null,
  ): Promise<string> {
    const id = nextId();
    const columns = nameColumns(name);
    await tx.query(
      `insert into files.node (id, org_id, tree_id, parent_id, rank, name, name_hash, sort_key, words, bytes, sha256,
         media_type, version, changed_at, changed_by, created_at, trashed_at, trashed_by)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $14, $16, $17)`,
      [
        ...[id, cast.orgId, treeId, parentId, rank],
        ...[columns.name, columns.name_hash, columns.sort_key, columns.words],
        ...[content?.stored.bytes ?? 0, content?.stored.sha256 ?? null],
        ...[content?.mediaType ?? '', content?.version ?? 0, at(ago), cast.person(by).id],
        ...(content?.trashed ? [at(1), cast.person(by).id] : [null, null]),
      ],
    );
    return id;
  }

  async function fill(treeId: string, parentId: string, inside: Inside): Promise<number> {
    let bytes = 0;
    for (const file of inside.files ?? []) {
      const versions = stored.get(file) ?? [];
      const newest = versions.at(-1);
      if (!newest) continue;
      const id = await node(treeId, parentId, 1, file, {
        stored: newest,
        mediaType: file.mediaType,
        version: versions.length,
        trashed: file.trashed === true,
      });
      for (const [nth, version] of versions.entries()) {
        bytes += version.bytes;
        await tx.query(
          `insert into files.version (org_id, node_id, number, sha256, bytes, media_type, author_id, written_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8)`,
          [
            ...[cast.orgId, id, nth + 1, version.sha256, version.bytes, file.mediaType],
            ...[cast.person(file.by).id, at(file.ago + (versions.length - 1 - nth) * 3)],
          ],
        );
      }
      for (const key of file.starred ?? []) {
        await tx.query('insert into files.star (org_id, person_id, node_id) values ($1, $2, $3)', [
          cast.orgId,
          cast.person(key).id,
          id,
        ]);
      }
    }
    for (const folder of inside.folders ?? []) {
      bytes += await fill(treeId, await node(treeId, parentId, 0, folder, null), folder);
    }
    return bytes;
  }

  return async (spaceId: string, inside: Inside): Promise<void> => {
    const tree = await openTree(tx, { nextId, site: core.settings.site.number }, spaceId);
    const bytes = await fill(tree.id, tree.rootId, inside);
    await tx.query('update files.tree set used_bytes = used_bytes + $2 where id = $1', [tree.id, bytes]);
  };
}
