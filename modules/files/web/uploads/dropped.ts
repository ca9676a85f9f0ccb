/** A file that was dropped or chosen, and the folders that it lay in, outermost first. */
export interface DroppedFile {
  readonly file: File;
  readonly folders: readonly string[];
}

/** What was dropped, folders with everything in them (empty folders too: `folders` without a file). */
export interface Dropped {
  readonly files: readonly DroppedFile[];
  readonly emptyFolders: readonly (readonly string[])[];
}

/** More than that at once is dropped by mistake, or by somebody who means harm. */
const maxDropped = 20_000;

const entriesOf = (reader: FileSystemDirectoryReader): Promise<readonly FileSystemEntry[]> =>
  new Promise((resolve, reject) => reader.readEntries(resolve, reject));
const fileOf = (entry: FileSystemFileEntry): Promise<File> =>
  new Promise((resolve, reject) => entry.file(resolve, reject));

/** Reads a drop. Call it in the event's own turn: what a drop holds is gone afterwards. */
export function readDrop(transfer: DataTransfer): Promise<Dropped> {
  const entries = [...transfer.items].flatMap((item) => {
    const entry = item.kind === 'file' ? item.webkitGetAsEntry() : null;
    return entry ? [entry] : [];
  });
  const plain = entries.length === 0 ? [...transfer.files].map((file) => ({ file, folders: [] })) : [];
  return walk(entries, plain);
}

async function walk(entries: readonly FileSystemEntry[], plain: readonly DroppedFile[]): Promise<Dropped> {
  const files: DroppedFile[] = [...plain];
  const emptyFolders: string[][] = [];
  const open = entries.map((entry) => ({ entry, folders: [] as string[] }));
  for (let next = open.shift(); next && files.length < maxDropped; next = open.shift()) {
    const { entry, folders } = next;
    if (entry.isFile) {
      files.push({ file: await fileOf(entry as FileSystemFileEntry), folders });
      continue;
    }
    const inside = [...folders, entry.name];
    const reader = (entry as FileSystemDirectoryEntry).createReader();
    let count = 0;
    // A reader gives a hundred at a time, until it gives none.
    for (let some = await entriesOf(reader); some.length > 0; some = await entriesOf(reader)) {
      count += some.length;
      open.push(...some.map((each) => ({ entry: each, folders: inside })));
    }
    if (count === 0) emptyFolders.push(inside);
  }
  return { files, emptyFolders };
}

/** Files of an `<input>`; one that chooses a folder names it in each file's path. */
export const readChosen = (list: FileList): Dropped => ({
  files: [...list].map((file) => ({ file, folders: file.webkitRelativePath.split('/').slice(0, -1) })),
  emptyFolders: [],
});
