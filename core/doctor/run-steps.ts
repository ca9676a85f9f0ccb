import { StartError } from '../config/index.ts';
import { type Examined, type Finding, failed, reasonOf, type Said, type Step } from './finding.ts';

/**
 * Looks at everything, in order, and says each thing once it is known. Steps of `together` run at the same time, because they
 * wait for different things; what they say still comes in order.
 */
export async function runSteps(options: {
  readonly steps: readonly Step[];
  readonly examined: Examined;
  found(finding: Finding): void;
}): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const running of options.steps.map((step) => runStep(step, options.examined))) {
    for (const finding of await running) {
      findings.push(finding);
      options.found(finding);
    }
  }
  return findings;
}

/** Never rejects: what fails in a step is a finding too. */
export async function runStep(step: Step, examined: Examined): Promise<Finding[]> {
  const began = performance.now();
  const late = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<readonly Said[]>((resolve) => {
    timer = setTimeout(() => {
      late.abort();
      resolve([
        failed(
          `no answer within ${Math.round(step.limitMs / 1000)} s`,
          'look whether what it asks hangs: the machine, its network, or the program behind it',
        ),
      ]);
    }, step.limitMs);
  });
  const looking = Promise.resolve()
    .then(() => step.look(examined, late.signal))
    .catch((error: unknown): readonly Said[] => [saidOf(error)]);
  const said = await Promise.race([looking, tooLong]);
  clearTimeout(timer);
  const ms = Math.round(performance.now() - began);
  return said.map((each) => ({ ...each, step: each.step ?? step.name, ms }));
}

const saidOf = (error: unknown): Said =>
  error instanceof StartError
    ? failed(error.setting ? `${error.what} (${error.setting})` : error.what, error.mend)
    : failed(`it could not be looked at: ${reasonOf(error)}`, 'look into the log of the server');
