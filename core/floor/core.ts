import type { Audit } from '../audit/index.ts';
import type { Blobs } from '../blobs/index.ts';
import type { Bus } from '../bus/index.ts';
import type { Settings } from '../config/index.ts';
import type { Db } from '../db/index.ts';
import type { Http } from '../http/index.ts';
import type { Ids } from '../ids/index.ts';
import type { Jobs } from '../jobs/index.ts';
import type { Live } from '../live/index.ts';
import type { Log } from '../log/index.ts';
import type { Metrics } from '../metrics/index.ts';
import type { Names } from '../names/index.ts';
import type { Outbox } from '../outbox/index.ts';
import type { Owned } from '../owned/index.ts';
import type { Secrets } from '../secrets/index.ts';
import type { Spaces } from '../spaces/index.ts';

/** The floor that every module stands on, handed to each as `createX({ core, … })`. */
export interface Core {
  readonly settings: Settings;
  readonly log: Log;
  readonly ids: Ids;
  readonly secrets: Secrets;
  readonly db: Db;
  readonly bus: Bus;
  readonly outbox: Outbox;
  readonly spaces: Spaces;
  readonly names: Names;
  readonly owned: Owned;
  readonly jobs: Jobs;
  readonly blobs: Blobs;
  readonly audit: Audit;
  readonly http: Http;
  readonly live: Live;
  readonly metrics: Metrics;
}

/** Something that runs until it is stopped; `duties.ts` says in which processes. */
export interface Service {
  readonly name: string;
  start(): Promise<void>;
  stop(): Promise<void>;
}
