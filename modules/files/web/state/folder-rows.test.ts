import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareNodes, type ListedNode } from '../../contract/index.ts';
import { type FolderRows, withChanges, withPage } from './folder-rows.ts';

const compare = compareNodes('name', false);
const nodeOf = (at: number, name: string, kind: 'file' | 'folder' = 'file'): ListedNode => ({
  id: `00000000-0000-7000-8000-${String(at).padStart(12, '0')}`,
  treeId: 'tree',
  parentId: 'folder',
  kind,
  name,
  bytes: at,
  mediaType: '',
  version: 1,
  changedAt: '2026-05-14T09:00:00.000Z',
  changedById: null,
  trashedAt: null,
  starred: false,
});

test('whatever comes live between its pages, a folder is shown as the server has it', () => {
  const step = fc.record({
    at: fc.nat(30),
    name: fc.string({ maxLength: 4 }),
    isFolder: fc.boolean(),
    goes: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 7 }), (steps, limit) => {
      const server = new Map<string, ListedNode>();
      const ordered = () => [...server.values()].sort(compare);
      let page: FolderRows = { rows: [], next: 'start' };
      let last: ListedNode | null = null;
      const fetchPage = () => {
        const after = ordered().filter((node) => last === null || compare(last, node) < 0);
        const rows = after.slice(0, limit);
        last = rows.at(-1) ?? last;
        page = withPage(page, { rows, next: after.length > limit ? 'more' : null });
      };
      for (const [index, { at, name, isFolder, goes }] of steps.entries()) {
        const node = nodeOf(at, name, isFolder ? 'folder' : 'file');
        if (goes) server.delete(node.id);
        else server.set(node.id, node);
        page = withChanges(
          page,
          goes ? { here: [], elsewhere: [node.id] } : { here: [node], elsewhere: [] },
          compare,
        );
        if (index % 5 === 0 && page.next !== null) fetchPage();
      }
      while (page.next !== null) fetchPage();
      expect(page.rows).toEqual(ordered());
    }),
    { numRuns: 200 },
  );
});

test('a star survives what others change', () => {
  const starred = { ...nodeOf(1, 'a'), starred: true };
  const after = withChanges(
    { rows: [starred], next: null },
    { here: [{ ...nodeOf(1, 'b') }], elsewhere: [] },
    compare,
  );
  expect(after.rows).toEqual([{ ...nodeOf(1, 'b'), starred: true }]);
});
