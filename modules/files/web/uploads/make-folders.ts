import { api } from '@liaison/core/web';
import { createFolder } from '../../contract/index.ts';

/** The ids of folders by their path below the one that was dropped into, each made or found once. One that failed is asked for again. */
export function folderMaker(rootId: string): (folders: readonly string[]) => Promise<string> {
  const made = new Map<string, Promise<string>>();
  const make = (folders: readonly string[]): Promise<string> => {
    const name = folders.at(-1);
    if (name === undefined) return Promise.resolve(rootId);
    const path = folders.join('/');
    const known = made.get(path);
    if (known) return known;
    const asked = make(folders.slice(0, -1)).then(async (parentId) => {
      const folder = await api(createFolder, {
        params: { nodeId: parentId },
        body: { name, ifThere: 'use' },
      });
      return folder.id;
    });
    made.set(path, asked);
    asked.catch(() => made.delete(path));
    return asked;
  };
  return make;
}
