/**
 * A process that reads what is written in documents, one after the other: what a stranger's document does to its reader happens
 * here, where no secret, no connection and nobody else's work is. Its parent bounds its time and memory, and it ends with its parent.
 */
import type { DocumentText, ToRead } from './document-reader.ts';
import { createWritten, type Enough } from './written.ts';

const readers: Record<ToRead['kind'], () => Promise<(path: string, to: Enough) => Promise<void>>> = {
  pdf: async () => (await import('./pdf-text.ts')).readPdf,
  office: async () => (await import('./office-text.ts')).readOffice,
};

async function read({ path, kind, mostCharacters, mostMs }: ToRead): Promise<DocumentText> {
  const written = createWritten({ mostCharacters, mostMs });
  try {
    await (await readers[kind]())(path, written);
    return written.isLate() ? { text: written.text(), why: 'it takes too long' } : { text: written.text() };
  } catch (error) {
    // Of what is broken further on, or refused there, its beginning is as good as that of what is long.
    return { text: written.text(), why: String(error).slice(0, 300) };
  }
}

// Who stops the server from a terminal means its parent, which ends this one: a document is not unreadable for that.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {});
// Of a document that was left early, something may end late; the next has nothing to do with it.
process.on('unhandledRejection', () => {});
process.on('disconnect', () => process.exit(0));
process.on('message', (wanted: ToRead) => {
  void read(wanted).then((answer) => process.send?.(answer));
});
