/** Bounds of one thing's remembered answers: enough for every resend within a deadline, small for thousands of things. */
const maxAnswers = 256;
const maxCharacters = 1 << 20;

/**
 * The answers that an owner gave, by idempotency key, so that a repeated command is carried out once. The oldest are
 * forgotten beyond the bounds. What is still being worked on is never forgotten.
 */
export function createAnswers() {
  const answers = new Map<string, { answer: Promise<string>; length: number }>();
  let characters = 0;
  const forget = () => {
    for (const [key, { length }] of answers) {
      if (answers.size <= maxAnswers && characters <= maxCharacters) return;
      if (length < 0) continue;
      answers.delete(key);
      characters -= length;
    }
  };
  return {
    /** `work` must not reject. */
    once(key: string, work: () => Promise<string>): Promise<string> {
      const known = answers.get(key);
      if (known) return known.answer;
      const entry = { answer: work(), length: -1 };
      answers.set(key, entry);
      void entry.answer.then((text) => {
        entry.length = text.length;
        characters += text.length;
        forget();
      });
      return entry.answer;
    },
  };
}

export type Answers = ReturnType<typeof createAnswers>;
