import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as api from '../../contract/index.ts';
import { type FilesStage, openFilesStage, tusHeaders } from '../testing/files-stage.ts';

let stage: FilesStage;
let { alice, bob, carol, team, upload } = {} as FilesStage;

beforeAll(async () => {
  stage = await openFilesStage();
  ({ alice, bob, carol, team, upload } = stage);
});
afterAll(() => stage.close());

const folder = async (name: string, parentId = team.rootId): Promise<string> =>
  (await alice.call(api.createFolder, { params: { nodeId: parentId }, body: { name } })).body.id;
const rows = async (folderId: string) =>
  (await alice.call(api.listFolder, { params: { nodeId: folderId } })).body.rows;
const file = async (folderId: string, name: string, content = name): Promise<string> => {
  expect((await upload(alice, folderId, name, content)).status).toBe(201);
  return (await rows(folderId)).find((row) => row.name === name)!.id;
};
type Wanted = Partial<{ password: string; until: string; mostDownloads: number }>;
const link = async (nodeId: string, mode: 'read' | 'upload' = 'read', more: Wanted = {}) => {
  const made = await alice.call(api.createLink, { params: { nodeId }, body: { mode, ...more } });
  expect(made.status).toBe(200);
  return made.body;
};

/** A stranger: a browser without a session that keeps its cookies. */
function stranger(path: string) {
  const cookies = new Map<string, string>();
  const ask = async (method: string, rest: string, headers: Record<string, string> = {}, body?: BodyInit) => {
    const answer = await fetch(`${stage.url}/api/v1${path}${rest}`, {
      method,
      headers: {
        origin: stage.url,
        ...(cookies.size > 0 ? { cookie: [...cookies].map((each) => each.join('=')).join('; ') } : {}),
        ...(typeof body === 'string' ? { 'content-type': 'application/json' } : {}),
        ...headers,
      },
      ...(body === undefined ? {} : { body }),
    });
    for (const each of answer.headers.getSetCookie()) {
      const [name = '', value = ''] = each.split(';', 1)[0]!.split('=');
      cookies.set(name, value);
    }
    return answer;
  };
  const enter = (password?: string) =>
    ask('POST', '/open', {}, JSON.stringify(password === undefined ? {} : { password }));
  const send = (name: string, content: string) =>
    ask(
      'POST',
      '/uploads',
      {
        ...tusHeaders('', name, content.length),
        'content-type': 'application/offset+octet-stream',
      },
      Buffer.from(content),
    );
  const json = async (rest: string) => (await ask('GET', rest)).json() as Promise<Record<string, unknown>>;
  return { ask, enter, send, json };
}
/** Statuses and words of a refusal, without what is new in each. */
const refusal = async (answer: Response) => {
  const { requestId: _, ...rest } = (await answer.json()) as Record<string, unknown>;
  return [answer.status, rest];
};

