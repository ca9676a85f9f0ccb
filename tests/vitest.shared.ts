import { BaseSequencer, type TestSequencerConstructor, type TestSpecification } from 'vitest/node';

/** Of every run of tests. */
export const everyRun = {
  pool: 'forks',
  // Vitest's own second is soon over on a busy machine. What must be quick says so at its place.
  expect: { poll: { timeout: 10_000 } },
} as const;

/** Files that end with one of `names` begin first, in this order: what takes longest must not go on alone at the end. */
export function longestFirst(...names: string[]): TestSequencerConstructor {
  const placeOf = ({ moduleId }: TestSpecification): number => {
    const at = names.findIndex((name) => moduleId.endsWith(name));
    return at < 0 ? names.length : at;
  };
  return class extends BaseSequencer {
    override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
      return (await super.sort(files)).toSorted((one, other) => placeOf(one) - placeOf(other));
    }
  };
}
