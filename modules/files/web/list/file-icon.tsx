import {
  IconFile,
  IconFileMusic,
  IconFileSpreadsheet,
  IconFileText,
  IconFileTypePdf,
  IconFileZip,
  IconFolder,
  IconMovie,
  IconPhoto,
} from '@tabler/icons-react';
import type { FileNode } from '../../contract/index.ts';

const kinds: readonly (readonly [RegExp, typeof IconFile])[] = [
  [/^image\//, IconPhoto],
  [/^audio\//, IconFileMusic],
  [/^video\//, IconMovie],
  [/pdf$/, IconFileTypePdf],
  [/zip|compressed|x-tar|gzip/, IconFileZip],
  [/spreadsheet|csv|excel/, IconFileSpreadsheet],
  [/^text\/|document|word/, IconFileText],
];

/** What something is, as a picture of 20 px. */
export function FileIcon({ node }: { node: Pick<FileNode, 'kind' | 'mediaType'> }) {
  if (node.kind === 'folder') return <IconFolder size={20} aria-hidden="true" />;
  const Icon = kinds.find(([pattern]) => pattern.test(node.mediaType))?.[1] ?? IconFile;
  return <Icon size={20} aria-hidden="true" />;
}
