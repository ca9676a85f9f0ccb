import { type FileNode, previewKindOf } from '../../contract/index.ts';

/** How what is written in a file is read: as it stands there, or by the reader of its kind of document. */
export type DocumentKind = 'pdf' | 'office';
export type WrittenIn = 'text' | DocumentKind;

/** A larger document is found by its name alone: it is brought here whole to be read. */
const maxDocumentBytes = 50 * 1024 ** 2;

const office = /\.(?:doc[xm]|dot[xm]|xls[xm]|xlt[xm]|ppt[xm]|pps[xm]|pot[xm]|od[tsp]|ot[tsp])$/i;
const officeTypes = /^application\/vnd\.(?:openxmlformats-officedocument|oasis\.opendocument)\./;

/** By what it is called; null where nothing is. */
export function writtenIn(file: Pick<FileNode, 'name' | 'bytes' | 'mediaType'>): WrittenIn | null {
  const kind = previewKindOf(file);
  if (kind === 'text') return 'text';
  if (file.bytes === 0 || file.bytes > maxDocumentBytes) return null;
  if (kind === 'pdf') return 'pdf';
  const isOffice = file.name.includes('.', 1) ? office.test(file.name) : officeTypes.test(file.mediaType);
  return isOffice ? 'office' : null;
}
