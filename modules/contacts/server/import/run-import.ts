import { nullIfMissing, type PersonActor, Problem } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import type { Core } from '@liaison/core/floor';
import { defineJob, type JobContext, tellFailure } from '@liaison/core/jobs';
import { drawPortrait } from '@liaison/core/pictures';
import { personalSpaceOf } from '@liaison/core/spaces';
import { z } from 'zod';
import { type ImportFault, type ImportState, importProgressed } from '../../contract/index.ts';
import { bookFor, importFor } from '../access.ts';
import type { Reading } from '../actions/change-contacts.ts';
import { type Needs, tellChanged } from '../actions/needs.ts';
import { insertContacts, updateContact, type WriteHow } from '../actions/write-contacts.ts';
import { nameOf, nearKeyOf } from '../derive.ts';
import { findSame, type Known, knownByName, remember, takeInto } from './duplicates.ts';
import type { ImportRecord } from './import-record.ts';
import { cardsOfFile, type Lazy, rowsOfFile } from './read-file.ts';
import type { TakenCard } from './taken-card.ts';

export const runImportJob = defineJob({
  name: 'contacts.run-import',
  payload: z.object({ orgId: z.uuid(), importId: z.uuid(), personId: z.uuid() }),
  maxAttempts: 5,
});

/** Cards of one transaction; fewer where they have large photos. */
const batchCards = 200;
const batchPhotoBytes = 16 * 1024 * 1024;
/** Of all that could not be taken, so much is shown. */
const shownFaults = 100;

export interface ImportParts {
  readonly core: Core;
  readonly needs: Needs;
  readingFor(who: Pick<PersonActor, 'orgId' | 'personId'>): Promise<Reading>;
}

/**
 * Takes the cards of a file into its book, batch by batch. Each batch is one transaction that also says how far it is: whoever goes
 * on after a crash begins after it and adds nobody twice. Ends as soon as somebody stops it, or may not write there any more.
 */
export async function runImport(
  parts: ImportParts,
  { orgId, importId, personId }: { orgId: string; importId: string; personId: string },
  { signal, attempt }: Pick<JobContext, 'signal' | 'attempt'>,
): Promise<void> {
  const { core } = parts;
  // Rights are asked for the person, batch by batch; her role in the organisation decides nothing here.
  const actor: PersonActor = { kind: 'person', orgId, personId, role: 'guest', sessionId: importId };
  await tellFailure(
    runImportJob,
    { attempt },
    {
      async work() {
        const row = await core.db.read(orgId, (tx) => importFor(tx, actor, importId)).catch(nullIfMissing);
        if (row?.state !== 'running') return;
        if (row.file_sha256 === null) throw new Problem(404, 'not-found', 'The file is gone.');
        await takeAll(parts, actor, row, row.file_sha256, signal);
      },
      tell: () =>
        core.db.transaction(orgId, async (tx) => {
          const row = await importFor(tx, actor, importId, true).catch(nullIfMissing);
          if (row?.state === 'running') await note(tx, parts.needs, row, { state: 'failed' });
        }),
    },
  );
}

async function takeAll(
  parts: ImportParts,
  actor: PersonActor,
  row: ImportRecord,
  sha256: string,
  signal: AbortSignal,
): Promise<void> {
  const { blobs } = parts.core;
  const fields = row.columns.map(({ field }) => field);
  const cards = row.format === 'vcard' ? cardsOfFile(blobs, sha256) : rowsOfFile(blobs, sha256, () => fields);
  const reading = await parts.readingFor(actor);
  let at = 0;
  let batch: (TakenCard | ImportFault)[] = [];
  let photoBytes = 0;
  const flush = async (isLast: boolean): Promise<boolean> => {
    const taken = batch;
    batch = [];
    photoBytes = 0;
    return takeBatch(parts, actor, row.id, { from: at - taken.length, cards: taken, isLast }, reading);
  };
  for await (const read of cards as AsyncIterable<Lazy>) {
    if (signal.aborted) return;
    at += 1;
    if (at <= row.done) continue;
    const card = read();
    batch.push(card);
    photoBytes += 'photo' in card ? (card.photo?.length ?? 0) : 0;
    if (batch.length < batchCards && photoBytes < batchPhotoBytes) continue;
    if (!(await flush(false))) return;
  }
  await flush(true);
}

interface Batch {
  /** Cards of the file before these. */
  readonly from: number;
  readonly cards: readonly (TakenCard | ImportFault)[];
  readonly isLast: boolean;
}

