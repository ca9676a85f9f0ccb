import {
  elsewhereChanged,
  type FileTree,
  type ListedNode,
  type NodesChanged,
  nodesChanged,
} from '@liaison/files';
import type { SearchAnswer } from '@liaison/search';
import { expect, test } from 'vitest';
import type { Colleague, Node } from '../testing/cluster.ts';
import type { TwoProcesses } from './two-processes.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** A request of tus, whose answers are headers. */
const tus = (at: Node, who: Colleague, method: string, path: string, headers: object, body?: Buffer) =>
  fetch(new URL(path, at.url), {
    method,
    headers: { cookie: who.cookie, origin: at.url, 'tus-resumable': '1.0.0', ...headers },
    ...(body ? { body: new Uint8Array(body) } : {}),
  });

/** The files of a space are the same at every process, and an upload goes on where its next request comes to. */
export function files(stage: () => TwoProcesses): void {
  test('an upload begun at one is gone on with at the other, and pages of the first see the file', async () => {
    const { cluster, a, b, alice, bob } = stage();
    const team = await cluster.ask<{ id: string }>(a, alice, 'POST', '/teams', {
      kind: 'team',
      name: 'Pilots',
      memberIds: [bob.id],
    });
    const treesOf = async (at: Node, who: Colleague) => {
      const { body } = await cluster.ask<{ rows: FileTree[] }>(at, who, 'GET', '/files/trees');
      return body.rows.find(({ spaceId }) => spaceId === team.body.id) as FileTree;
    };
    // Both look for the first time at once, and there is one.
    const [tree, same] = await Promise.all([treesOf(a, alice), treesOf(b, bob)]);
    expect(same.id).toBe(tree.id);
    const page = await cluster.page(a, bob);

    const begun = await tus(a, alice, 'POST', '/api/v1/files/uploads', {
      'upload-length': '11',
      'upload-metadata': `folderId ${base64(tree.rootId)},filename ${base64('chart.txt')}`,
    });
    expect(begun.status).toBe(201);
    const path = begun.headers.get('location') as string;
    const piece = { 'content-type': 'application/offset+octet-stream' };
    const first = await tus(
      a,
      alice,
      'PATCH',
      path,
      { ...piece, 'upload-offset': '0' },
      Buffer.from('high '),
    );
    expect([first.status, first.headers.get('upload-offset')]).toEqual([204, '5']);
    const known = await tus(b, alice, 'HEAD', path, {});
    expect(known.headers.get('upload-offset')).toBe('5');
    const last = await tus(
      b,
      alice,
      'PATCH',
      path,
      { ...piece, 'upload-offset': '5' },
      Buffer.from('waters'),
    );
    expect([last.status, last.headers.get('upload-offset')]).toEqual([204, '11']);

    const told = await page.until(
      () =>
        page.got.flatMap((each) =>
          each.t === 'event' && each.name === nodesChanged.name ? (each.data as NodesChanged).nodes : [],
        )[0],
      'the file, at the other process',
    );
    expect(told).toMatchObject({ name: 'chart.txt', bytes: 11, parentId: tree.rootId });
    const content = await tus(a, bob, 'GET', `/api/v1/files/nodes/${told.id}/content`, {});
    expect(await content.text()).toBe('high waters');
    // Its text is read by a job of either, and found at both.
    for (const at of [a, b]) {
      await expect
        .poll(
          async () =>
            (await cluster.ask<SearchAnswer>(at, bob, 'GET', '/search?q=high%20waters')).body.rows.map(
              ({ id }) => id,
            ),
          { timeout: 10_000 },
        )
        .toContain(told.id);
    }

    // What is written in a document is found too, with the passage.
    const drawn = 'BT /F1 9 Tf 9 9 Td (slack tide at the lock) Tj ET';
    const pdf = Buffer.from(`%PDF-1.4
1 0 obj << /Type /Catalog /Pages 2 0 R >> endobj
2 0 obj << /Type /Pages /Count 1 /Kids [3 0 R] >> endobj
3 0 obj << /Type /Page /Parent 2 0 R /MediaBox [0 0 300 300] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >> endobj
4 0 obj << /Length ${drawn.length} >>\nstream\n${drawn}\nendstream endobj
5 0 obj << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> endobj
trailer << /Root 1 0 R >>`);
    const named = `folderId ${base64(tree.rootId)},filename ${base64('lock.pdf')}`;
    const sent = { ...piece, 'upload-length': String(pdf.length), 'upload-metadata': named };
    expect((await tus(a, alice, 'POST', '/api/v1/files/uploads', sent, pdf)).status).toBe(201);
    for (const at of [a, b]) {
      await expect
        .poll(
          async () =>
            (await cluster.ask<SearchAnswer>(at, bob, 'GET', '/search?q=slack%20tide')).body.rows.map(
              ({ passage }) => passage.map(({ text }) => text).join(''),
            ),
          { timeout: 20_000 },
        )
        .toEqual(['slack tide at the lock']);
    }

    // Each moves the other's folder into her own, at the same moment, at another process: one of them is refused.
    const folder = async (name: string) =>
      (await cluster.ask<ListedNode>(a, alice, 'POST', `/files/nodes/${tree.rootId}/folders`, { name })).body
        .id;
    const [one, other] = [await folder('north'), await folder('south')];
    const moved = await Promise.all([
      cluster.ask(a, alice, 'POST', '/files/move', { nodeIds: [one], folderId: other }),
      cluster.ask(b, bob, 'POST', '/files/move', { nodeIds: [other], folderId: one }),
    ]);
    expect(moved.map(({ status }) => status).sort()).toEqual([200, 409]);
    page.close();
  });

  test('what somebody was given out of the place of another is told to her page at the other process', async () => {
    const { cluster, a, b, alice, bob } = stage();
    const { rows } = (await cluster.ask<{ rows: FileTree[] }>(a, alice, 'GET', '/files/trees')).body;
    const own = rows.find(({ kind }) => kind === 'personal') as FileTree;
    const given = await cluster.ask<ListedNode>(a, alice, 'POST', `/files/nodes/${own.rootId}/folders`, {
      name: 'Given',
    });
    const shared = await cluster.ask(a, alice, 'PUT', `/files/nodes/${given.body.id}/grants`, {
      principal: { kind: 'person', id: bob.id },
      right: 'read',
      until: null,
    });
    expect(shared.status).toBe(204);
    const [his, hers] = [await cluster.page(b, bob), await cluster.page(b, alice)];
    await cluster.ask(a, alice, 'POST', `/files/nodes/${given.body.id}/folders`, { name: 'New in it' });
    const told = await his.until(
      () => his.got.find((each) => each.t === 'signal' && each.name === elsewhereChanged.name),
      'the signal, at the other process',
    );
    // What changed is not in it: he asks, and gets what he may see.
    expect(told).toMatchObject({ data: { treeId: own.id } });
    expect(JSON.stringify(told)).not.toContain('New in it');
    const inside = await cluster.ask<{ rows: ListedNode[] }>(
      b,
      bob,
      'GET',
      `/files/nodes/${given.body.id}/children`,
    );
    expect(inside.body.rows.map(({ name }) => name)).toEqual(['New in it']);
    expect(hers.got.filter((each) => each.t === 'signal' && each.name === elsewhereChanged.name)).toEqual([]);
    for (const each of [his, hers]) each.close();
  });
}