describe('a link to read', () => {
  it('shows a stranger a folder, and nothing beside it', async () => {
    const id = await folder('for strangers');
    const inner = await folder('inner', id);
    const tides = await file(inner, 'tides.txt', 'high water');
    const elsewhere = await file(team.rootId, 'private.txt');
    const { path } = await link(id);
    const visitor = stranger(path);
    expect((await visitor.enter()).status).toBe(204);
    const seen = await visitor.ask('GET', '');
    expect(seen.headers.get('x-robots-tag')).toContain('noindex');
    expect(seen.headers.get('referrer-policy')).toBe('no-referrer');
    expect(await seen.json()).toMatchObject({ mode: 'read', node: { id, name: 'for strangers' } });
    expect(await visitor.json(`/nodes/${inner}/children`)).toEqual({
      rows: [{ id: tides, kind: 'file', name: 'tides.txt', bytes: 10, changedAt: expect.any(String) }],
      next: null,
      path: [{ id, name: 'for strangers' }],
    });
    const got = await visitor.ask('GET', `/nodes/${tides}/content`, { range: 'bytes=0-3' });
    expect([got.status, await got.text()]).toEqual([206, 'high']);
    expect(got.headers.get('content-security-policy')).toContain('sandbox');
    const zip = Buffer.from(await (await visitor.ask('GET', `/nodes/${id}/content`)).arrayBuffer());
    expect(zip.includes('inner/tides.txt')).toBe(true);
    for (const nodeId of [elsewhere, team.rootId]) {
      expect((await visitor.ask('GET', `/nodes/${nodeId}/content`)).status).toBe(404);
      expect((await visitor.ask('GET', `/nodes/${nodeId}/children`)).status).toBe(404);
    }
    expect((await visitor.send('x.txt', 'x')).status).toBe(404);
    const [listed] = (await alice.call(api.listLinks, { params: { treeId: team.id } })).body.rows;
    expect(listed).toMatchObject({ path, nodeName: 'for strangers', opened: 1, downloads: 2 });
    expect((await alice.call(api.listReaders, { params: { nodeId: tides } })).body.links).toEqual([
      { mode: 'read', until: null, hasPassword: false, isHere: false },
    ]);
  });

  it('that ended, was used up, was taken back, leads to the trash or never was is the same nothing', async () => {
    const id = await folder('gone');
    const one = await file(id, 'one.txt');
    const never = stranger(`/l/${'x'.repeat(43)}`);
    const nothing = await refusal(await never.enter());
    expect(nothing[0]).toBe(404);
    const check = async (visitor: ReturnType<typeof stranger>) => {
      expect(await refusal(await visitor.enter())).toEqual(nothing);
      for (const rest of ['', `/nodes/${one}/content`, `/nodes/${id}/children`, '/sent']) {
        expect(await refusal(await visitor.ask('GET', rest))).toEqual(
          await refusal(await never.ask('GET', rest)),
        );
      }
    };
    const ended = await link(id, 'read', { until: new Date(Date.now() + 60_000).toISOString() });
    await stage.test.testDb.admin(
      "update core.grant set until = now() - interval '1 s' where principal_id = $1",
      [ended.id],
    );
    await check(stranger(ended.path));
    const once = await link(one, 'read', { mostDownloads: 1 });
    const visitor = stranger(once.path);
    await visitor.enter();
    const both = await Promise.all([1, 2, 3].map(() => visitor.ask('GET', `/nodes/${one}/content`)));
    expect(both.map(({ status }) => status).sort()).toEqual([200, 404, 404]);
    await check(visitor);
    const revoked = await link(id, 'read', { password: 'high water' });
    const known = stranger(revoked.path);
    expect((await known.enter('high water')).status).toBe(204);
    const end = (who: typeof alice) => who.call(api.revokeLink, { params: { linkId: revoked.id } });
    expect([(await end(bob)).status, (await end(carol)).status]).toEqual([403, 404]);
    expect((await end(alice)).status).toBe(204);
    await check(known);
    const trashed = await link(id);
    await alice.call(api.trashNodes, { body: { nodeIds: [id] } });
    expect((await stranger(trashed.path).ask('GET', '')).status).toBe(404);
  });

  it('asks for its password, and slows who guesses it', async () => {
    const id = await folder('with a password');
    const { path } = await link(id, 'read', { password: 'high water' });
    const visitor = stranger(path);
    const code = async (answer: Response) => [
      answer.status,
      ((await answer.json()) as { code: string }).code,
    ];
    expect(await code(await visitor.ask('GET', ''))).toEqual([403, 'files-link-password']);
    expect(await code(await visitor.enter())).toEqual([403, 'files-link-password']);
    expect(await code(await visitor.enter('low water'))).toEqual([403, 'files-link-wrong']);
    expect((await visitor.enter('high water')).status).toBe(204);
    expect((await visitor.ask('GET', '')).status).toBe(200);
    // Her visit is of this link alone, and made by us.
    const other = await link(id, 'read', { password: 'something else' });
    expect((await stranger(other.path).ask('GET', '', { cookie: 'liaison.l.x=a.1.b' })).status).toBe(403);
    const guesser = stranger(path);
    const answers: number[] = [];
    for (let at = 0; at < 8; at += 1) answers.push((await guesser.enter(`guess ${at}`)).status);
    expect(answers).toContain(429);
    expect((await visitor.ask('GET', '')).status).toBe(200);
  });

  it('is made and listed by who manages, and kept so that its secret is nowhere in the open', async () => {
    const id = await folder('managed');
    const { path, id: linkId } = await link(id);
    for (const [who, status] of [
      [bob, 403],
      [carol, 404],
    ] as const) {
      const made = await who.call(api.createLink, { params: { nodeId: id }, body: { mode: 'read' } });
      const all = await who.call(api.listLinks, { params: { treeId: team.id } });
      const here = await who.call(api.listNodeLinks, { params: { nodeId: id } });
      expect([made.status, all.status, here.status]).toEqual([status, status, status]);
    }
    const [row] = await stage.test.testDb.admin('select l::text as all from files.link l where id = $1', [
      linkId,
    ]);
    expect(String(row?.all)).not.toContain(path.slice('/l/'.length));
    const aFile = await file(id, 'no folder.txt');
    const refused = await alice.call(api.createLink, { params: { nodeId: aFile }, body: { mode: 'upload' } });
    expect(refused.body.code).toBe('files-link-folder');
  });

  it('cuts a download on its way when it is taken back', async () => {
    const id = await folder('cut');
    await upload(alice, id, 'long.bin', Buffer.alloc(24_000_000, 1));
    const [long] = await rows(id);
    const made = await link(id);
    const answer = await stranger(made.path).ask('GET', `/nodes/${long!.id}/content`);
    const reader = answer.body!.getReader();
    await reader.read();
    await alice.call(api.revokeLink, { params: { linkId: made.id } });
    await expect(
      (async () => {
        for (let at = 0; ; at += 1) {
          if ((await reader.read()).done) return;
          if (at % 8 === 0) await new Promise((resolve) => setTimeout(resolve, 100));
        }
      })(),
    ).rejects.toThrow();
  });
});

