import { notFound, type PersonActor } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import type { Core } from '@liaison/core/floor';
import { whileAllowed } from '@liaison/core/http';
import * as api from '../contract/index.ts';
import { folderFor, nodeFor, treeFor } from './access.ts';
import { copyNodes } from './actions/copy-nodes.ts';
import { createFolder } from './actions/create-folder.ts';
import { deleteNodes } from './actions/delete-nodes.ts';
import { moveNodes } from './actions/move-nodes.ts';
import type { Needs } from './actions/needs.ts';
import { openTrees } from './actions/open-trees.ts';
import { renameNode } from './actions/rename-node.ts';
import { returnToVersion } from './actions/return-to-version.ts';
import { setStar } from './actions/set-star.ts';
import { restoreNodes, trashNodes } from './actions/trash-nodes.ts';
import { downloadHeaders, sendFile, stillReads } from './download.ts';
import { watchEntries } from './entry-rights.ts';
import { readZipEntries, zipOf } from './folder-zip.ts';
import { hiddenIn, knownAround, lessBelow } from './narrowed.ts';
import { readFolder, readNodes, readStarred, readTrash, readTrees, searchNames } from './queries.ts';

/** Validate (by the contract) → access → action → present. */
export function serveRoutes(core: Core, needs: Needs): void {
  const { http, db, spaces, blobs } = core;
  const site = core.settings.site.number;

  /** Does something to nodes and answers them as they are then, in the order of their ids. */
  const changing = <Answer>(
    actor: PersonActor,
    change: (tx: Tx) => Promise<readonly string[]>,
    answer: (nodes: api.FileNode[]) => Answer,
  ): Promise<Answer> =>
    db.transaction(actor.orgId, async (tx) => {
      const ids = await change(tx);
      const nodes = new Map((await readNodes(tx, ids)).map((node) => [node.id, node]));
      return answer(ids.flatMap((id) => nodes.get(id) ?? []));
    });
  const one = ([node]: api.FileNode[]): api.FileNode => {
    if (!node) throw notFound('This file');
    return node;
  };
  const all = (rows: api.FileNode[]) => ({ rows });

  http.route(api.listTrees, async ({ actor }) => ({
    rows: await db.transaction(actor.orgId, async (tx) => {
      await openTrees(tx, { nextId: needs.nextId, site }, actor.personId);
      return readTrees(tx, actor.personId);
    }),
  }));
  http.route(api.getNode, ({ actor, params }) =>
    db.read(actor.orgId, async (tx) => {
      const access = await nodeFor(tx, spaces, actor, params.nodeId, 'read');
      const [node] = await readNodes(tx, [access.id]);
      if (!node) throw notFound('This file');
      return {
        node,
        path: [...(await knownAround(tx, actor.personId, access))],
        right: access.right as 'read',
        spaceId: access.spaceId,
      };
    }),
  );
  http.route(api.listFolder, ({ actor, params, query }) =>
    db.read(actor.orgId, async (tx) => {
      const folder = await folderFor(tx, spaces, actor, params.nodeId, 'read');
      return readFolder(tx, actor.personId, folder.id, query, await hiddenIn(tx, actor.personId, folder));
    }),
  );
  http.route(api.createFolder, ({ actor, params, body }) =>
    changing(actor, async (tx) => [await createFolder(tx, needs, actor, params.nodeId, body)], one),
  );
  http.route(api.renameNode, ({ actor, params, body }) =>
    changing(
      actor,
      async (tx) => {
        await renameNode(tx, needs, actor, params.nodeId, body.name);
        return [params.nodeId];
      },
      one,
    ),
  );
  http.route(api.moveNodes, ({ actor, body }) =>
    changing(
      actor,
      async (tx) => {
        await moveNodes(tx, needs, actor, body.nodeIds, body.folderId);
        return body.nodeIds;
      },
      all,
    ),
  );
  http.route(api.copyNodes, ({ actor, body }) =>
    changing(actor, (tx) => copyNodes(tx, needs, actor, body.nodeIds, body.folderId), all),
  );
  http.route(api.trashNodes, ({ actor, body }) =>
    changing(
      actor,
      async (tx) => {
        await trashNodes(tx, needs, actor, body.nodeIds);
        return body.nodeIds;
      },
      all,
    ),
  );
  http.route(api.restoreNodes, ({ actor, body }) =>
    changing(
      actor,
      async (tx) => {
        await restoreNodes(tx, needs, actor, body.nodeIds);
        return body.nodeIds;
      },
      all,
    ),
  );
  http.route(api.deleteNodes, async ({ actor, body }) => {
    await db.transaction(actor.orgId, (tx) => deleteNodes(tx, needs, actor, body.nodeIds));
    return undefined;
  });
  http.route(api.listTrash, ({ actor, params, query }) =>
    db.read(actor.orgId, async (tx) => {
      const tree = await treeFor(tx, spaces, actor, params.treeId, 'read');
      return readTrash(tx, actor.personId, tree.id, query);
    }),
  );
  http.route(api.setStar, ({ actor, params, body }) =>
    db.transaction(actor.orgId, async (tx) => {
      const node = await nodeFor(tx, spaces, actor, params.nodeId, 'read');
      await setStar(tx, actor, node, body.on);
      return undefined;
    }),
  );
  http.route(api.listStarred, async ({ actor }) => ({
    rows: await db.read(actor.orgId, (tx) => readStarred(tx, actor)),
  }));
  http.route(api.searchFiles, async ({ actor, query }) => ({
    rows: await db.read(actor.orgId, (tx) => searchNames(tx, actor, query)),
  }));
  http.route(api.listVersions, ({ actor, params }) =>
    db.read(actor.orgId, async (tx) => {
      const node = await nodeFor(tx, spaces, actor, params.nodeId, 'read');
      const rows = await tx.query<{
        number: number;
        bytes: number;
        author_id: string | null;
        written_at: Date;
      }>(
        'select number, bytes, author_id, written_at from files.version where node_id = $1 order by number desc',
        [node.id],
      );
      return {
        rows: rows.map((row) => ({
          number: row.number,
          bytes: row.bytes,
          authorId: row.author_id,
          writtenAt: row.written_at.toISOString(),
        })),
      };
    }),
  );
  http.route(api.returnToVersion, ({ actor, params, body }) =>
    changing(
      actor,
      async (tx) => {
        await returnToVersion(tx, needs, actor, params.nodeId, body.number);
        return [params.nodeId];
      },
      one,
    ),
  );
  http.route(api.downloadFile, ({ actor, params, query, request, reply }) =>
    sendFile(core, actor, params.nodeId, query.version, request, reply),
  );
  http.route(api.downloadFolder, async ({ actor, params, request, reply }) => {
    const { name, entries } = await db.read(actor.orgId, async (tx) => {
      const folder = await folderFor(tx, spaces, actor, params.nodeId, 'read');
      return {
        name: folder.name || (await spaces.find(tx, folder.spaceId))?.name || 'files',
        entries: await readZipEntries(tx, folder.id, await lessBelow(tx, actor.personId, folder, 'read')),
      };
    });
    const inside = watchEntries(core, actor, entries);
    const stillReadsFolder = stillReads(core, request, actor, params.nodeId);
    return reply
      .headers(downloadHeaders(`${name}.zip`))
      .send(
        whileAllowed(
          zipOf(blobs, entries, inside.require),
          async () => (await stillReadsFolder()) && (await inside.isAllowed()),
        ),
      );
  });
}
