import { Problem } from '../contract/index.ts';
import { defaultAttempts, type JobContext, type JobDefinition } from './jobs.ts';

/**
 * Does what a job is for, where somebody waits to hear what became of it: told are a refusal, which no further try would change, and
 * the last try. A refusal ends the job; what failed is thrown on, so that it is tried again or left for an administrator.
 */
export async function tellFailure(
  { maxAttempts = defaultAttempts }: Pick<JobDefinition, 'maxAttempts'>,
  { attempt }: Pick<JobContext, 'attempt'>,
  { work, tell }: { work(): Promise<void>; tell(): Promise<void> },
): Promise<void> {
  try {
    await work();
  } catch (error) {
    const isRefused = error instanceof Problem && error.status < 500;
    if (isRefused || attempt >= maxAttempts) await tell();
    if (!isRefused) throw error;
  }
}
