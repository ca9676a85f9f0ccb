import { join } from 'node:path';
import { findRunningPostgres } from '@liaison/core/postgres';
import pg from 'pg';
import {
  extensionOf,
  type SeededInstallation,
  scratchFolder,
  seedInstallation,
} from '../measure/installation.ts';
import type { BenchOptions } from '../measure/report.ts';
import { freePort, type RunningServer, startServer } from '../measure/server.ts';
import { startRegisterGenerator } from './register-process.ts';
import { type Caller, type Sipp, startSipp } from './sipp.ts';

/** A server, telephones that are registered with it, and both ends of calls between them. */
export interface CallStage {
  readonly folder: string;
  readonly dataFolder: string;
  /** Everybody, those first who were asked for besides. */
  readonly seeded: SeededInstallation;
  readonly server: RunningServer;
  readonly sipPort: number;
  readonly sipp: Sipp;
  readonly callers: readonly Caller[];
  readonly domain: string;
  /** Registers everybody who can be called again, which holds for 600 s. */
  register(): Promise<void>;
  end(): Promise<void>;
}

/** As an installation has them: of ports that the system gives, every second one has no free neighbour, and its pair is tried in vain. */
const rtpPorts = '20000-27999';

/** So many calls can stand at a time as there are pairs: each has two people of its own. */
export async function openCallStage(
  name: string,
  options: {
    pairs: number;
    /** People besides, and how many of them have a second telephone: the last ones of `seeded.telephones`. */
    besides?: { people: number; withSecond: number };
    nodeArguments?: readonly string[];
  } & Pick<BenchOptions, 'say' | 'profileFolder'>,
): Promise<CallStage> {
  const { pairs, say, profileFolder, nodeArguments = [], besides = { people: 0, withSecond: 0 } } = options;
  const { folder, remove } = await scratchFolder(name);
  const ends: (() => Promise<void>)[] = [remove];
  const end = async () => {
    for (const each of ends.splice(0).reverse()) await each();
  };
  try {
    const dataFolder = join(folder, 'data');
    const seeded = await seedInstallation(dataFolder, {
      people: besides.people + 2 * pairs,
      telephones: besides.people + 2 * pairs + besides.withSecond,
      extensions: true,
    });
    say(`${pairs} callers and ${pairs} called`);
    const sipPort = await freePort();
    const profile = profileFolder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`];
    const server = await startServer({
      dataFolder,
      sipPort,
      nodeArguments: [...profile, ...nodeArguments],
      environment: { LIAISON_RTP_PORTS: rtpPorts },
    });
    ends.push(() => server.stop());
    const calledPort = await freePort();
    const called = besides.people + pairs;
    const register = () =>
      registerAll(seeded.domain, seeded.telephones.slice(called, called + pairs), sipPort, calledPort);
    await register();
    await gatherStatistics(dataFolder);
    const callers = seeded.telephones
      .slice(besides.people, called)
      .map((telephone, at) => ({ ...telephone, dials: extensionOf(called + at) }));
    const sipp = await startSipp(folder, calledPort, seeded.domain, callers);
    ends.push(() => sipp.end());
    return {
      folder,
      dataFolder,
      seeded,
      server,
      sipPort,
      sipp,
      callers,
      domain: seeded.domain,
      register,
      end,
    };
  } catch (error) {
    await end();
    throw error;
  }
}

/**
 * What autovacuum does within a minute or two: PostgreSQL knows how large the tables are. Until then it guesses, and reads all that an
 * organisation has where it should look up a few.
 */
async function gatherStatistics(dataFolder: string): Promise<void> {
  const found = await findRunningPostgres(dataFolder);
  if (!found) throw new Error('the database does not run');
  const client = new pg.Client({ connectionString: found.url });
  await client.connect();
  try {
    await client.query('analyze');
  } finally {
    await client.end();
  }
}

async function registerAll(
  domain: string,
  accounts: SeededInstallation['telephones'],
  sipPort: number,
  calledPort: number,
): Promise<void> {
  const telephones = await startRegisterGenerator(domain, accounts, calledPort);
  // Whoever is refused the first time comes again, as a telephone would.
  let registered = 0;
  for (let tries = 0; tries < 5 && registered < accounts.length; tries++)
    registered = (await telephones.all(sipPort, tries === 0 ? 16 : 4)).done;
  await telephones.end();
  if (registered < accounts.length) throw new Error(`${registered} of ${accounts.length} could register`);
}
