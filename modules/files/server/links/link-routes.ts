import { type Actor, notFound, Problem } from '@liaison/core/contract';
import type { Core } from '@liaison/core/floor';
import { createGuessing } from '@liaison/core/guessing';
import * as api from '../../contract/index.ts';
import { folderFor, nodeFor } from '../access.ts';
import type { Needs } from '../actions/needs.ts';
import * as uploads from '../actions/uploads.ts';
import type { Request } from '../download.ts';
import { readFolder } from '../queries.ts';
import type { Receiver, Upload } from '../receive-upload.ts';
import { readCreation } from '../tus.ts';
import { findLink, type OpenLink } from './across-organisations.ts';
import { sendLinked } from './link-download.ts';
import { isLinkPassword } from './link-password.ts';
import { beginVisit, readVisit } from './visit.ts';

/** Somebody who came by a link, and may what it says. */
export interface Visitor {
  readonly token: string;
  readonly link: OpenLink;
  readonly actor: Extract<Actor, { kind: 'visitor' }>;
  /** Null for who did not come by the page, and then only of a link without a password. */
  readonly visit: string | null;
}

/** Links in this one page of a folder. */
const pageRows = 200;

const gone = () => notFound('This link');
const visitNode = ({ id, kind, name, bytes, changedAt }: api.VisitNode): api.VisitNode => ({
  id,
  kind,
  name,
  bytes,
  changedAt,
});

