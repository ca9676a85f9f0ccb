import { createAudit } from '../audit/index.ts';
import type { Blobs } from '../blobs/index.ts';
import type { Bus } from '../bus/index.ts';
import type { Settings } from '../config/index.ts';
import type { Db, LoginRole, RolePassword } from '../db/index.ts';
import { createHttp } from '../http/index.ts';
import { createIds } from '../ids/index.ts';
import { createJobs } from '../jobs/index.ts';
import { createLive } from '../live/index.ts';
import type { Log } from '../log/index.ts';
import { createMetrics, registerFloorGauges, serveMetrics } from '../metrics/index.ts';
import { createNames } from '../names/index.ts';
import { createOutbox } from '../outbox/index.ts';
import { createOwned } from '../owned/index.ts';
import type { Secrets } from '../secrets/index.ts';
import { createSpaces } from '../spaces/index.ts';
import type { Core } from './core.ts';

export interface CoreOptions {
  settings: Settings;
  log: Log;
  secrets: Secrets;
  /** Made by the program; whoever made it closes it. */
  db: Db;
  bus: Bus;
  blobs: Blobs;
  /** Names the build to open pages. */
  build: string;
}

/** Passwords of the database's roles: the same in every process that has the master key. */
export const rolePassword =
  (secrets: Pick<Secrets, 'derive'>): RolePassword =>
  (role: LoginRole) =>
    secrets.derive(`database-role:${role}`).toString('hex');

/** What a database's roles remember of the master key that set their passwords, for each key, the newest first. */
export const keyMarks = (secrets: Pick<Secrets, 'deriveAll'>): string[] =>
  secrets.deriveAll('database-role-mark').map((bytes) => bytes.toString('hex').slice(0, 16));

/** Puts the floor together. Nothing runs or connects yet; `duties.ts` starts what its process is for. */
export function createCore(options: CoreOptions): Core {
  const { settings, log, secrets, db, bus, blobs } = options;
  const ids = createIds({ site: settings.site.number });
  const nextId = () => ids.next();
  const outbox = createOutbox({ db, bus, nextId, log: log.child({ part: 'outbox' }) });
  const metrics = createMetrics();
  const http = createHttp({
    log: log.child({ part: 'http' }),
    ...(settings.publicUrl === undefined ? {} : { publicUrl: settings.publicUrl }),
    trustedProxies: settings.trustedProxies ?? [],
    advertised: settings.advertise[0],
    requestId: nextId,
    answered: metrics.answered,
  });
  http.readiness('database', () =>
    // Nobody who asks here needs to know where the database is; the log says why.
    db.ping().then(
      () => null,
      (error: Error) => {
        log.warn({ err: error }, 'the database does not answer');
        return 'it does not answer';
      },
    ),
  );
  const owned = createOwned({ db, bus, log: log.child({ part: 'owned' }), ids, duties: settings.duties });
  http.readiness('clock', async () => owned.clockFault, { remark: true });
  const live = createLive({
    db,
    bus,
    http,
    log: log.child({ part: 'live' }),
    nextId,
    build: options.build,
  });
  registerFloorGauges(metrics, { live, outbox, db });
  serveMetrics(http, metrics, settings.metricsFrom ?? []);
  return {
    settings,
    log,
    ids,
    secrets,
    db,
    bus,
    outbox,
    spaces: createSpaces({ emit: outbox.emit, nextId, site: settings.site.number }),
    names: createNames({ site: settings.site.number }),
    owned,
    jobs: createJobs({ db, log: log.child({ part: 'jobs' }) }),
    blobs,
    audit: createAudit({ nextId }),
    http,
    live,
    metrics,
  };
}
