import { keepContent, type TestPerson } from '@liaison/core/testing';
import { listFolder } from '../../contract/index.ts';
import { content } from '../content.ts';
import { type FilesStage, openFilesStage } from './files-stage.ts';

/** What is written in the files of the team, as whoever searches keeps it. */
export interface TextsStage extends FilesStage {
  /** Writes a file of the team as Alice; the same name again is a new version. Answers its id. */
  write(name: string, bytes: Uint8Array | string): Promise<string>;
  /** Until nothing is left to read. */
  settle(): Promise<void>;
  /** What is kept of a file for somebody; nothing where they may not read it. */
  textOf(id: string, person: TestPerson): Promise<string | undefined>;
}

/** Whoever opens it closes it. */
export async function openTextsStage(): Promise<TextsStage> {
  const stage = await openFilesStage();
  const { test, team, alice } = stage;
  const kept = keepContent(test, content);
  return {
    ...stage,
    async write(name, bytes) {
      const sent = await stage.upload(alice, team.rootId, name, bytes);
      const { rows } = (await alice.call(listFolder, { params: { nodeId: team.rootId }, query: {} })).body;
      const written = rows.find((node) => node.name === name);
      if (sent.status !== 201 || !written) throw new Error(`${name} was answered ${sent.status}`);
      return written.id;
    },
    async settle() {
      await test.core.outbox.drain();
      await test.core.jobs.drain();
      await test.core.outbox.drain();
    },
    textOf: async (id, person) => (await kept.readableBy(person)).find((each) => each.id === id)?.text,
  };
}