/** What strangers may do. They have no session; whatever is wrong with a link, it was never there. */
export function serveLinks(core: Core, needs: Needs, receiver: Receiver): void {
  const { http, db, spaces, secrets, bus } = core;
  const guessing = createGuessing({ name: 'file-links', bus });

  /** The only way from a secret to what may be done with it. */
  async function visitorOf(token: string, request: Request, mode?: 'read' | 'upload'): Promise<Visitor> {
    const link = await findLink(db, token);
    if (!link || link.isUsedUp) throw gone();
    const visit = readVisit(secrets, link, token, request.headers.cookie);
    if (link.passwordHash !== null && visit === null) {
      throw new Problem(403, 'files-link-password', 'This link asks for its password.');
    }
    if (mode !== undefined && link.mode !== mode) throw gone();
    return { token, link, visit, actor: { kind: 'visitor', orgId: link.orgId, linkId: link.id } };
  }

  http.fastify.addHook('onRequest', async (request, reply) => {
    if (/^\/(?:api\/v1\/)?l\//.test(request.url)) {
      reply.headers({ 'x-robots-tag': 'noindex, nofollow, noarchive', 'referrer-policy': 'no-referrer' });
    }
  });

  http.route(api.openLink, async ({ params, body, request, reply, ip }) => {
    const link = await findLink(db, params.token);
    if (!link || link.isUsedUp) throw gone();
    const isKnown = readVisit(secrets, link, params.token, request.headers.cookie) !== null;
    if (link.passwordHash !== null && !isKnown) {
      if (body.password === undefined) {
        throw new Problem(403, 'files-link-password', 'This link asks for its password.');
      }
      const attempt = guessing.begin({ target: `link:${link.id}`, ip });
      if (!(await isLinkPassword(body.password, link.passwordHash))) {
        throw new Problem(403, 'files-link-wrong', 'This is not the password of this link.');
      }
      attempt.succeeded();
    }
    await db.transaction(link.orgId, (tx) =>
      tx.query('update files.link set opened = opened + 1 where id = $1', [link.id]),
    );
    if (!isKnown) {
      const isEncrypted = http.originOf(request.raw).startsWith('https:');
      reply.header('set-cookie', beginVisit(secrets, link, params.token, isEncrypted));
    }
    return undefined;
  });
  http.route(api.readLink, async ({ params, request }) => {
    const { link, actor } = await visitorOf(params.token, request);
    return db.read(link.orgId, async (tx) => {
      const blind = link.mode === 'upload';
      const node = await nodeFor(tx, spaces, actor, link.nodeId, blind ? 'free-busy' : 'read', { blind });
      const [row] = await tx.query<{ organisation: string; space: string; changed_at: Date }>(
        `select o.name as organisation, s.name as space, n.changed_at from files.node n
           join core.space s on s.id = $2 left join core.space o on o.id = n.org_id where n.id = $1`,
        [node.id, node.spaceId],
      );
      return {
        mode: link.mode,
        node: {
          id: node.id,
          kind: node.kind,
          name: node.name || row?.space || '',
          bytes: blind ? 0 : node.bytes,
          changedAt: (row?.changed_at ?? new Date(0)).toISOString(),
        },
        organisation: row?.organisation ?? '',
        until: link.until?.toISOString() ?? null,
      };
    });
  });
  http.route(api.listLinked, async ({ params, query, request }) => {
    const { link, actor } = await visitorOf(params.token, request, 'read');
    return db.read(link.orgId, async (tx) => {
      const folder = await folderFor(tx, spaces, actor, params.nodeId, 'read');
      const { rows, next } = await readFolder(tx, link.id, folder.id, {
        sort: 'name',
        descending: 'false',
        limit: pageRows,
        cursor: query.cursor,
      });
      const from = folder.around.findIndex(({ id }) => id === link.nodeId);
      return { rows: rows.map(visitNode), next, path: from < 0 ? [] : [...folder.around.slice(from)] };
    });
  });
  http.route(api.downloadLinked, async ({ params, request, reply }) => {
    const visitor = await visitorOf(params.token, request, 'read');
    return sendLinked(core, visitor, params.nodeId, request, reply);
  });

  /** Whoever sends is on a visit: what she sent is shown to nobody else who has the link. */
  async function senderOf(token: string, request: Request): Promise<Visitor & { readonly visit: string }> {
    const visitor = await visitorOf(token, request, 'upload');
    if (visitor.visit === null) throw new Problem(403, 'files-link-closed', 'Open the link first.');
    return { ...visitor, visit: visitor.visit };
  }
  const mayStill = (visitor: Visitor) => async (): Promise<boolean> => {
    const now = await findLink(db, visitor.token);
    return now !== null && now.passwordHash === visitor.link.passwordHash;
  };
  const uploadOf = (
    visitor: Visitor & { readonly visit: string },
    row: { id: string; bytes: number; nodeId: string | null },
  ): Upload => ({
    ...row,
    isAllowed: mayStill(visitor),
    becomeFile: async (content) => {
      const { actor, link, visit } = visitor;
      const sender = { personId: null, linkId: link.id, visit } as const;
      await db.transaction(link.orgId, (tx) =>
        uploads.finishUpload(tx, needs, actor, sender, row.id, content),
      );
    },
  });
  const find = async (token: string, request: Request, uploadId: string): Promise<Upload> => {
    const visitor = await senderOf(token, request);
    const [row] = await db.read(visitor.link.orgId, (tx) =>
      tx.query<{ id: string; bytes: number; node_id: string | null }>(
        'select id, bytes, node_id from files.upload where id = $1 and link_id = $2 and visit = $3',
        [uploadId, visitor.link.id, visitor.visit],
      ),
    );
    if (!row) throw notFound('This upload');
    return uploadOf(visitor, { id: row.id, bytes: row.bytes, nodeId: row.node_id });
  };

  http.route(api.listSent, async ({ params, request }) => {
    const { link, visit } = await visitorOf(params.token, request, 'upload');
    const rows = await db.read(link.orgId, (tx) =>
      tx.query<{ id: string; name: string; bytes: number; is_whole: boolean }>(
        `select id, name, bytes, node_id is not null as is_whole from files.upload
         where link_id = $1 and visit = $2 order by id limit 500`,
        [link.id, visit],
      ),
    );
    return { rows: rows.map(({ is_whole: isWhole, ...row }) => ({ ...row, isWhole })) };
  });
  http.route(api.beginLinkUpload, ({ params, ...exchange }) =>
    receiver.begin(exchange, async () => {
      const visitor = await senderOf(params.token, exchange.request);
      const { actor, link, visit } = visitor;
      const wanted = readCreation(exchange.request.headers, link.nodeId);
      const id = await db.transaction(link.orgId, (tx) =>
        uploads.beginUpload(tx, needs, actor, { personId: null, linkId: link.id, visit }, wanted),
      );
      return {
        upload: uploadOf(visitor, { id, bytes: wanted.bytes, nodeId: null }),
        location: `/api/v1/l/${params.token}/uploads/${id}`,
      };
    }),
  );
  http.route(api.readLinkUpload, ({ params, ...exchange }) =>
    receiver.tell(exchange, () => find(params.token, exchange.request, params.uploadId)),
  );
  http.route(api.continueLinkUpload, ({ params, ...exchange }) =>
    receiver.goOn(
      exchange,
      () => find(params.token, exchange.request, params.uploadId),
      async () => {
        const { actor, link } = await senderOf(params.token, exchange.request);
        await db.read(link.orgId, (tx) =>
          folderFor(tx, spaces, actor, link.nodeId, 'free-busy', { blind: true }),
        );
      },
    ),
  );
  http.route(api.endLinkUpload, ({ params, ...exchange }) =>
    receiver.end(
      exchange,
      () => find(params.token, exchange.request, params.uploadId),
      async () => {
        const { link, visit } = await senderOf(params.token, exchange.request);
        await db.transaction(link.orgId, (tx) =>
          tx.query(
            'delete from files.upload where id = $1 and link_id = $2 and visit = $3 and node_id is null',
            [params.uploadId, link.id, visit],
          ),
        );
      },
    ),
  );
}
