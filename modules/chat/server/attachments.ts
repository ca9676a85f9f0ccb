import type { Readable } from 'node:stream';
import type { Blobs } from '@liaison/core/blobs';
import { notFound, type PersonActor, Problem } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import type { Spaces } from '@liaison/core/spaces';
import type { SentFiles } from '@liaison/files';
import { maxAttachmentBytes } from '../contract/index.ts';
import { conversationFor } from './access.ts';
import type { ChatTables } from './tables.ts';

/** Pictures up to this many bytes and pixels get a preview; a picture that unfolds to more is left as a file. */
const maxPictureBytes = 30 * 1024 * 1024;
const maxPicturePixels = 60_000_000;
const previewSide = 1280;

/** Kinds that a preview is drawn from. SVG is a program, not a picture: it stays a file. */
const pictureFormats = new Set(['jpeg', 'png', 'webp', 'gif', 'avif', 'heif', 'tiff']);

export interface StoredFile {
  readonly sha256: string;
  readonly bytes: number;
  readonly width: number | null;
  readonly height: number | null;
  readonly previewSha256: string | null;
}

/** Stores the bytes of an upload and, for a picture, a preview drawn anew (nothing of the original's metadata in it). */
export async function storeFile(blobs: Blobs, body: Readable, signal: AbortSignal): Promise<StoredFile> {
  const { sha256, bytes } = await blobs.put(body, { maxBytes: maxAttachmentBytes, signal });
  const none = { sha256, bytes, width: null, height: null, previewSha256: null };
  if (bytes > maxPictureBytes) return none;
  const { default: sharp } = await import('sharp');
  const { stream } = await blobs.open(sha256);
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part as Buffer);
  try {
    const picture = sharp(Buffer.concat(parts), { limitInputPixels: maxPicturePixels, animated: false });
    const { format, width, height, orientation } = await picture.metadata();
    if (!pictureFormats.has(format)) return none;
    const preview = await picture
      .rotate()
      .resize({ width: previewSide, height: previewSide, fit: 'inside', withoutEnlargement: true })
      .webp({ quality: 80 })
      .timeout({ seconds: 10 })
      .toBuffer();
    const stored = await blobs.put([preview], { maxBytes: maxPictureBytes });
    // EXIF orientations 5 to 8 lie on their side.
    const turned = (orientation ?? 1) >= 5;
    return {
      sha256,
      bytes,
      width: turned ? height : width,
      height: turned ? width : height,
      previewSha256: stored.sha256,
    };
  } catch {
    // Whatever cannot be drawn is a file like any other.
    return none;
  }
}

export async function addAttachment(
  tx: Tx,
  actor: PersonActor,
  attachment: StoredFile & { id: string; conversationId: string; name: string; mediaType: string },
): Promise<void> {
  await tx
    .as<ChatTables>()
    .insertInto('chat.attachment')
    .values({
      id: attachment.id,
      org_id: actor.orgId,
      conversation_id: attachment.conversationId,
      uploader_id: actor.personId,
      message_id: null,
      name: attachment.name,
      media_type: attachment.mediaType,
      bytes: attachment.bytes,
      sha256: attachment.sha256,
      width: attachment.width,
      height: attachment.height,
      preview_sha256: attachment.previewSha256,
    })
    .execute();
}

/**
 * A file for somebody who may read its conversation, as it was sent; one that is not sent yet for its uploader alone.
 * @throws Problem 410 `file-removed` where it was put into the trash, or deleted, in Files.
 */
export async function attachmentFor(
  tx: Tx,
  { spaces, files }: { readonly spaces: Spaces; readonly files: SentFiles },
  actor: PersonActor,
  attachmentId: string,
): Promise<{ name: string; bytes: number; sha256: string; previewSha256: string | null }> {
  const row = await tx
    .as<ChatTables>()
    .selectFrom('chat.attachment')
    .selectAll()
    .where('id', '=', attachmentId)
    .executeTakeFirst();
  if (!row || (row.message_id === null && row.uploader_id !== actor.personId)) throw notFound('This file');
  await conversationFor(tx, spaces, actor, row.conversation_id, 'read');
  if (row.node_id !== null && !(await files.find(tx, [row.node_id])).here.has(row.node_id))
    throw new Problem(410, 'file-removed', 'This file was removed.');
  return { name: row.name, bytes: row.bytes, sha256: row.sha256, previewSha256: row.preview_sha256 };
}

/** A name as a file may have it: no path, no control signs, and never empty. */
export function cleanName(name: string): string {
  const last = name.split(/[/\\]/).at(-1) ?? '';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed.
  const clean = last.replace(/[\u0000-\u001f\u007f\u202a-\u202e\u2066-\u2069]/g, '').trim();
  return clean === '' || clean === '.' || clean === '..' ? 'file' : clean.slice(0, 255);
}
