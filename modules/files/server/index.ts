import type { MigrationSource } from '@liaison/core/db';
import type { Core, Service } from '@liaison/core/floor';
import type { SentFiles } from '../contract/index.ts';
import type { Needs } from './actions/needs.ts';
import { createSentFiles } from './actions/sent-files.ts';
import { serveBatches } from './batch-routes.ts';
import { files } from './content.ts';
import { createKeeper } from './keep-files.ts';
import { serveLinks } from './links/link-routes.ts';
import { addPresenters } from './presenters.ts';
import { servePreviews } from './preview-routes.ts';
import { createPreviews } from './previews/previews.ts';
import { createReceiver } from './receive-upload.ts';
import { serveRoutes } from './routes.ts';
import { serveSharing } from './sharing-routes.ts';
import { tellElsewhere } from './tell-elsewhere.ts';
import { createDocumentReader } from './texts/document-reader.ts';
import { readTexts } from './texts/read-texts.ts';
import { serveUploads } from './upload-routes.ts';

export { blobsNamed } from './blobs-named.ts';
export { content } from './content.ts';
export { news } from './news.ts';
export { personalData } from './personal-data.ts';

export const migrations: MigrationSource = {
  schema: 'files',
  folder: new URL('./migrations/', import.meta.url),
};

/**
 * Files of spaces, and what others ask of those that they sent. The services end the processes that draw previews and read
 * documents; they begin when they are needed.
 */
export function createFiles({ core }: { core: Core }): {
  sent: SentFiles;
  drawing: Service;
  reading: Service;
} {
  const needs: Needs = { emit: core.outbox.emit, spaces: core.spaces, nextId: () => core.ids.next() };
  serveRoutes(core, needs);
  const receiver = createReceiver(core);
  const keep = createKeeper(core, needs);
  serveUploads(core, needs, receiver, keep);
  serveBatches(core, keep);
  serveSharing(core, needs);
  serveLinks(core, needs, receiver);
  const previews = createPreviews(core);
  servePreviews(core, previews);
  addPresenters(core);
  tellElsewhere(core);
  const documents = createDocumentReader();
  readTexts(core, files, documents);
  return {
    sent: createSentFiles(needs, core.settings.site.number),
    drawing: { name: 'files.drawing', start: async () => {}, stop: async () => previews.close() },
    reading: { name: 'files.reading', start: async () => {}, stop: async () => documents.close() },
  };
}
