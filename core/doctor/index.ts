import { blobsStep } from './blobs.ts';
import { busStep } from './bus.ts';
import { certificatesStep } from './certificates.ts';
import { clockStep } from './clock.ts';
import { databaseStep } from './database.ts';
import { diskStep } from './disk.ts';
import type { Step } from './finding.ts';
import { messageStep } from './message.ts';
import { namesStep } from './names.ts';
import { serverStep } from './server.ts';

export {
  type Examined,
  type Finding,
  failed,
  good,
  type Outcome,
  reasonOf,
  type Said,
  type Step,
  warning,
} from './finding.ts';
export { lastMigration } from './last-migration.ts';
export { serveDoctor } from './message.ts';
export { runStep, runSteps } from './run-steps.ts';

/** What a doctor looks at of the floor, from the outside to the inside. */
export const floorSteps: readonly Step[] = [
  serverStep,
  namesStep(),
  certificatesStep,
  clockStep,
  diskStep,
  databaseStep,
  busStep,
  blobsStep,
  messageStep,
];
