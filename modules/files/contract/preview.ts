import { defineRoute, idSchema } from '@liaison/core/contract';
import { z } from 'zod';
import type { FileNode } from './node.ts';

/** How a file is shown: drawn by the server (`picture`, `video`'s poster, a document's first page while it is small), or by the page. */
export type PreviewKind = 'picture' | 'pdf' | 'text' | 'sound' | 'video';

/** Longest side of a picture drawn anew, in pixels. */
export const previewSides = { small: 320, large: 2048 } as const;
export const previewSizeSchema = z.enum(['small', 'large']);
export type PreviewSize = z.infer<typeof previewSizeSchema>;

/** A file with more bytes is a card with its facts. */
export const maxPreviewBytes = {
  picture: 60 * 1024 ** 2,
  pdf: 200 * 1024 ** 2,
  text: Number.POSITIVE_INFINITY,
  sound: Number.POSITIVE_INFINITY,
  video: Number.POSITIVE_INFINITY,
} as const satisfies Record<PreviewKind, number>;

/** So much of a text is shown. */
export const shownTextBytes = 64 * 1024;

export type PlayedType = `${'audio' | 'video'}/${string}`;

/** What a browser plays, by ending: an uploader's word about a type is not repeated to another's browser. */
const played: Readonly<Record<string, PlayedType>> = {
  mp3: 'audio/mpeg',
  m4a: 'audio/mp4',
  ogg: 'audio/ogg',
  oga: 'audio/ogg',
  opus: 'audio/ogg',
  wav: 'audio/wav',
  flac: 'audio/flac',
  weba: 'audio/webm',
  mp4: 'video/mp4',
  m4v: 'video/mp4',
  mov: 'video/mp4',
  webm: 'video/webm',
  ogv: 'video/ogg',
};
const pictures = /^(?:jpe?g|png|webp|gif|avif|tiff?)$/;
// A drawing in SVG is a program: it is shown as the text that it is.
const texts =
  /^(?:txt|md|markdown|csv|tsv|log|json|ya?ml|toml|ini|conf|xml|svg|html?|css|scss|[cm]?[jt]sx?|py|rb|go|rs|java|kt|swift|c|h|cc|cpp|hpp|cs|php|sh|bash|sql|tex|bib|ics|vcf|diff|patch|gitignore|r|m|lua|pl|asc|geojson|gpx|kml|srt|vtt)$/;
const namedTexts = /^(?:readme|licen[cs]e|makefile|dockerfile|copying|authors|changelog)$/;

const endingOf = (name: string): string => {
  const dot = name.lastIndexOf('.');
  return (dot < 0 ? '' : name.slice(dot + 1)).toLowerCase();
};

/** The type under which a sound or a video is played; null for whatever else. */
export const playedTypeOf = (name: string): PlayedType | null => {
  const ending = endingOf(name);
  return Object.hasOwn(played, ending) ? (played[ending] as PlayedType) : null;
};

/** How a file can be shown by what it is called; null for one that is a card with its facts. */
export function previewKindOf({ name, bytes, mediaType }: Pick<FileNode, 'name' | 'bytes' | 'mediaType'>) {
  const kind = kindOf(name, mediaType);
  return kind !== null && bytes > 0 && bytes <= maxPreviewBytes[kind] ? kind : null;
}

function kindOf(name: string, mediaType: string): PreviewKind | null {
  const ending = endingOf(name);
  if (pictures.test(ending)) return 'picture';
  if (ending === 'pdf') return 'pdf';
  const type = playedTypeOf(name);
  if (type !== null) return type.startsWith('audio/') ? 'sound' : 'video';
  if (texts.test(ending) || namedTexts.test(name.toLowerCase())) return 'text';
  if (name.lastIndexOf('.') > 0) return null;
  // Without an ending only its sender's word is left.
  if (/^image\/(?:jpeg|png|webp|gif|avif|tiff)$/.test(mediaType)) return 'picture';
  if (mediaType === 'application/pdf') return 'pdf';
  return mediaType.startsWith('text/') ? 'text' : null;
}

const params = z.object({ nodeId: idSchema });
const version = z.coerce
  .number()
  .int()
  .min(1)
  .max(2 ** 31 - 1)
  .optional();

/** 404 `files-no-preview` where none can be drawn, 503 `files-previews-busy` while too many wait. */
export const previewFile = defineRoute({
  method: 'GET',
  path: '/files/nodes/:nodeId/preview',
  access: 'session',
  summary:
    'A picture, the first page of a document or a frame of a video, drawn anew as WebP in a bounded size.',
  params,
  query: z.object({ size: previewSizeSchema.default('small'), version }),
});
export const playFile = defineRoute({
  method: 'GET',
  path: '/files/nodes/:nodeId/media',
  access: 'session',
  summary: 'The bytes of a sound or video for a player, also a part of them (`Range`).',
  params,
  query: z.object({ version }),
});
