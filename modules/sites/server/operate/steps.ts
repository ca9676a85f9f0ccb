import { z } from 'zod';

const name = z.string().min(1).max(120);
const base = {
  /** Unlike every other of its operation; what was done is noted under it. */
  id: z.string().min(1).max(200),
  /** For the operator: what it does, as an imperative. */
  text: z.string().max(500),
};
/** As the description was before the operation, or as it is to be. */
const which = z.enum(['before', 'wanted']);

/** Which backup is restored, and until when its log is played: without a time to its end, or not at all. */
const backup = z.strictObject({
  id: z.string().min(1).max(200),
  /** Of its log, below the place of backups, and from which position. */
  log: z.strictObject({ folder: z.string().max(200), from: z.string().regex(/^[0-9a-f]{16}$/) }).optional(),
  until: z.iso.datetime().optional(),
});
export type StepBackup = z.output<typeof backup>;

/**
 * One thing that an operation does. Each is safe to do again: a program that was killed does not know whether its last one was
 * done.
 */
export const stepSchema = z.discriminatedUnion('kind', [
  /** Writes what is rendered. */
  z.strictObject({ ...base, kind: z.literal('files'), as: which }),
  /** Writes `state.json`. */
  z.strictObject({ ...base, kind: z.literal('state'), as: which }),
  /** Gives services to the swarm as described, and waits until they run so. */
  z.strictObject({ ...base, kind: z.literal('deploy'), as: which, services: z.array(name).min(1) }),
  /** Ends services that nothing describes any more. */
  z.strictObject({ ...base, kind: z.literal('end'), services: z.array(name).min(1) }),
  z.strictObject({
    ...base,
    kind: z.literal('labels'),
    node: name,
    add: z.array(name),
    remove: z.array(name),
  }),
  /** Whether a node is given tasks; a drained one is waited for until it has none. */
  z.strictObject({ ...base, kind: z.literal('availability'), node: name, to: z.enum(['active', 'drain']) }),
  /** Makes a machine a node, drained. */
  z.strictObject({ ...base, kind: z.literal('join'), node: name, manager: z.boolean() }),
  z.strictObject({ ...base, kind: z.literal('role'), node: name, to: z.enum(['manager', 'worker']) }),
  z.strictObject({ ...base, kind: z.literal('leave'), node: name }),
  /** Has the doctor look at what runs. */
  z.strictObject({ ...base, kind: z.literal('doctor'), without: z.array(name).max(20) }),
  /** Has PostgreSQL write down what it has in memory, so that ending it takes a moment. */
  z.strictObject({ ...base, kind: z.literal('checkpoint'), primary: name, standby: name }),
  /** Ends the primary of PostgreSQL on its node. */
  z.strictObject({ ...base, kind: z.literal('fence'), node: name, epoch: z.int().min(1) }),
  /** Makes the standby's data a primary's. */
  z.strictObject({ ...base, kind: z.literal('promote'), node: name, epoch: z.int().min(1) }),
  /** Makes room beside the database of a node for one that is restored; ends what an earlier restore left of itself. */
  z.strictObject({ ...base, kind: z.literal('restore-begin'), node: name, over: z.boolean() }),
  /** Puts the master key of a backup among the secrets, where there is none. */
  z.strictObject({ ...base, kind: z.literal('restore-keys'), from: name, backup }),
  /** Brings a backup, still encrypted, to the node of the database. */
  z.strictObject({ ...base, kind: z.literal('restore-fetch'), from: name, node: name, backup }),
  /** Opens it beside where the database lies. */
  z.strictObject({ ...base, kind: z.literal('restore-database'), node: name, fetched: z.boolean(), backup }),
  /** Has PostgreSQL play its log, and puts it where the database lies. */
  z.strictObject({ ...base, kind: z.literal('restore-play'), node: name, epoch: z.int().min(1), backup }),
  z.strictObject({ ...base, kind: z.literal('restore-blobs'), from: name, backup }),
  /** Removes what was brought there for it. */
  z.strictObject({ ...base, kind: z.literal('restore-end'), node: name }),
  /** Removes what a node has of the database. */
  z.strictObject({ ...base, kind: z.literal('wipe'), node: name }),
]);
export type Step = z.output<typeof stepSchema>;
export type StepKind = Step['kind'];

/** Whether doing the steps before it again undoes it; what is moved or ended is not brought back by deploying. */
export const canReturn = ({ kind }: Step): boolean =>
  ['files', 'state', 'deploy', 'labels', 'doctor'].includes(kind);

/**
 * What brings a site back after an operation that failed: the files, everything that was deployed, and the state, as they were.
 *
 * @param begun the steps that were done, and the one that failed
 */
export function returningSteps(begun: readonly Step[], had: ReadonlySet<string>): Step[] {
  const touched = [...new Set(begun.flatMap((step) => (step.kind === 'deploy' ? step.services : [])))];
  const existed = touched.filter((service) => had.has(service));
  const fresh = touched.filter((service) => !had.has(service));
  const steps: Step[] = [];
  if (begun.some(({ kind }) => kind === 'files'))
    steps.push({ kind: 'files', id: 'return-files', as: 'before', text: 'Write the files as they were' });
  if (existed.length > 0) {
    steps.push({
      kind: 'deploy',
      id: 'return-services',
      as: 'before',
      services: existed,
      text: `Deploy ${existed.join(', ')} as before`,
    });
  }
  if (fresh.length > 0) {
    steps.push({
      kind: 'end',
      id: 'return-new',
      services: fresh,
      text: `End ${fresh.join(', ')}, which was not there before`,
    });
  }
  if (begun.some(({ kind }) => kind === 'state'))
    steps.push({ kind: 'state', id: 'return-state', as: 'before', text: 'Note the state as it was' });
  return steps;
}