describe('a link to send', () => {
  it('takes files, shows each visitor her own, and tells nothing of the folder', async () => {
    const id = await folder('drop box');
    const there = await file(id, 'there.txt', 'first');
    const { path } = await link(id, 'upload');
    const [one, two] = [stranger(path), stranger(path)];
    expect((await one.send('x.txt', 'x')).status).toBe(403);
    for (const each of [one, two]) await each.enter();
    expect(await one.json('')).toMatchObject({ mode: 'upload', node: { name: 'drop box', bytes: 0 } });
    expect((await one.send('there.txt', 'a stranger')).status).toBe(201);
    expect(await one.json('/sent')).toMatchObject({ rows: [{ name: 'there.txt', isWhole: true }] });
    expect(await two.json('/sent')).toEqual({ rows: [] });
    for (const rest of [`/nodes/${id}/children`, `/nodes/${there}/content`, `/nodes/${id}/content`]) {
      expect((await one.ask('GET', rest)).status).toBe(404);
    }
    // What was there is as it was.
    expect(
      (await rows(id)).map(({ name, version, changedById }) => [name, version, changedById !== null]),
    ).toEqual([
      ['there (2).txt', 1, false],
      ['there.txt', 1, true],
    ]);
    const begun = await one.ask('POST', '/uploads', tusHeaders('', 'cut.bin', 10));
    const at = begun.headers.get('location')!.slice(`/api/v1${path}`.length);
    const piece = {
      'tus-resumable': '1.0.0',
      'content-type': 'application/offset+octet-stream',
      'upload-offset': '0',
    };
    expect((await two.ask('PATCH', at, piece, Buffer.from('01234'))).status).toBe(404);
    expect((await one.ask('PATCH', at, piece, Buffer.from('01234'))).status).toBe(204);
    expect((await one.ask('HEAD', at)).headers.get('upload-offset')).toBe('5');
    const more = { ...piece, 'upload-offset': '5' };
    expect((await one.ask('PATCH', at, more, Buffer.from('56789'))).status).toBe(204);
    expect((await rows(id)).map(({ name }) => name)).toContain('cut.bin');
    const large = await one.ask('POST', '/uploads', tusHeaders('', 'large.bin', 250 * 1000 ** 3));
    expect(large.status).toBe(413);
    const quota = await one.ask('POST', '/uploads', tusHeaders('', 'large.bin', 99 * 1024 ** 3));
    expect(quota.status).toBe(201);
    expect((await one.ask('POST', '/uploads', tusHeaders('', 'larger.bin', 99 * 1024 ** 3))).status).toBe(
      413,
    );
    const [, , wide] = (await one.json('/sent')).rows as { id: string }[];
    const end = await one.ask('DELETE', `/uploads/${wide!.id}`, { 'tus-resumable': '1.0.0' });
    expect(end.status).toBe(204);
  });
});
