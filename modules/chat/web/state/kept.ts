import { ownRows } from './storage.ts';

/** What was seen last, so that a page without the line can show it. */
export interface Kept {
  /** Asks; keeps the answer. Where that failed as `standsIn` says, the last answer stands in, and `onOld` is told. */
  or<Answer>(
    name: string,
    ask: () => Promise<Answer>,
    standsIn: (error: unknown) => boolean,
    onOld?: () => void,
  ): Promise<Answer>;
  /** Forgets everything of this person on this device. */
  clear(): Promise<void>;
}

/** Answers of one person; beyond them the oldest go. */
const maxAnswers = 60;
/** The oldest are looked for after so many were kept, not after each. */
const pruneEvery = 20;

interface Answered {
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly answer: unknown;
}

export function createKept(personId: string): Kept {
  const answers = ownRows<Answered>('answers', personId);
  let sincePruned = pruneEvery;
  async function keep(name: string, answer: unknown): Promise<void> {
    await answers.put({ name, at: Date.now(), answer });
    sincePruned += 1;
    if (sincePruned < pruneEvery) return;
    sincePruned = 0;
    const rows = [...(await answers.all())].sort((a, b) => b.at - a.at);
    if (rows.length > maxAnswers) await answers.remove(...rows.slice(maxAnswers).map((row) => row.name));
  }
  return {
    async or<Answer>(
      name: string,
      ask: () => Promise<Answer>,
      standsIn: (error: unknown) => boolean,
      onOld?: () => void,
    ) {
      try {
        const answer = await ask();
        // Not waited for: keeping is a favour, and storage may be full or forbidden.
        void keep(name, answer).catch(() => {});
        return answer;
      } catch (error) {
        if (!standsIn(error)) throw error;
        const held = await answers.get(name).catch(() => undefined);
        if (held === undefined) throw error;
        onOld?.();
        return held.answer as Answer;
      }
    },
    clear: () => answers.clear().catch(() => {}),
  };
}
