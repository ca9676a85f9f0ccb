import type { z } from 'zod';
import { type Deployment, type DeploymentInput, deploymentSchema } from './deployment.ts';
import { contradictions } from './rules.ts';

/** What is wrong with a description, where, and what mends it. */
export interface DescriptionError {
  /** Path of the field: `sites[0].postgres.standby`. */
  readonly field: string;
  readonly what: string;
  /** An imperative. */
  readonly mend: string;
}

export type DefinedDeployment =
  | { readonly ok: true; readonly deployment: Deployment }
  | { readonly ok: false; readonly errors: readonly DescriptionError[] };

/** Checks a description: the forms of its fields first, and how they go together once these are right. */
export function defineDeployment(input: DeploymentInput): DefinedDeployment {
  const parsed = deploymentSchema.safeParse(input);
  if (!parsed.success) {
    return { ok: false, errors: parsed.error.issues.flatMap((issue) => errorsOf(issue, input)) };
  }
  const errors = contradictions(parsed.data);
  return errors.length > 0 ? { ok: false, errors } : { ok: true, deployment: parsed.data };
}

/** One line: `sites[0].nats.servers · 2 servers … · write 1 or 3`. */
export const errorLine = ({ field, what, mend }: DescriptionError): string => `${field} · ${what} · ${mend}`;

export function fieldPath(path: readonly PropertyKey[]): string {
  const joined = path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`))
    .join('')
    .replace(/^\./, '');
  return joined === '' ? 'the deployment' : joined;
}

function errorsOf(issue: z.core.$ZodIssue, input: unknown): DescriptionError[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      field: fieldPath([...issue.path, key]),
      what: 'there is no such field',
      mend: 'remove it, or look for its right name in modules/sites/contract/deployment.ts',
    }));
  }
  if (issue.code === 'invalid_union') {
    // Of several ways to write something, the one that came furthest tells most.
    const branches = issue.errors.map((branch) =>
      branch.flatMap((inner) => errorsOf({ ...inner, path: [...issue.path, ...inner.path] }, input)),
    );
    const nearest = branches
      .filter((branch) => branch.length > 0)
      .toSorted((a, b) => (b[0]?.field.length ?? 0) - (a[0]?.field.length ?? 0))[0];
    if (nearest !== undefined) return nearest;
  }
  return [{ field: fieldPath(issue.path), what: whatOf(issue.path, input), mend: issue.message }];
}

function whatOf(path: readonly PropertyKey[], input: unknown): string {
  const value = path.reduce<unknown>(
    (at, step) =>
      typeof at === 'object' && at !== null ? (at as Record<PropertyKey, unknown>)[step] : undefined,
    input,
  );
  if (value === undefined) return 'it is missing';
  if (typeof value === 'object') return 'it has another form';
  // It may be a secret that was written where only its name belongs.
  const looksSecret =
    path.some((step) => /password|secret|key/i.test(String(step))) || /:\/\/[^/]*:[^/]*@/.test(String(value));
  if (looksSecret) return 'a secret may stand here in plain text';
  return `${JSON.stringify(value).slice(0, 80)} cannot be used`;
}
