import { notFound } from '@liaison/core/contract';
import type { Core } from '@liaison/core/floor';
import * as api from '../contract/index.ts';
import { nodeFor, treeFor } from './access.ts';
import type { Needs } from './actions/needs.ts';
import { endShare, shareNode } from './actions/share-node.ts';
import { hashLinkPassword } from './links/link-password.ts';
import { createLink, readLinks, revokeLink } from './links/links.ts';
import { readShared } from './queries.ts';
import { readReaders } from './readers.ts';
import { readFilesWith } from './shared-with.ts';

/** Who may see what, and who says so. */
export function serveSharing({ http, db, spaces, secrets }: Core, needs: Needs): void {
  http.route(api.listReaders, ({ actor, params }) =>
    db.read(actor.orgId, async (tx) =>
      readReaders(tx, actor, await nodeFor(tx, spaces, actor, params.nodeId, 'read')),
    ),
  );
  http.route(api.shareNode, async ({ actor, params, body }) => {
    await db.transaction(actor.orgId, (tx) => shareNode(tx, needs, actor, params.nodeId, body));
    return undefined;
  });
  http.route(api.endShare, async ({ actor, params }) => {
    await db.transaction(actor.orgId, (tx) => endShare(tx, needs, actor, params.nodeId, params.grantId));
    return undefined;
  });
  http.route(api.listShared, async ({ actor }) => ({
    rows: await db.read(actor.orgId, (tx) => readShared(tx, actor)),
  }));
  http.route(api.listFilesWith, ({ actor, params, query }) =>
    db.read(actor.orgId, (tx) => readFilesWith(tx, actor, params.personId, query)),
  );

  http.route(api.createLink, async ({ actor, params, body }) => {
    // Asked before the password is worked on, which is slow on purpose.
    await db.read(actor.orgId, (tx) => nodeFor(tx, spaces, actor, params.nodeId, 'manage'));
    const passwordHash = body.password === null ? null : await hashLinkPassword(body.password);
    return db.transaction(actor.orgId, async (tx) => {
      const linkId = await createLink(tx, needs, secrets, actor, params.nodeId, { ...body, passwordHash });
      const [link] = await readLinks(tx, secrets, { linkId });
      if (!link) throw notFound('This link');
      return link;
    });
  });
  http.route(api.listLinks, ({ actor, params }) =>
    db.read(actor.orgId, async (tx) => {
      const tree = await treeFor(tx, spaces, actor, params.treeId, 'manage');
      return { rows: await readLinks(tx, secrets, { treeId: tree.id }) };
    }),
  );
  http.route(api.listNodeLinks, ({ actor, params }) =>
    db.read(actor.orgId, async (tx) => {
      const node = await nodeFor(tx, spaces, actor, params.nodeId, 'manage');
      return { rows: await readLinks(tx, secrets, { nodeId: node.id }) };
    }),
  );
  http.route(api.revokeLink, async ({ actor, params }) => {
    await db.transaction(actor.orgId, (tx) => revokeLink(tx, needs, actor, params.linkId));
    return undefined;
  });
}
