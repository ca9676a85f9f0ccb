import { createTestCore, type TestClient, type TestCore, type TestPerson } from '@liaison/core/testing';
import { type FileTree, listTrees } from '../../contract/index.ts';
import { createFiles, migrations } from '../index.ts';

/** Files alone on the floor, with a team of which two are members and one a guest, and somebody outside. */
export interface FilesStage {
  readonly test: TestCore;
  readonly url: string;
  readonly orgId: string;
  readonly spaceId: string;
  readonly team: FileTree;
  readonly people: readonly TestPerson[];
  /** Manages the team. */
  readonly alice: TestClient;
  /** Member of the team. */
  readonly bob: TestClient;
  /** Guest of the team. */
  readonly guest: TestClient;
  /** Of the organisation, not of the team. */
  readonly carol: TestClient;
  /** Answers the status and the headers. */
  send(
    who: TestClient,
    method: string,
    path: string,
    headers?: Record<string, string>,
    body?: Uint8Array,
  ): Promise<Response>;
  /** Uploads in one request; answers the response of it. */
  upload(who: TestClient, folderId: string, name: string, bytes: Uint8Array | string): Promise<Response>;
  close(): Promise<void>;
}

export const tusHeaders = (folderId: string, name: string, bytes: number): Record<string, string> => ({
  'tus-resumable': '1.0.0',
  'upload-length': String(bytes),
  'upload-metadata': `folderId ${base64(folderId)},filename ${base64(name)},filetype ${base64('text/plain')}`,
});
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const piece = { 'content-type': 'application/offset+octet-stream' };

/** Whoever opens it closes it. */
export async function openFilesStage(): Promise<FilesStage> {
  const test = await createTestCore({ sources: [migrations] });
  createFiles({ core: test.core });
  await test.core.live.start();
  const url = await test.listen();
  const { orgId, people } = await test.organisation(['owner', 'member', 'guest', 'member']);
  const [a, b, g, c] = people as [TestPerson, TestPerson, TestPerson, TestPerson];
  const spaceId = await test.core.db.transaction(orgId, async (tx) => {
    for (const { id } of people) {
      await test.core.spaces.create(tx, {
        kind: 'personal',
        name: '',
        members: [{ personId: id, role: 'manager' }],
      });
    }
    const space = await test.core.spaces.create(tx, {
      kind: 'team',
      name: 'Port study',
      members: [
        { personId: a.id, role: 'manager' },
        { personId: b.id, role: 'member' },
        { personId: g.id, role: 'guest' },
      ],
    });
    return space.id;
  });
  const alice = test.client(a);
  const trees = await alice.call(listTrees);
  const send: FilesStage['send'] = (who, method, path, headers = {}, body) =>
    fetch(`${url}/api/v1${path}`, {
      method,
      headers: { ...who.headers, ...headers },
      ...(body === undefined ? {} : { body: Buffer.from(body) }),
    });
  return {
    test,
    url,
    orgId,
    spaceId,
    team: trees.body.rows.find((tree) => tree.spaceId === spaceId) as FileTree,
    people,
    alice,
    bob: test.client(b),
    guest: test.client(g),
    carol: test.client(c),
    send,
    upload: (who, folderId, name, content) => {
      const bytes = Buffer.from(content);
      return send(
        who,
        'POST',
        '/files/uploads',
        { ...tusHeaders(folderId, name, bytes.length), ...piece },
        bytes,
      );
    },
    close: () => test.close(),
  };
}
