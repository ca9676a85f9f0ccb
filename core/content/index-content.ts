import { z } from 'zod';
import type { EventDefinition } from '../contract/index.ts';
import type { Tx } from '../db/index.ts';
import type { Core } from '../floor/index.ts';
import { defineJob } from '../jobs/index.ts';
import { reactTo } from '../outbox/index.ts';
import { organisationsToRead } from './across-organisations.ts';
import type { ContentSource } from './content.ts';
import { type ContentRead, followContent, readAllContent } from './follow-content.ts';
import { begin, beginOthers, finish, moveOn } from './how-far.ts';

export interface ContentIndexOptions {
  /** A cursor for each event, locks of documents, and how far it has read: it never changes once landed. */
  readonly follower: `${string}.${string}`;
  /** The job that reads anew, `module.verb-thing`. */
  readonly job: `${string}.${string}`;
  readonly sources: readonly ContentSource[];
  /** Raised when something else is made of documents than before: all of them are read again. */
  readonly form: number;
  readonly circumstances?: Circumstances;
  /** What is made of documents takes the place of what was made of them before; runs more than once. */
  readonly keep: (tx: Tx, read: ContentRead) => Promise<void>;
}

/** Something of an organisation that changes what is made of every document in it. */
export interface Circumstances {
  /** The reaction that looks whether they are others; never changes once landed. */
  readonly reaction: `${string}.${string}`;
  /** After this they may be others. */
  readonly changedBy: EventDefinition<{ orgId: string }>;
  read(tx: Tx): Promise<string>;
}

export interface ContentIndex {
  /** Reads whatever was not read to its end in the form of now; the job does it each minute, and when circumstances change. */
  readAnew(signal?: AbortSignal): Promise<void>;
}

/** So many documents lie between two lines of the log. */
const toldEach = 20_000;

/**
 * Keeps something of all content as it is now: what changes is followed, and what there was before anybody followed it, or was
 * read in another form or under other circumstances, is read anew. In pages, in one process of all, from where it stopped.
 */
export function indexContent(
  core: Pick<Core, 'db' | 'outbox' | 'jobs' | 'log'>,
  { follower, job, sources, form, circumstances, keep }: ContentIndexOptions,
): ContentIndex {
  const { db, outbox, jobs, log } = core;
  const formOf = ({ version }: ContentSource): string => `${form}.${version}`;
  const wanted = sources.map((source) => ({ kind: source.kind as string, form: formOf(source) }));
  const circumstancesOf = async (tx: Tx): Promise<string> => (await circumstances?.read(tx)) ?? '';

  async function readKind(orgId: string, source: ContentSource, signal?: AbortSignal): Promise<void> {
    const { kind } = source;
    const [reading, begun] = await db.transaction(orgId, async (tx) => {
      const each = { follower, kind, form: formOf(source), circumstances: await circumstancesOf(tx) };
      return [each, await begin(tx, each)] as const;
    });
    if (begun.isDone) return;
    let { reached, documents } = begun;
    const told = { follower, kind, orgId };
    log.info({ ...told, documents }, 'content is read anew, after so many documents');
    const overtaken = new AbortController();
    const ends = AbortSignal.any([overtaken.signal, ...(signal ? [signal] : [])]);
    await readAllContent(db, follower, orgId, source, keep, {
      after: reached,
      signal: ends,
      reached: async (tx, id, read) => {
        // What was read is as it is now, so that it is kept, whoever goes on.
        if (!(await moveOn(tx, reading, reached, { reached: id, documents: read }))) overtaken.abort();
        if (Math.floor((documents + read) / toldEach) > Math.floor(documents / toldEach)) {
          log.info({ ...told, documents: documents + read }, 'content is being read anew');
        }
        reached = id;
        documents += read;
      },
    });
    if (ends.aborted) return;
    const isDone = await db.transaction(orgId, (tx) => finish(tx, reading, reached));
    if (isDone) log.info({ ...told, documents }, 'content was read anew');
  }

  /** What cannot be read holds back neither other kinds nor other organisations: it fails at the end, and is tried again. */
  async function readAnew(signal?: AbortSignal): Promise<void> {
    const failures: unknown[] = [];
    for (const orgId of await organisationsToRead(db, follower, wanted)) {
      for (const source of sources) {
        if (signal?.aborted) return;
        await readKind(orgId, source, signal).catch((error: unknown) => void failures.push(error));
      }
    }
    if (failures.length > 0) throw failures[0];
  }

  followContent(core, follower, sources, keep);
  jobs.every(job, '* * * * *', ({ signal }) => readAnew(signal));
  if (circumstances) {
    const now = defineJob({ name: job, payload: z.object({}) });
    const { reaction, changedBy } = circumstances;
    outbox.react(
      reactTo(reaction, changedBy, async ({ orgId }) => {
        const isOther = await db.transaction(orgId, async (tx) =>
          beginOthers(tx, follower, await circumstancesOf(tx)),
        );
        if (isOther) await jobs.add(now, {}, { key: 'now' });
      }),
    );
  }
  return { readAnew };
}