/** @returns false where somebody stopped it, or another process is further. */
async function takeBatch(
  { core, needs }: ImportParts,
  actor: PersonActor,
  importId: string,
  { from, cards, isLast }: Batch,
  reading: Reading,
): Promise<boolean> {
  const faults: ImportFault[] = [];
  const taken: (TakenCard & { sha256: string | null })[] = [];
  for (const card of cards) {
    if (!('input' in card)) {
      faults.push(card);
      continue;
    }
    faults.push(...card.remarks);
    taken.push({ ...card, sha256: await storePhoto(core, card, faults) });
  }
  return core.db.transaction(actor.orgId, async (tx) => {
    // Two workers on one import take turns; the second finds that it is behind.
    const row = await importFor(tx, actor, importId, true);
    if (row.state !== 'running' || row.done !== from) return false;
    const book = await bookFor(tx, needs.spaces, actor, row.book_id, 'write');
    const how: WriteHow = { bookId: book.id, personId: actor.personId, importId, ...reading };
    const fresh: Known[] = [];
    const changed: Known[] = [];
    let skipped = 0;
    const isMatched = row.duplicates !== 'add';
    const known = isMatched
      ? await knownByName(
          tx,
          book.id,
          taken.map(({ input }) => input),
        )
      : new Map<string, Known[]>();
    let merged = 0;
    for (const { input, kept, sha256 } of taken) {
      const same = isMatched ? findSame(known, input) : undefined;
      if (same && row.duplicates !== 'add') {
        const wasChanged = same.isChanged;
        if (takeInto(same, { input, kept, photo: sha256 }, row.duplicates) === 'skipped') skipped += 1;
        else {
          merged += 1;
          if (!wasChanged && !same.isNew) changed.push(same);
        }
        continue;
      }
      const card: Known = {
        id: needs.nextId(),
        isNew: true,
        input,
        kept,
        photo: sha256,
        hasPhoto: false,
        isChanged: false,
      };
      fresh.push(card);
      if (isMatched) remember(known, nearKeyOf(nameOf(input)), card);
    }
    // Companies first: the people who work there find them.
    const companies = fresh.filter(({ input }) => input.kind === 'company');
    const people = fresh.filter(({ input }) => input.kind === 'person');
    for (const some of [companies, people]) await insertContacts(tx, how, some.map(toWritten));
    // In the order of their ids, as everybody locks them.
    const inOrder = changed.toSorted((one, other) => (one.id < other.id ? -1 : 1));
    for (const card of inOrder) await updateContact(tx, how, toWritten(card));
    // What came with an earlier batch and was completed by this one is still this import's alone.
    await tx.query(
      'update contacts.contact set imported_version = version where id = any($1::uuid[]) and import_id = $2 and imported_version = version - 1',
      [inOrder.map(({ id }) => id), importId],
    );
    tellChanged(
      tx,
      needs,
      book,
      [...fresh, ...inOrder].map(({ id }) => id),
    );
    await note(tx, needs, row, {
      state: isLast ? 'done' : 'running',
      done: cards.length,
      added: fresh.length,
      skipped,
      merged,
      faults,
    });
    return true;
  });
}

const toWritten = ({ id, input, kept, photo }: Known) => ({
  id,
  input,
  kept,
  ...(photo === undefined ? {} : { photo }),
});

/** Makes a photo small as any other; one that is none is left out with a remark. */
async function storePhoto(
  core: Core,
  { photo, line }: TakenCard,
  faults: ImportFault[],
): Promise<string | null> {
  if (photo === null) return null;
  try {
    const picture = await drawPortrait(photo);
    return (await core.blobs.put([picture], { maxBytes: picture.length })).sha256;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    faults.push({ line, code: 'photo', detail: 'it is no picture that can be shown' });
    return null;
  }
}

/** Writes how far an import is, and tells its owner's pages. */
async function note(
  tx: Tx,
  needs: Needs,
  row: ImportRecord,
  more: {
    state: ImportState;
    done?: number;
    added?: number;
    skipped?: number;
    merged?: number;
    faults?: readonly ImportFault[];
  },
): Promise<void> {
  const { state, done = 0, added = 0, skipped = 0, merged = 0, faults = [] } = more;
  const shown = [...row.faults, ...faults].slice(0, shownFaults);
  await tx.query(
    `update contacts.import set state = $2, done = done + $3, added = added + $4, skipped = skipped + $5, merged = merged + $6,
       fault_count = fault_count + $7, faults = $8::jsonb, file_sha256 = case when $2 = 'done' then null else file_sha256 end
     where id = $1`,
    [row.id, state, done, added, skipped, merged, faults.length, JSON.stringify(shown)],
  );
  await tellProgress(tx, needs, row, row.done + done, state !== 'running');
}

export async function tellProgress(
  tx: Tx,
  { emit }: Pick<Needs, 'emit'>,
  row: Pick<ImportRecord, 'id' | 'person_id' | 'total'>,
  done: number,
  finished: boolean,
): Promise<void> {
  const personalSpaceId = await personalSpaceOf(tx, row.person_id);
  if (personalSpaceId === null) return;
  emit(tx, importProgressed, { personalSpaceId, importId: row.id, done, total: row.total, finished });
}
